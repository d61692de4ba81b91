using System.Buffers.Binary;

namespace ClusterActors.Remoting;

/// <summary>Reads the body of one frame; a frame that is too short for what it says throws <see cref="MalformedFrameException"/>.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> Short() => Take(Byte());

    public ReadOnlySpan<byte> Long() => Take(UInt16());

    public readonly ReadOnlySpan<byte> Rest() => _rest;

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
        {
            throw new MalformedFrameException($"frame ends after {_rest.Length} bytes where {count} are announced");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}

/// <summary>What came is no frame of this protocol; the connection is given up, since nothing after it can be trusted.</summary>
internal sealed class MalformedFrameException(string message) : Exception(message);
