using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace ClusterActors.Model.Guardian;

/// <summary>Writes little-endian values into a span. Never writes past its end: throws <see cref="GuardianFormatException"/>.</summary>
public ref struct FrameWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Position { get; private set; }

    public void Byte(byte value) => Take(1)[0] = value;

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    /// <summary>As nanoseconds, 8 bytes.</summary>
    public void Duration(TimeSpan value) => Int64(checked(value.Ticks * 100));

    public void Guid(Guid value) => value.TryWriteBytes(Take(16));

    public void Term(Term value)
    {
        UInt64(value.Number);
        Byte(checked((byte)value.ServerIndex));
    }

    public void Incarnation(Incarnation value)
    {
        UInt64(value.BootId);
        UInt32(value.StartCounter);
    }

    /// <summary>UTF-8 with a two-byte length.</summary>
    public void Text(string value)
    {
        int size = Encoding.UTF8.GetByteCount(value);
        if (size > ushort.MaxValue)
            throw new GuardianFormatException($"text of {size} bytes; at most {ushort.MaxValue} fit a frame: shorten it");
        UInt16((ushort)size);
        Encoding.UTF8.GetBytes(value, Take(size));
    }

    /// <summary>Bytes with a four-byte length.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int32(value.Length);
        value.CopyTo(Take(value.Length));
    }

    /// <summary>Address bytes with a one-byte length (0, 4 or 16).</summary>
    public void Address(IPAddress? value)
    {
        if (value is null)
        {
            Byte(0);
            return;
        }

        int size = value.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 4 : 16;
        Byte((byte)size);
        value.TryWriteBytes(Take(size), out _);
    }

    /// <summary>A two-byte count, then each text.</summary>
    public void Texts(IReadOnlyList<string> values)
    {
        Count(values.Count);
        foreach (string value in values)
            Text(value);
    }

    /// <summary>A two-byte number of items.</summary>
    public void Count(int count)
    {
        if (count > ushort.MaxValue)
            throw new GuardianFormatException($"list of {count} items; at most {ushort.MaxValue} fit a frame: shorten it");
        UInt16((ushort)count);
    }

    private Span<byte> Take(int size)
    {
        if (size > _buffer.Length - Position)
        {
            throw new GuardianFormatException(
                $"frame is longer than {_buffer.Length} bytes, the largest allowed: fewer or shorter arguments are needed");
        }

        Span<byte> slice = _buffer.Slice(Position, size);
        Position += size;
        return slice;
    }
}
