using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ClusterActors.Model.Voting;

/// <summary>Why a datagram was not taken as a request or an answer.</summary>
public enum WitnessRefusal : byte
{
    /// <summary>It was taken.</summary>
    None = 0,

    /// <summary>Wrong size, mark or version, or an index that cannot be.</summary>
    NotForUs = 1,

    /// <summary>Another cluster's id.</summary>
    OtherCluster = 2,

    /// <summary>The authentication code does not fit.</summary>
    Forged = 3,
}

/// <summary>
/// The two datagrams between a server and the witness, version 1, little-endian. The request, 152 bytes:
/// <code>
///   0 u32 mark 'CLWQ'      4 u16 version       6 u16 size            8 16 B cluster id
///  24 u8 sender           25 u8 servers       26 u16 flags          28 u32 vow wanted ms
///  32 u64 boot id hash    40 u32 start count  44 u32 excluded       48 u64 sequence
///  56 u64 term number     64 u8 term server   65 u8 base server     66 u8 candidate server  67 u8 0
///  68 u32 cand. excluded  72 u64 base number  80 u64 candidate no.  88 u32 cand. proven     92 u32 0
///  96 16 B known store   112 u64 known epoch 120 32 B HMAC-SHA256 over bytes 0..119 by the cluster key
/// </code>
/// The answer, 136 bytes:
/// <code>
///   0 u32 mark 'CLWA'      4 u16 version       6 u16 size            8 16 B cluster id
///  24 u8 receiver         25 u8 verdict       26 u8 term server     27 u8 vote server       28 u32 vow ms
///  32 u64 boot id hash    40 u32 start count  44 u32 registered     48 u64 sequence
///  56 u64 term number     64 u64 vote number  72 16 B store id      88 u64 epoch
///  96 u32 retry after ms 100 u32 0           104 32 B HMAC-SHA256 over bytes 0..103 by the cluster key
/// </code>
/// Not thread-safe (one instance per thread): the incremental hash is kept so that a datagram allocates nothing.
/// </summary>
public sealed class WitnessCodec : IDisposable
{
    /// <summary>UDP port of the witness unless configured otherwise.</summary>
    public const int DefaultPort = 29080;

    /// <summary>Bytes of a request.</summary>
    public const int RequestSize = 152;

    /// <summary>Bytes of an answer.</summary>
    public const int AnswerSize = 136;

    /// <summary>Version written, and the only one read.</summary>
    public const ushort Version = 1;

    private const uint RequestMark = 0x51574C43;
    private const uint AnswerMark = 0x41574C43;
    private const int ClusterIdOffset = 8;
    private const int IdSize = 16;
    private const int MacSize = 32;
    private const int MaxServers = 32;

    private readonly byte[] _clusterId;
    private readonly IncrementalHash _mac;

    /// <param name="clusterId">Id of the cluster.</param>
    /// <param name="key">Cluster key, 32 bytes.</param>
    public WitnessCodec(Guid clusterId, ReadOnlySpan<byte> key)
    {
        _clusterId = clusterId.ToByteArray();
        _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
    }

    /// <summary>Cluster id of a datagram that looks like a request; false when it is none. Nothing is authenticated yet.</summary>
    public static bool TryReadCluster(ReadOnlySpan<byte> from, out Guid clusterId)
    {
        bool isRequest = HasForm(from, RequestMark, RequestSize);
        clusterId = isRequest ? new Guid(from.Slice(ClusterIdOffset, IdSize)) : default;
        return isRequest;
    }

    /// <summary>Writes a request of <see cref="RequestSize"/> bytes with its authentication code.</summary>
    public void Write(in WitnessRequest request, Span<byte> to)
    {
        to = to[..RequestSize];
        WriteHead(to, RequestMark, RequestSize);
        to[24] = request.Sender;
        to[25] = request.ServerCount;
        BinaryPrimitives.WriteUInt16LittleEndian(to[26..], (ushort)request.Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(to[28..], request.VowWantedMilliseconds);
        WriteIncarnation(to[32..], request.Incarnation);
        BinaryPrimitives.WriteUInt32LittleEndian(to[44..], request.ExcludedServers);
        BinaryPrimitives.WriteUInt64LittleEndian(to[48..], request.Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(to[56..], request.Term.Number);
        to[64] = (byte)request.Term.ServerIndex;
        to[65] = (byte)request.BaseTerm.ServerIndex;
        to[66] = (byte)request.CandidateTerm.ServerIndex;
        to[67] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(to[68..], request.CandidateExcluded);
        BinaryPrimitives.WriteUInt64LittleEndian(to[72..], request.BaseTerm.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(to[80..], request.CandidateTerm.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(to[88..], request.CandidateProven);
        to.Slice(92, 4).Clear();
        request.KnownStoreId.TryWriteBytes(to[96..]);
        BinaryPrimitives.WriteUInt64LittleEndian(to[112..], request.KnownEpoch);
        Seal(to);
    }

    /// <summary>Writes an answer of <see cref="AnswerSize"/> bytes with its authentication code.</summary>
    public void Write(in WitnessAnswer answer, Span<byte> to)
    {
        to = to[..AnswerSize];
        WriteHead(to, AnswerMark, AnswerSize);
        to[24] = answer.Receiver;
        to[25] = (byte)answer.Verdict;
        to[26] = (byte)answer.Term.ServerIndex;
        to[27] = (byte)answer.VoteTerm.ServerIndex;
        BinaryPrimitives.WriteUInt32LittleEndian(to[28..], answer.VowMilliseconds);
        WriteIncarnation(to[32..], answer.Incarnation);
        BinaryPrimitives.WriteUInt32LittleEndian(to[44..], answer.Registered);
        BinaryPrimitives.WriteUInt64LittleEndian(to[48..], answer.Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(to[56..], answer.Term.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(to[64..], answer.VoteTerm.Number);
        answer.StoreId.TryWriteBytes(to[72..]);
        BinaryPrimitives.WriteUInt64LittleEndian(to[88..], answer.Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(to[96..], answer.RetryAfterMilliseconds);
        to.Slice(100, 4).Clear();
        Seal(to);
    }

    /// <summary>Checks form, cluster, authentication code and indexes; decodes only what passed.</summary>
    public WitnessRefusal Read(ReadOnlySpan<byte> from, out WitnessRequest request)
    {
        request = default;
        WitnessRefusal refusal = Check(from, RequestMark, RequestSize);
        if (refusal != WitnessRefusal.None)
            return refusal;
        if (from[24] >= from[25] || from[25] > MaxServers || from[64] >= MaxServers || from[65] >= MaxServers || from[66] >= MaxServers)
            return WitnessRefusal.NotForUs;
        request.Sender = from[24];
        request.ServerCount = from[25];
        request.Flags = (WitnessRequestFlags)BinaryPrimitives.ReadUInt16LittleEndian(from[26..]);
        request.VowWantedMilliseconds = BinaryPrimitives.ReadUInt32LittleEndian(from[28..]);
        request.Incarnation = ReadIncarnation(from[32..]);
        request.ExcludedServers = BinaryPrimitives.ReadUInt32LittleEndian(from[44..]);
        request.Sequence = BinaryPrimitives.ReadUInt64LittleEndian(from[48..]);
        request.Term = new Term(BinaryPrimitives.ReadUInt64LittleEndian(from[56..]), from[64]);
        request.BaseTerm = new Term(BinaryPrimitives.ReadUInt64LittleEndian(from[72..]), from[65]);
        request.CandidateTerm = new Term(BinaryPrimitives.ReadUInt64LittleEndian(from[80..]), from[66]);
        request.CandidateExcluded = BinaryPrimitives.ReadUInt32LittleEndian(from[68..]);
        request.CandidateProven = BinaryPrimitives.ReadUInt32LittleEndian(from[88..]);
        request.KnownStoreId = new Guid(from.Slice(96, IdSize));
        request.KnownEpoch = BinaryPrimitives.ReadUInt64LittleEndian(from[112..]);
        return WitnessRefusal.None;
    }

    /// <summary>Checks form, cluster, receiver and authentication code; decodes only what passed.</summary>
    public WitnessRefusal Read(ReadOnlySpan<byte> from, byte receiver, out WitnessAnswer answer)
    {
        answer = default;
        WitnessRefusal refusal = Check(from, AnswerMark, AnswerSize);
        if (refusal != WitnessRefusal.None)
            return refusal;
        if (from[24] != receiver || from[26] >= MaxServers || from[27] >= MaxServers)
            return WitnessRefusal.NotForUs;
        answer.Receiver = from[24];
        answer.Verdict = (WitnessVerdict)from[25];
        answer.VowMilliseconds = BinaryPrimitives.ReadUInt32LittleEndian(from[28..]);
        answer.Incarnation = ReadIncarnation(from[32..]);
        answer.Registered = BinaryPrimitives.ReadUInt32LittleEndian(from[44..]);
        answer.Sequence = BinaryPrimitives.ReadUInt64LittleEndian(from[48..]);
        answer.Term = new Term(BinaryPrimitives.ReadUInt64LittleEndian(from[56..]), from[26]);
        answer.VoteTerm = new Term(BinaryPrimitives.ReadUInt64LittleEndian(from[64..]), from[27]);
        answer.StoreId = new Guid(from.Slice(72, IdSize));
        answer.Epoch = BinaryPrimitives.ReadUInt64LittleEndian(from[88..]);
        answer.RetryAfterMilliseconds = BinaryPrimitives.ReadUInt32LittleEndian(from[96..]);
        return WitnessRefusal.None;
    }

    /// <inheritdoc/>
    public void Dispose() => _mac.Dispose();

    private void WriteHead(Span<byte> to, uint mark, ushort size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, mark);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], size);
        _clusterId.CopyTo(to[ClusterIdOffset..]);
    }

    private void Seal(Span<byte> to)
    {
        _mac.AppendData(to[..^MacSize]);
        _mac.GetHashAndReset(to[^MacSize..]);
    }

    private WitnessRefusal Check(ReadOnlySpan<byte> from, uint mark, int size)
    {
        if (!HasForm(from, mark, size))
            return WitnessRefusal.NotForUs;
        if (!from.Slice(ClusterIdOffset, IdSize).SequenceEqual(_clusterId))
            return WitnessRefusal.OtherCluster;
        Span<byte> mac = stackalloc byte[MacSize];
        _mac.AppendData(from[..^MacSize]);
        _mac.GetHashAndReset(mac);
        return CryptographicOperations.FixedTimeEquals(mac, from[^MacSize..]) ? WitnessRefusal.None : WitnessRefusal.Forged;
    }

    private static bool HasForm(ReadOnlySpan<byte> from, uint mark, int size) =>
        from.Length == size
        && BinaryPrimitives.ReadUInt32LittleEndian(from) == mark
        && BinaryPrimitives.ReadUInt16LittleEndian(from[4..]) == Version
        && BinaryPrimitives.ReadUInt16LittleEndian(from[6..]) == size;

    private static void WriteIncarnation(Span<byte> to, Incarnation incarnation)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, incarnation.BootId);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], incarnation.StartCounter);
    }

    private static Incarnation ReadIncarnation(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadUInt32LittleEndian(from[8..]));
}
