namespace ClusterActors.Model.Voting;

/// <summary>What a server says about itself in a <see cref="WitnessRequest"/>.</summary>
[Flags]
public enum WitnessRequestFlags : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Start-up cleaning is not finished: it runs nothing, wants no vow and is no candidate.</summary>
    Unclean = 1,

    /// <summary>"I see every configured server in my term and I am no candidate: take me into your register."</summary>
    Register = 2,
}

/// <summary>
/// What a server asks of the witness, decoded: a vow, and as a candidate a vote. Sent every interval, with a new sequence each time;
/// the same datagram may go to several addresses of the witness. A value: lives on the stack, allocates nothing.
/// </summary>
public struct WitnessRequest
{
    /// <summary>Index of the server that sent it.</summary>
    public byte Sender;

    /// <summary>Number of configured servers.</summary>
    public byte ServerCount;

    /// <summary>Conditions at the sender.</summary>
    public WitnessRequestFlags Flags;

    /// <summary>Length of the vow it wants, milliseconds; 0 = none.</summary>
    public uint VowWantedMilliseconds;

    /// <summary>The sender's life.</summary>
    public Incarnation Incarnation;

    /// <summary>Number of the request in that life, from 1.</summary>
    public ulong Sequence;

    /// <summary>Term in force at the sender: stored there, and committed.</summary>
    public Term Term;

    /// <summary>Term from which <see cref="Term"/> was raised.</summary>
    public Term BaseTerm;

    /// <summary>Servers whose claims from before <see cref="Term"/> are void.</summary>
    public uint ExcludedServers;

    /// <summary>Term that the sender wants to raise from <see cref="Term"/>; zero when it is no candidate.</summary>
    public Term CandidateTerm;

    /// <summary>Servers that <see cref="CandidateTerm"/> would exclude.</summary>
    public uint CandidateExcluded;

    /// <summary>Those of <see cref="CandidateExcluded"/> that are known to be down by other proof than silence (clean, fenced, confirmed).</summary>
    public uint CandidateProven;

    /// <summary>Store id of the witness that the sender has taken; empty when it has taken none.</summary>
    public Guid KnownStoreId;

    /// <summary>Largest epoch the sender has seen of that store.</summary>
    public ulong KnownEpoch;

    /// <summary>The sender asks for a vote.</summary>
    public readonly bool IsCandidate => CandidateTerm != Term.Zero;
}
