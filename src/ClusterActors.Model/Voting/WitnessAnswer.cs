namespace ClusterActors.Model.Voting;

/// <summary>
/// What the witness decided: for a candidate about its vote, for any other sender about its vow. Whether there is a vow says
/// <see cref="WitnessAnswer.VowMilliseconds"/> alone. The numbers are on the wire: they stay.
/// </summary>
public enum WitnessVerdict : byte
{
    /// <summary>Nothing was asked for.</summary>
    None = 0,

    /// <summary>A vow.</summary>
    Vow = 1,

    /// <summary>The vote for the candidate's term, and it is on disk.</summary>
    Vote = 2,

    /// <summary>Refused: the sender's term is older than the one the witness knows.</summary>
    OlderTerm = 16,

    /// <summary>Refused: a vote for a higher term excludes the sender.</summary>
    Excluded = 17,

    /// <summary>Refused for now: the witness started too recently, vows or votes of its earlier life may still count.</summary>
    StartWait = 18,

    /// <summary>Refused: the witness's store is new, older than what a server has seen, or not yet registered by every server.</summary>
    Unregistered = 19,

    /// <summary>Refused: another candidate has the vote of that number or of a higher one.</summary>
    OtherVote = 20,

    /// <summary>Refused for now: a vow to a server that the candidate would exclude still runs.</summary>
    OpenVow = 21,

    /// <summary>Refused: the candidate's term is not above the one the witness knows.</summary>
    NotHigher = 22,

    /// <summary>Refused: the number of servers differs from that of the cluster's file on the witness.</summary>
    ServerCount = 23,

    /// <summary>Refused: the request contradicts itself (excludes its sender, or servers that are not configured).</summary>
    BadRequest = 24,

    /// <summary>Refused: a server whose cleaning is not finished wants no vow and cannot be a candidate.</summary>
    Unclean = 25,

    /// <summary>Refused for now: the witness has only just met this term, and vows given in an earlier one still run.</summary>
    TermChange = 26,
}

/// <summary>
/// Answer of the witness, decoded; of size below the request's, so that nothing is amplified. A value: allocates nothing.
/// <para>
/// For the server: a vow counts from the send time of the request whose sequence is echoed, and only in the term which that request showed. A vote counts only
/// when <see cref="VoteTerm"/> is the candidate's term and the echoed sequence is that of a request which showed the present candidacy: an answer to
/// an earlier candidacy for the same term may be late, and its vote was given back meanwhile. An answer whose <see cref="StoreId"/> is
/// not the one taken gives nothing.
/// </para>
/// </summary>
public struct WitnessAnswer
{
    /// <summary>Index of the server it is for.</summary>
    public byte Receiver;

    /// <summary>What was decided.</summary>
    public WitnessVerdict Verdict;

    /// <summary>Length of the vow, counted by the witness from receipt, milliseconds; 0 = no vow.</summary>
    public uint VowMilliseconds;

    /// <summary>Life of the request it answers.</summary>
    public Incarnation Incarnation;

    /// <summary>Sequence of the request it answers.</summary>
    public ulong Sequence;

    /// <summary>Highest term that the witness knows to be in force.</summary>
    public Term Term;

    /// <summary>Term the witness has voted for and that is not in force yet; zero = none. The next candidacy must have a higher number, whoever has this vote.</summary>
    public Term VoteTerm;

    /// <summary>When to ask again at the earliest, milliseconds; 0 = asking again changes nothing by itself.</summary>
    public uint RetryAfterMilliseconds;

    /// <summary>Id of the witness's store for this cluster.</summary>
    public Guid StoreId;

    /// <summary>Epoch of that store: grows with each durable change and each start.</summary>
    public ulong Epoch;

    /// <summary>Servers in the witness's register; while it is unregistered, those that have registered in this life of it.</summary>
    public uint Registered;
}
