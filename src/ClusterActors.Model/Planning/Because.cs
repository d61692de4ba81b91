using System.Collections.Immutable;

namespace ClusterActors.Model.Planning;

/// <summary>Why an action was planned: kept with the decision, shown by status and explain, compared by tests.</summary>
/// <param name="Sentence">The reason in one sentence.</param>
/// <param name="Candidates">Each server that was looked at, in order of preference; empty when no choice was made.</param>
/// <param name="CauseId">The event that led to it, when known.</param>
public sealed record Because(string Sentence, ImmutableArray<Candidate> Candidates, string? CauseId)
{
    public bool Equals(Because? other) =>
        other is not null && Sentence == other.Sentence && CauseId == other.CauseId
        && Candidates.AsSpan().SequenceEqual(other.Candidates.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Sentence, CauseId, Candidates.Length);
}

/// <summary>The rules that keep a group off a server, in the order in which they are tried.</summary>
public enum CandidateRule
{
    /// <summary>No rule speaks against it.</summary>
    None = 0,

    /// <summary>The configuration does not give the group to it.</summary>
    NotConfigured,

    /// <summary>It is no member of the view (down, never heard, stopped).</summary>
    NotInView,

    /// <summary>Some of its beats are late.</summary>
    Suspected,

    /// <summary>Its daemon is being restarted and can take no orders.</summary>
    DaemonRestarting,

    /// <summary>It accepts no start while members miss each other: it is one of them, or waits for a new term.</summary>
    AcceptsNoStart,

    /// <summary>It is being stopped on request.</summary>
    Leaving,

    /// <summary>An administrator put it on standby.</summary>
    Standby,

    /// <summary>An administrator put it under maintenance: nothing comes there by itself.</summary>
    Maintenance,

    /// <summary>It could not stop a group.</summary>
    Unsafe,

    /// <summary>Its configuration is not the coordinator's.</summary>
    ConfigurationDiffers,

    /// <summary>The group failed there since it last ran well. Ended by clearing its failures, which an administrator's start or
    /// move does before it sets the wish.</summary>
    FailedThere,

    /// <summary>A group that must not share a server with this one is there.</summary>
    ExcludedByGroup,

    /// <summary>A group that should not share a server with this one is there, and another server is free.</summary>
    AvoidedForGroup,
}

/// <param name="Rule">The first rule that speaks against it.</param>
/// <param name="Sentence">That rule with its facts, or why it was chosen.</param>
public sealed record Candidate(ServerName Server, bool Chosen, CandidateRule Rule, string Sentence)
{
    /// <summary>The group that is there, when an exclusion speaks against the server.</summary>
    public GroupName? Other { get; init; }
}
