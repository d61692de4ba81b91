using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace ClusterActors.Model.Guardian;

/// <summary>Reads what <see cref="FrameWriter"/> wrote. A short or impossible value throws <see cref="GuardianFormatException"/>.</summary>
public ref struct FrameReader(ReadOnlySpan<byte> buffer)
{
    private readonly ReadOnlySpan<byte> _buffer = buffer;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes not read yet. A newer sender may leave some; an older reader ignores them.</summary>
    public readonly int Remaining => _buffer.Length - Position;

    public byte Byte() => Take(1)[0];

    public bool Bool() => Byte() != 0;

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public TimeSpan Duration() => TimeSpan.FromTicks(Int64() / 100);

    public Guid Guid() => new(Take(16));

    public Term Term() => new(UInt64(), Byte());

    public Incarnation Incarnation() => new(UInt64(), UInt32());

    public string Text() => Encoding.UTF8.GetString(Take(UInt16()));

    public byte[] Bytes() => Take(Int32()).ToArray();

    public IPAddress? Address()
    {
        byte size = Byte();
        return size switch
        {
            0 => null,
            4 or 16 => new IPAddress(Take(size)),
            _ => throw new GuardianFormatException($"address of {size} bytes at byte {Position}; 4 or 16 are allowed"),
        };
    }

    public string[] Texts()
    {
        var values = new string[UInt16()];
        for (int i = 0; i < values.Length; i++)
            values[i] = Text();
        return values;
    }

    private ReadOnlySpan<byte> Take(int size)
    {
        if (size < 0 || size > Remaining)
            throw new GuardianFormatException($"needs {size} bytes at byte {Position}, {Remaining} are left: truncated or damaged");
        ReadOnlySpan<byte> slice = _buffer.Slice(Position, size);
        Position += size;
        return slice;
    }
}
