using System.Buffers.Binary;
using System.Security.Cryptography;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Lan;

/// <summary>Why a datagram was not taken as a beat.</summary>
public enum BeatRefusal : byte
{
    /// <summary>It was taken.</summary>
    None = 0,

    /// <summary>Wrong size, mark or version, or made for another receiver or network.</summary>
    NotForUs = 1,

    /// <summary>Another cluster's id.</summary>
    OtherCluster = 2,

    /// <summary>The authentication code does not fit.</summary>
    Forged = 3,

    /// <summary>An earlier life of its sender than the newest known.</summary>
    OlderIncarnation = 4,

    /// <summary>Its sequence was already seen on this channel.</summary>
    Replayed = 5,
}

/// <summary>
/// The beat datagram, little-endian; version 1 has 184 bytes:
/// <code>
///   0 u32 mark 'CLHB'      4 u16 version       6 u16 size            8 16 B cluster id
///  24 u8 sender           25 u8 receiver      26 u8 network         27 u8 daemon state
///  28 u64 boot id hash    36 u32 start count  40 u64 sequence       48 i64 send time ns
///  56 u64 term number     64 u8 term server   65 u8 0               66 u16 flags
///  68 u32 daemon since ms 72 u32 excluded     76 u64 base number    84 u8 base server   85 3 B 0
///  88 u64 answered boot   96 u32 answ. count 100 u32 vow ms        104 u64 answered sequence
/// 112 u64 config hash    120 32 B matrix row: one byte per server, bit n = heard on network n
/// 152 32 B HMAC-SHA256 over bytes 0..151 by the cluster key
/// </code>
/// Version 2 has 216 bytes, the same up to 151, then:
/// <code>
/// 152 u64 candidate no.  160 u8 cand. server 161 3 B 0            164 u32 cand. excluded  168 u32 cand. proven
/// 172 u8 voted server    173 3 B 0           176 u64 voted number 184 32 B HMAC-SHA256 over bytes 0..183
/// </code>
/// Version 2 is sent only where votes count (policy ask-arbiters), so servers of a release that reads version 1 alone go on hearing this one.
/// Not thread-safe (one instance per thread): the incremental hash is kept so that a beat allocates nothing.
/// </summary>
public sealed class BeatCodec : IDisposable
{
    /// <summary>Bytes of a datagram of version 1.</summary>
    public const int SizeWithoutVotes = 184;

    /// <summary>Bytes of the largest datagram.</summary>
    public const int Size = 216;

    /// <summary>Newest version; it and version 1 are read.</summary>
    public const ushort Version = 2;

    internal const int MatrixOffset = 120;
    private const uint Mark = 0x42484C43;
    private const ushort VersionWithoutVotes = 1;
    private const int VotesOffset = 152;
    private const int MacSize = 32;

    private readonly byte[] _clusterId;
    private readonly IncrementalHash _mac;

    public BeatCodec(Guid clusterId, ReadOnlySpan<byte> key)
    {
        _clusterId = clusterId.ToByteArray();
        _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
    }

    /// <summary>Writes a beat with its matrix row (32 bytes) and authentication code; returns its size.</summary>
    public int Write(in Beat beat, ReadOnlySpan<byte> matrixRow, Span<byte> to)
    {
        int size = beat.WithVotes ? Size : SizeWithoutVotes;
        to = to[..size];
        BinaryPrimitives.WriteUInt32LittleEndian(to, Mark);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], beat.WithVotes ? Version : VersionWithoutVotes);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], (ushort)size);
        _clusterId.CopyTo(to[8..]);
        to[24] = beat.Sender;
        to[25] = beat.Receiver;
        to[26] = beat.Network;
        to[27] = (byte)beat.Daemon;
        WriteIncarnation(to[28..], beat.Incarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(to[40..], beat.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(to[48..], beat.SendTime);
        WriteTerm(to[56..], beat.Term);
        to[65] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(to[66..], (ushort)beat.Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(to[68..], beat.DaemonSinceMilliseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(to[72..], beat.ExcludedServers);
        WriteTerm(to[76..], beat.BaseTerm);
        to.Slice(85, 3).Clear();
        WriteIncarnation(to[88..], beat.AnsweredIncarnation);
        BinaryPrimitives.WriteUInt32LittleEndian(to[100..], beat.VowMilliseconds);
        BinaryPrimitives.WriteUInt64LittleEndian(to[104..], beat.AnsweredSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(to[112..], beat.ConfigHash);
        matrixRow[..32].CopyTo(to[MatrixOffset..]);
        if (beat.WithVotes)
            WriteVotes(in beat, to[VotesOffset..]);
        _mac.AppendData(to[..^MacSize]);
        _mac.GetHashAndReset(to[^MacSize..]);
        return size;
    }

    /// <summary>Checks form, addressee, cluster and authentication code, in the order of their cost; decodes only what passed.</summary>
    public BeatRefusal Read(ReadOnlySpan<byte> from, byte receiver, byte network, out Beat beat)
    {
        beat = default;
        if (!HasForm(from, out bool withVotes))
            return BeatRefusal.NotForUs;

        if (!from.Slice(8, 16).SequenceEqual(_clusterId))
            return BeatRefusal.OtherCluster;
        if (from[25] != receiver || from[26] != network)
            return BeatRefusal.NotForUs;

        Span<byte> mac = stackalloc byte[MacSize];
        _mac.AppendData(from[..^MacSize]);
        _mac.GetHashAndReset(mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, from[^MacSize..]))
            return BeatRefusal.Forged;

        beat.Sender = from[24];
        beat.Receiver = from[25];
        beat.Network = from[26];
        beat.Daemon = (DaemonState)from[27];
        beat.Incarnation = ReadIncarnation(from[28..]);
        beat.Sequence = BinaryPrimitives.ReadUInt64LittleEndian(from[40..]);
        beat.SendTime = BinaryPrimitives.ReadInt64LittleEndian(from[48..]);
        beat.Term = ReadTerm(from[56..]);
        beat.Flags = (GuardianFlags)BinaryPrimitives.ReadUInt16LittleEndian(from[66..]);
        beat.DaemonSinceMilliseconds = BinaryPrimitives.ReadUInt32LittleEndian(from[68..]);
        beat.ExcludedServers = BinaryPrimitives.ReadUInt32LittleEndian(from[72..]);
        beat.BaseTerm = ReadTerm(from[76..]);
        beat.AnsweredIncarnation = ReadIncarnation(from[88..]);
        beat.VowMilliseconds = BinaryPrimitives.ReadUInt32LittleEndian(from[100..]);
        beat.AnsweredSequence = BinaryPrimitives.ReadUInt64LittleEndian(from[104..]);
        beat.ConfigHash = BinaryPrimitives.ReadUInt64LittleEndian(from[112..]);
        beat.WithVotes = withVotes;
        if (withVotes)
            ReadVotes(ref beat, from[VotesOffset..]);
        return BeatRefusal.None;
    }

    /// <inheritdoc/>
    public void Dispose() => _mac.Dispose();

    private static bool HasForm(ReadOnlySpan<byte> from, out bool withVotes)
    {
        withVotes = from.Length == Size;
        return from.Length is Size or SizeWithoutVotes
            && BinaryPrimitives.ReadUInt32LittleEndian(from) == Mark
            && BinaryPrimitives.ReadUInt16LittleEndian(from[4..]) == (withVotes ? Version : VersionWithoutVotes)
            && BinaryPrimitives.ReadUInt16LittleEndian(from[6..]) == from.Length;
    }

    private static void WriteVotes(in Beat beat, Span<byte> to)
    {
        WriteTerm(to, beat.CandidateTerm);
        to.Slice(9, 3).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], beat.CandidateExcluded);
        BinaryPrimitives.WriteUInt32LittleEndian(to[16..], beat.CandidateProven);
        to[20] = (byte)beat.VotedTerm.ServerIndex;
        to.Slice(21, 3).Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], beat.VotedTerm.Number);
    }

    private static void ReadVotes(ref Beat beat, ReadOnlySpan<byte> from)
    {
        beat.CandidateTerm = ReadTerm(from);
        beat.CandidateExcluded = BinaryPrimitives.ReadUInt32LittleEndian(from[12..]);
        beat.CandidateProven = BinaryPrimitives.ReadUInt32LittleEndian(from[16..]);
        beat.VotedTerm = new Term(BinaryPrimitives.ReadUInt64LittleEndian(from[24..]), from[20]);
    }

    private static void WriteTerm(Span<byte> to, Term term)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, term.Number);
        to[8] = (byte)term.ServerIndex;
    }

    private static Term ReadTerm(ReadOnlySpan<byte> from) => new(BinaryPrimitives.ReadUInt64LittleEndian(from), from[8]);

    private static void WriteIncarnation(Span<byte> to, Incarnation incarnation)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, incarnation.BootId);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], incarnation.StartCounter);
    }

    private static Incarnation ReadIncarnation(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadUInt32LittleEndian(from[8..]));
}
