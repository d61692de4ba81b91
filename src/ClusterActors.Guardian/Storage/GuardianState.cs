using System.Buffers.Binary;
using System.Security.Cryptography;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Storage;

/// <summary>
/// What a guardian must remember over its own death: magic <c>CLPT</c>, u16 version, u16 body length, body, SHA-256 of all before it.
/// Version 1 is written while there is no vote and no promise to remember; version 2 adds them at the end.
/// </summary>
/// <param name="StartCounter">Counter of the newest life.</param>
/// <param name="Term">Newest term used.</param>
/// <param name="LargestVow">Longest vow any life of this boot or an earlier one can have given; the start-up wait is never shorter.</param>
public sealed record GuardianState(uint StartCounter, StoredTerm Term, TimeSpan LargestVow)
{
    private const uint Magic = 0x54504C43;
    private const ushort Version = 2;
    private const ushort VersionWithoutVotes = 1;
    private const int HeaderSize = 8;
    private const int HashSize = 32;

    /// <summary>Votes and promises in force.</summary>
    public VotingRecord Votes { get; init; } = VotingRecord.Empty;

    private bool HasVotes =>
        Votes.Votes.Count > 0 || Votes.HoldPromise || Votes.Forgetful || Votes.WitnessStore != Guid.Empty || Votes.WitnessEpoch != 0;

    public byte[] Encode()
    {
        var buffer = new byte[2048];
        var w = new FrameWriter(buffer.AsSpan(HeaderSize));
        w.UInt32(StartCounter);
        w.Term(Term.Term);
        w.Term(Term.BaseTerm);
        w.UInt32(Term.ExcludedServers);
        w.Duration(LargestVow);
        if (HasVotes)
            WriteVotes(ref w);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(4), HasVotes ? Version : VersionWithoutVotes);
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
        if (version is not (Version or VersionWithoutVotes))
            throw new GuardianFormatException($"guardian state: version {version}; {VersionWithoutVotes} and {Version} are known: install the matching release");
        int end = HeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        Span<byte> hash = stackalloc byte[HashSize];
        if (bytes.Length != end + HashSize)
            throw new GuardianFormatException($"guardian state: {bytes.Length} bytes where {end + HashSize} are announced: truncated");
        SHA256.HashData(bytes[..end], hash);
        if (!hash.SequenceEqual(bytes[end..]))
            throw new GuardianFormatException("guardian state: checksum differs: damaged");
        var r = new FrameReader(bytes[HeaderSize..end]);
        var state = new GuardianState(r.UInt32(), new StoredTerm(r.Term(), r.Term(), r.UInt32()), r.Duration());
        return version == Version ? state with { Votes = ReadVotes(ref r) } : state;
    }

    private void WriteVotes(ref FrameWriter w)
    {
        w.Bool(Votes.HoldPromise);
        w.Bool(Votes.Forgetful);
        w.Guid(Votes.WitnessStore);
        w.UInt64(Votes.WitnessEpoch);
        w.Count(Votes.Votes.Count);
        foreach (Vote vote in Votes.Votes)
        {
            w.Term(vote.Term);
            w.UInt32(vote.Excluded);
            w.Incarnation(vote.Candidate);
            w.UInt64(vote.Sequence);
        }
    }

    private static VotingRecord ReadVotes(ref FrameReader r)
    {
        (bool promise, bool forgetful, Guid store, ulong epoch) = (r.Bool(), r.Bool(), r.Guid(), r.UInt64());
        var votes = new Vote[r.UInt16()];
        for (int i = 0; i < votes.Length; i++)
            votes[i] = new Vote(r.Term(), r.UInt32(), r.Incarnation(), r.UInt64());
        return new VotingRecord(votes, promise, forgetful, store, epoch);
    }
}
