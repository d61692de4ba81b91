namespace ClusterActors.Linux.Net.Bpf;

/// <summary>
/// Puts eBPF instructions together (kernel documentation: bpf/standardization/instruction-set). Jumps go to named labels further down; the
/// kernel's verifier checks the rest. Registers: 0 result, 1 to 5 arguments, 6 to 9 kept over calls, 10 frame.
/// </summary>
internal sealed class BpfAssembler
{
    private const byte Frame = 10;
    private const byte MapDescriptor = 1;
    private const byte MapValue = 2;

    private readonly List<ulong> _code = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<(int At, string Label)> _jumps = [];

    public BpfAssembler Move(byte to, int value) => Emit(0xB7, to, 0, 0, value);

    public BpfAssembler Copy(byte to, byte from) => Emit(0xBF, to, from, 0, 0);

    public BpfAssembler Add(byte to, int value) => Emit(0x07, to, 0, 0, value);

    public BpfAssembler Load8(byte to, byte from, short offset) => Emit(0x71, to, from, offset, 0);

    public BpfAssembler Load16(byte to, byte from, short offset) => Emit(0x69, to, from, offset, 0);

    public BpfAssembler Load32(byte to, byte from, short offset) => Emit(0x61, to, from, offset, 0);

    public BpfAssembler Load64(byte to, byte from, short offset) => Emit(0x79, to, from, offset, 0);

    public BpfAssembler FrameAddress(byte to, short offset) => Copy(to, Frame).Add(to, offset);

    public BpfAssembler LoadFrame8(byte to, short offset) => Load8(to, Frame, offset);

    public BpfAssembler LoadFrame16(byte to, short offset) => Load16(to, Frame, offset);

    public BpfAssembler Map(byte to, int mapFd) => Wide(to, MapDescriptor, mapFd);

    /// <summary>The address of the first value of an array map.</summary>
    public BpfAssembler ValueOf(byte to, int mapFd) => Wide(to, MapValue, mapFd);

    public BpfAssembler Call(int helper) => Emit(0x85, 0, 0, 0, helper);

    public BpfAssembler Exit() => Emit(0x95, 0, 0, 0, 0);

    public BpfAssembler Jump(string label) => JumpTo(label, 0x05, 0, 0, 0);

    public BpfAssembler JumpIfEqual(byte register, int value, string label) => JumpTo(label, 0x15, register, 0, value);

    public BpfAssembler JumpIfNot(byte register, int value, string label) => JumpTo(label, 0x55, register, 0, value);

    /// <summary>Unsigned comparison.</summary>
    public BpfAssembler JumpIfAtLeast(byte register, byte other, string label) => JumpTo(label, 0x3D, register, other, 0);

    public BpfAssembler Label(string name)
    {
        _labels.Add(name, _code.Count);
        return this;
    }

    /// <summary>A label name of its own for code that is laid out several times.</summary>
    public string NewLabel() => $"at {_code.Count}";

    public ulong[] ToProgram()
    {
        var program = _code.ToArray();
        foreach (var (at, label) in _jumps)
        {
            var distance = (short)(_labels[label] - at - 1);
            program[at] |= (ulong)(ushort)distance << 16;
        }
        return program;
    }

    private BpfAssembler JumpTo(string label, byte operation, byte register, byte other, int value)
    {
        _jumps.Add((_code.Count, label));
        return Emit(operation, register, other, 0, value);
    }

    private BpfAssembler Wide(byte to, byte kind, int fd) => Emit(0x18, to, kind, 0, fd).Emit(0, 0, 0, 0, 0);

    private BpfAssembler Emit(byte operation, byte to, byte from, short offset, int value)
    {
        _code.Add(operation | ((ulong)(to | (from << 4)) << 8) | ((ulong)(ushort)offset << 16) | ((ulong)(uint)value << 32));
        return this;
    }
}
