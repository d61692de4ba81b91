using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace ClusterActors.Linux.Net;

/// <summary>
/// Lays out netlink messages (one or many, as in an nf_tables batch) in one fixed buffer. A finished buffer can be sent again after
/// patching values in place, which is how a lease is renewed without allocating.
/// </summary>
internal sealed class NetlinkWriter
{
    public const ushort FlagRequest = 0x1;
    public const ushort FlagAck = 0x4;
    public const ushort FlagDump = 0x300;
    public const ushort FlagReplace = 0x100;
    public const ushort FlagExclusive = 0x200;
    public const ushort FlagCreate = 0x400;
    public const ushort FlagAppend = 0x800;
    private const ushort NestedBit = 0x8000;

    private readonly byte[] _buffer;
    private int _messageStart = -1;

    public NetlinkWriter(int capacityBytes = 4096) => _buffer = new byte[capacityBytes];

    public int Length { get; private set; }

    public int MessageCount { get; private set; }

    public Span<byte> Written => _buffer.AsSpan(0, Length);

    public byte[] Buffer => _buffer;

    public void Clear()
    {
        Length = 0;
        MessageCount = 0;
        _messageStart = -1;
    }

    /// <summary>Starts a message; returns the offset of its header (the sequence number stands 8 bytes behind it).</summary>
    public int Begin(ushort type, ushort flags)
    {
        _messageStart = Length;
        var header = Reserve(16);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)(flags | FlagRequest));
        MessageCount++;
        return _messageStart;
    }

    public void End() => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_messageStart), Length - _messageStart);

    public Span<byte> Reserve(int bytes)
    {
        var aligned = (bytes + 3) & ~3;
        if (Length + aligned > _buffer.Length)
            throw new InvalidOperationException($"netlink message: {Length + aligned} bytes, the buffer holds {_buffer.Length}");
        var span = _buffer.AsSpan(Length, aligned);
        span.Clear();
        Length += aligned;
        return span[..bytes];
    }

    /// <summary>Returns the offset of the value, for later patching.</summary>
    public int Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        var start = Length;
        var space = Reserve(4 + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(space, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(space[2..], type);
        value.CopyTo(space[4..]);
        return start + 4;
    }

    public void AttributeText(ushort type, string value)
    {
        Span<byte> bytes = stackalloc byte[256];
        var length = Encoding.UTF8.GetBytes(value, bytes);
        bytes[length] = 0;
        Attribute(type, bytes[..(length + 1)]);
    }

    public void AttributeByte(ushort type, byte value) => Attribute(type, [value]);

    public void AttributeU32(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Attribute(type, bytes);
    }

    /// <summary>nf_tables carries numbers in network order.</summary>
    public void AttributeU32Big(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Attribute(type, bytes);
    }

    public int AttributeU64Big(ushort type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return Attribute(type, bytes);
    }

    public void AttributeAddress(ushort type, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        Attribute(type, bytes[..length]);
    }

    public int BeginNested(ushort type)
    {
        var start = Length;
        var space = Reserve(4);
        BinaryPrimitives.WriteUInt16LittleEndian(space[2..], (ushort)(type | NestedBit));
        return start;
    }

    public void EndNested(int start) => BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(start), (ushort)(Length - start));
}
