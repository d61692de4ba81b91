using System.Buffers.Binary;
using System.Security.Cryptography;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Storage;

/// <summary>
/// What a guardian must remember over its own death: magic <c>CLPT</c>, u16 version, u16 body length, body, SHA-256 of all before it.
/// </summary>
/// <param name="StartCounter">Counter of the newest life.</param>
/// <param name="Term">Newest term used.</param>
/// <param name="LargestVow">Longest vow any life of this boot or an earlier one can have given; the start-up wait is never shorter.</param>
public sealed record GuardianState(uint StartCounter, StoredTerm Term, TimeSpan LargestVow)
{
    private const uint Magic = 0x54504C43;
    private const ushort Version = 1;
    private const int HeaderSize = 8;
    private const int HashSize = 32;

    public byte[] Encode()
    {
        var buffer = new byte[128];
        var w = new FrameWriter(buffer.AsSpan(HeaderSize));
        w.UInt32(StartCounter);
        w.Term(Term.Term);
        w.Term(Term.BaseTerm);
        w.UInt32(Term.ExcludedServers);
        w.Duration(LargestVow);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(6), (ushort)w.Position);
        int end = HeaderSize + w.Position;
        SHA256.HashData(buffer.AsSpan(0, end), buffer.AsSpan(end, HashSize));
        return buffer[..(end + HashSize)];
    }

    /// <exception cref="GuardianFormatException">Not such a record, or damaged.</exception>
    public static GuardianState Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize + HashSize || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            throw new GuardianFormatException($"guardian state: {bytes.Length} bytes that do not start with CLPT: not a state record");
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (version != Version)
            throw new GuardianFormatException($"guardian state: version {version}; {Version} is known: install the matching release");
        int end = HeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        Span<byte> hash = stackalloc byte[HashSize];
        if (bytes.Length != end + HashSize)
            throw new GuardianFormatException($"guardian state: {bytes.Length} bytes where {end + HashSize} are announced: truncated");
        SHA256.HashData(bytes[..end], hash);
        if (!hash.SequenceEqual(bytes[end..]))
            throw new GuardianFormatException("guardian state: checksum differs: damaged");
        var r = new FrameReader(bytes[HeaderSize..end]);
        return new GuardianState(r.UInt32(), new StoredTerm(r.Term(), r.Term(), r.UInt32()), r.Duration());
    }
}
