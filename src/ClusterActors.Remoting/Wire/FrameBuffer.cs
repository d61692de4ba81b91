using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace ClusterActors.Remoting;

internal enum FrameKind : byte
{
    /// <summary>First frame of each side: JSON of <see cref="Hello"/>.</summary>
    Hello = 1,

    /// <summary>A user message.</summary>
    Message = 2,

    /// <summary>A numbered system message: watch, unwatch or notification.</summary>
    System = 3,

    /// <summary>All system messages up to this number have been delivered.</summary>
    Ack = 4,

    /// <summary>Sign of life when there is nothing else to send.</summary>
    Ping = 5,

    /// <summary>The sender closes the connection; UTF-8 reason.</summary>
    Goodbye = 6,
}

/// <summary>
/// Builds one frame: length (4 bytes, little endian, of what follows), kind (1 byte), body. Reused by its thread, so building a
/// frame allocates nothing once the buffer has grown to the usual size.
/// </summary>
internal sealed class FrameBuffer : IDisposable
{
    public const int LengthBytes = 4;
    private const int KeepBytes = 256 * 1024;

    [ThreadStatic]
    private static FrameBuffer? s_own;

    private readonly ArrayBufferWriter<byte> _bytes = new(1024);
    private Utf8JsonWriter? _json;

    public int Length => _bytes.WrittenCount;

    /// <summary>The thread's buffer, with a frame of that kind begun.</summary>
    public static FrameBuffer Begin(FrameKind kind)
    {
        if (s_own is null || s_own._bytes.Capacity > KeepBytes)
        {
            s_own?.Dispose();
            s_own = new FrameBuffer();
        }

        s_own._bytes.ResetWrittenCount();
        s_own._bytes.GetSpan(LengthBytes)[..LengthBytes].Clear();
        s_own._bytes.Advance(LengthBytes);
        s_own.Byte((byte)kind);
        return s_own;
    }

    public FrameBuffer Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
        return this;
    }

    public FrameBuffer UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.GetSpan(2), value);
        _bytes.Advance(2);
        return this;
    }

    public FrameBuffer UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    /// <summary>One length byte and at most 255 bytes.</summary>
    public FrameBuffer Short(ReadOnlySpan<byte> value) => Byte((byte)value.Length).Raw(value);

    /// <summary>Two length bytes and at most 65,535 bytes.</summary>
    public FrameBuffer Long(ReadOnlySpan<byte> value) => UInt16(checked((ushort)value.Length)).Raw(value);

    public FrameBuffer Raw(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }

    public Utf8JsonWriter Json()
    {
        if (_json is null)
        {
            _json = new Utf8JsonWriter(_bytes, new JsonWriterOptions { SkipValidation = true });
        }
        else
        {
            _json.Reset(_bytes);
        }

        return _json;
    }

    public void Dispose() => _json?.Dispose();

    /// <summary>The whole frame with its length filled in; valid until the next frame of this thread.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        var frame = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_bytes.WrittenMemory).Span;
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - LengthBytes);
        return frame;
    }
}
