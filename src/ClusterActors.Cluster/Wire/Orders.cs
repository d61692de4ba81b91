using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Wire;

/// <summary>Coordinator to the target's rc: become the owner and start. Answered with <see cref="OrderReply"/>; may be lost.</summary>
/// <param name="Generation">Of the record the decision was made from; refused when the target knows a newer one.</param>
public sealed record StartGroupOrder(long OrderId, GroupName Group, Term Term, long Generation, StartCause Cause, string Reason)
{
    /// <summary>The coordinator that decided; refused where another one is known to be it.</summary>
    public ServerName? By { get; init; }

    /// <summary>Number of the target's <see cref="Following"/> that the decision was made under; refused when it is another one by now.</summary>
    public long? Under { get; init; }

    /// <summary>The event that the decision follows from; null when none is known, or from a release that did not tell. For people only.</summary>
    public string? CauseId { get; init; }

    /// <summary>The record the decision was made from: the target may not have heard of the wish or of the newest state yet.</summary>
    public GroupRecord? Seen { get; init; }
}

/// <summary>Coordinator to the owner's rc: stop. Answered with <see cref="OrderReply"/>; may be lost.</summary>
public sealed record StopGroupOrder(long OrderId, GroupName Group, Term Term, bool Force, string Reason)
{
    /// <inheritdoc cref="StartGroupOrder.By"/>
    public ServerName? By { get; init; }

    /// <inheritdoc cref="StartGroupOrder.Under"/>
    public long? Under { get; init; }

    /// <inheritdoc cref="StartGroupOrder.CauseId"/>
    public string? CauseId { get; init; }

    /// <inheritdoc cref="StartGroupOrder.Seen"/>
    public GroupRecord? Seen { get; init; }
}

/// <summary>Coordinator to a server's rc: it could not stop the group, so it takes the resource's final action. Answered with <see cref="OrderReply"/>.</summary>
public sealed record MakeSafeOrder(long OrderId, GroupName Group, FinalAction Action, string Reason)
{
    /// <inheritdoc cref="StartGroupOrder.CauseId"/>
    public string? CauseId { get; init; }
}

/// <summary>Accepted: the record will show what comes of it. Refused: nothing was changed; the sentence says why.</summary>
public sealed record OrderReply(long OrderId, GroupName Group, bool Accepted, string Sentence);

public enum AdminVerb
{
    Start,
    Stop,
    Move,
}

/// <summary>From any server's control API to the coordinator; answered with <see cref="AdminOutcome"/> when done, refused or out of time.</summary>
/// <param name="Group">Null = every group.</param>
public sealed record AdminCommand(
    string CommandId, AdminVerb Verb, GroupName? Group, ServerName? Server, double WaitSeconds, bool DryRun, string Reason, string Caller);

/// <param name="Code">Value of the exit table.</param>
public sealed record AdminOutcome(string CommandId, int Code, string Message, IReadOnlyList<AdminLine> Lines, IReadOnlyList<string> Because);

public sealed record AdminLine(string Subject, bool Succeeded, string Message);

/// <summary>From any server's control API to the coordinator: an administrator has switched the server off by hand. Answered with <see cref="ConfirmOffAnswer"/>.</summary>
public sealed record ConfirmOff(string CommandId, ServerName Server, string Caller, string Reason);

public sealed record ConfirmOffAnswer(string CommandId, bool Accepted, string Sentence);

/// <summary>From any server's control API to a server's pm: stop the cluster service there in order.</summary>
public sealed record StopServerOrder(string CommandId, string Reason, string Caller)
{
    /// <summary>Every server is told so; a server whose program knows nothing of it takes it for a stop of its own.</summary>
    public bool All { get; init; }
}

public sealed record StopServerAccepted(string CommandId);
