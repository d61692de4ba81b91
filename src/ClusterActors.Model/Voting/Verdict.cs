namespace ClusterActors.Model.Voting;

public enum VerdictKind
{
    /// <summary>Not decided: something is asked for or waited for, named in the sentence.</summary>
    Wait = 0,

    /// <summary>This side goes on, and may raise the term over who is silent.</summary>
    Survive,

    /// <summary>This side takes nothing over; its own groups end with its grant.</summary>
    StandDown,
}

/// <summary>What has to be done next for the verdict to get on.</summary>
public enum VerdictStep
{
    None = 0,

    /// <summary>Ask the arbiters that may forbid.</summary>
    AskVeto,

    /// <summary>Ask the vote store.</summary>
    AskVote,

    /// <summary>Exclude <see cref="Verdict.Targets"/> by fence.</summary>
    Fence,

    /// <summary>Raise the term over <see cref="Verdict.Targets"/>; the guardian has the last word.</summary>
    Raise,
}

/// <param name="Sentence">Why, with the facts: shown by clpstat -n and clp explain.</param>
/// <param name="Targets">Servers that the step is about.</param>
/// <param name="By">Name of the arbiter that decided; empty when none did.</param>
public sealed record Verdict(VerdictKind Kind, VerdictStep Step, IReadOnlyList<ServerName> Targets, string By, string Sentence);

/// <summary>State of an arbiter that may forbid.</summary>
public enum VetoState
{
    NotAsked = 0,
    Asking,

    /// <summary>Something answers: no objection.</summary>
    Reachable,

    /// <summary>This side is cut off.</summary>
    Isolated,
}

/// <summary>State of the voting arbiter, or of the majority where there is none.</summary>
public enum VoterState
{
    /// <summary>May be asked.</summary>
    Ready = 0,

    /// <summary>It gives its vote later: a vow still runs.</summary>
    NotYet,

    /// <summary>Its vote for this takeover is ours.</summary>
    Voted,

    /// <summary>It has voted for the other side, or does not vote at present.</summary>
    Refused,

    /// <summary>It does not answer.</summary>
    Silent,
}

/// <summary>How far the exclusion of one server by fence is.</summary>
public enum FenceState
{
    None = 0,
    Running,
    Proven,
    Failed,

    /// <summary>No fence arbiter is configured for it.</summary>
    NotCovered,
}

/// <param name="Sentence">What came back last.</param>
public sealed record VetoView(string Name, VetoState State, string Sentence);

/// <param name="IsStore">The daemon asks it; a witness is asked by the guardian when the term is raised.</param>
public sealed record VoterView(string Name, string Type, bool IsStore, VoterState State, string Sentence);

/// <param name="Sentence">What the fence arbiters said last about this server.</param>
public sealed record FenceView(ServerName Server, FenceState State, string Sentence)
{
    /// <summary>The newest event about it; null when there is none. For people only.</summary>
    public string? EventId { get; init; }
}

/// <summary>Everything a verdict is made of, at one instant.</summary>
/// <param name="Servers">Number of configured servers.</param>
/// <param name="Carried">Servers of this side, this one included: those that would go on in the raised term.</param>
/// <param name="Silent">Servers that would be excluded by silence alone: not clean, not confirmed, their timeout over.</param>
/// <param name="SilentFor">How long the timeout of the last of them is over.</param>
/// <param name="Unproven">Servers that this server has excluded by votes and that no proof exists for yet.</param>
/// <param name="IsBooting">This life of the server has not met one of the silent ones yet, or still waits for the others.</param>
/// <param name="ShootsFirst">Of two sides this one has more of the running groups.</param>
/// <param name="Helps">Raising the term would let something start.</param>
/// <param name="FenceDelay">How much later a side that does not shoot first does.</param>
/// <param name="Voter">The voting arbiter; null = there is none.</param>
/// <param name="Fences">For each silent or unproven server; empty when no fence is configured.</param>
public sealed record VerdictSnapshot(
    ServerName Self, int Servers, int Carried, IReadOnlyList<ServerName> Silent, TimeSpan SilentFor, IReadOnlyList<ServerName> Unproven,
    bool IsBooting, bool ShootsFirst, bool Helps, TimeSpan FenceDelay, IReadOnlyList<VetoView> Vetoes, VoterView? Voter, IReadOnlyList<FenceView> Fences)
{
    /// <summary>This server has promised to take nothing over by verdict, since the arbiter was lost; the guardian keeps to it.</summary>
    public bool HoldPromise { get; init; }

    /// <summary>Those of <see cref="Silent"/> that another server of this side hears: it is the link to them that is broken.</summary>
    public IReadOnlyList<ServerName> HeardByOthers { get; init; } = [];

    /// <summary>Servers and the voting arbiter.</summary>
    public int Voters => Servers + (Voter is null ? 0 : 1);

    /// <summary>Votes that make a majority.</summary>
    public int Majority => (Voters / 2) + 1;

    /// <summary>Votes count; else it is a pair that decides by fence alone.</summary>
    public bool CountsVotes => Voters >= 3;
}
