using System.Buffers.Binary;

namespace ClusterActors.Model.Voting;

/// <summary>
/// What the witness must remember of one cluster over its own death. Written to stable storage before any answer that rests on it.
/// </summary>
public sealed record WitnessRecord
{
    /// <summary>Random id of the store; a new one means that all before was lost.</summary>
    public required Guid StoreId { get; init; }

    /// <summary>Grows with each change of the record and each start.</summary>
    public ulong Epoch { get; init; }

    /// <summary>Highest term shown to be in force.</summary>
    public Term Term { get; init; }

    /// <summary>Term from which <see cref="Term"/> was raised.</summary>
    public Term BaseTerm { get; init; }

    /// <summary>Servers that <see cref="Term"/> excludes.</summary>
    public uint Excluded { get; init; }

    /// <summary>The vote that is out: given, and neither returned nor shown to be in force.</summary>
    public WitnessVote Vote { get; init; }

    /// <summary>A vote that was out when <see cref="Vote"/> was given: its term may still come into force.</summary>
    public WitnessVote Earlier { get; init; }

    /// <summary>Server that gave a vote back last; meaningful with <see cref="ReturnedSequence"/> above 0.</summary>
    public byte ReturnedBy { get; init; }

    /// <summary>Life in which it did.</summary>
    public Incarnation ReturnedIncarnation { get; init; }

    /// <summary>The request that gave it back; what is older is a late duplicate.</summary>
    public ulong ReturnedSequence { get; init; }

    /// <summary>Servers that have registered with this store.</summary>
    public uint Registered { get; init; }

    /// <summary>Longest vow any life of this store can have given, milliseconds.</summary>
    public uint LargestVowMilliseconds { get; init; }
}

/// <summary>A vote of the witness; the default is none.</summary>
/// <param name="Term">Term it is for; its server is the candidate. Zero = none.</param>
/// <param name="Excluded">Servers that the term would exclude.</param>
/// <param name="Incarnation">Life of the candidate.</param>
/// <param name="Sequence">Newest request of that life that was answered with it.</param>
public readonly record struct WitnessVote(Term Term, uint Excluded, Incarnation Incarnation, ulong Sequence)
{
    /// <summary>False for none.</summary>
    public bool IsOut => Term != Term.Zero;

    /// <summary>True when a server that shows <paramref name="term"/> gets no vow because of it.</summary>
    public bool Bars(int server, Term term) => IsOut && term < Term && (Excluded & (1u << server)) != 0;
}

/// <summary>
/// The record as bytes, version 1, little-endian, 156 bytes; the file's slots add checksums:
/// <code>
///   0 u32 mark 'CLWR'    4 u16 version        6 u16 size            8 16 B store id       24 u64 epoch
///  32 u64 term number   40 u8 term server, u8 base server, u8 returning server, u8 0      44 u32 excluded
///  48 u64 base number   56 u32 registered    60 u32 largest vow ms
///  64 life of the return: u64 boot id hash, u32 start count        76 u64 its sequence
///  84 vote: u64 number, u8 server, 3 B 0, u32 excluded, life as above, u64 sequence: 36 B
/// 120 earlier vote, likewise 36 B
/// </code>
/// </summary>
public static class WitnessRecordCodec
{
    /// <summary>Bytes of a record.</summary>
    public const int Size = 156;

    /// <summary>Version written, and the only one read.</summary>
    public const ushort Version = 1;

    private const uint Mark = 0x52574C43;

    public static byte[] Encode(WitnessRecord record)
    {
        var bytes = new byte[Size];
        Span<byte> to = bytes;
        BinaryPrimitives.WriteUInt32LittleEndian(to, Mark);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], Size);
        record.StoreId.TryWriteBytes(to[8..]);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], record.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], record.Term.Number);
        to[40] = (byte)record.Term.ServerIndex;
        to[41] = (byte)record.BaseTerm.ServerIndex;
        to[42] = record.ReturnedBy;
        BinaryPrimitives.WriteUInt32LittleEndian(to[44..], record.Excluded);
        BinaryPrimitives.WriteUInt64LittleEndian(to[48..], record.BaseTerm.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(to[56..], record.Registered);
        BinaryPrimitives.WriteUInt32LittleEndian(to[60..], record.LargestVowMilliseconds);
        WriteLife(to[64..], record.ReturnedIncarnation, record.ReturnedSequence);
        WriteVote(to[84..], record.Vote);
        WriteVote(to[120..], record.Earlier);
        return bytes;
    }

    /// <exception cref="FormatException">Not such a record, or of a version this release does not read; the message says which.</exception>
    public static WitnessRecord Decode(ReadOnlySpan<byte> from)
    {
        if (from.Length < 8 || BinaryPrimitives.ReadUInt32LittleEndian(from) != Mark)
            throw new FormatException($"witness record: {from.Length} bytes that do not start with CLWR: not a record of the witness");
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(from[4..]);
        if (version != Version)
            throw new FormatException($"witness record: version {version}; {Version} is known: install the matching release");
        if (from.Length != Size || BinaryPrimitives.ReadUInt16LittleEndian(from[6..]) != Size)
            throw new FormatException($"witness record: {from.Length} bytes; {Size} are expected: damaged");
        return new WitnessRecord
        {
            StoreId = new Guid(from.Slice(8, 16)),
            Epoch = BinaryPrimitives.ReadUInt64LittleEndian(from[24..]),
            Term = new Term(BinaryPrimitives.ReadUInt64LittleEndian(from[32..]), from[40]),
            BaseTerm = new Term(BinaryPrimitives.ReadUInt64LittleEndian(from[48..]), from[41]),
            ReturnedBy = from[42],
            Excluded = BinaryPrimitives.ReadUInt32LittleEndian(from[44..]),
            Registered = BinaryPrimitives.ReadUInt32LittleEndian(from[56..]),
            LargestVowMilliseconds = BinaryPrimitives.ReadUInt32LittleEndian(from[60..]),
            ReturnedIncarnation = ReadLife(from[64..]),
            ReturnedSequence = BinaryPrimitives.ReadUInt64LittleEndian(from[76..]),
            Vote = ReadVote(from[84..]),
            Earlier = ReadVote(from[120..]),
        };
    }

    private static void WriteVote(Span<byte> to, WitnessVote vote)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, vote.Term.Number);
        to[8] = (byte)vote.Term.ServerIndex;
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], vote.Excluded);
        WriteLife(to[16..], vote.Incarnation, vote.Sequence);
    }

    private static WitnessVote ReadVote(ReadOnlySpan<byte> from) => new(
        new Term(BinaryPrimitives.ReadUInt64LittleEndian(from), from[8]), BinaryPrimitives.ReadUInt32LittleEndian(from[12..]), ReadLife(from[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[28..]));

    private static void WriteLife(Span<byte> to, Incarnation life, ulong sequence)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, life.BootId);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], life.StartCounter);
        BinaryPrimitives.WriteUInt64LittleEndian(to[12..], sequence);
    }

    private static Incarnation ReadLife(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadUInt32LittleEndian(from[8..]));
}
