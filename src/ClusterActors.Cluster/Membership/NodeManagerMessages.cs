using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Membership;

/// <summary>A link to a server's daemon is up. Published by the composition root from the remoting layer.</summary>
public sealed record ServerLinked(ServerName Server, string ConfigHash);

/// <summary>The link to a server's daemon is down.</summary>
public sealed record ServerUnlinked(ServerName Server, string Reason);

/// <summary>The connection to the guardian ended.</summary>
public sealed record GuardianGone;

/// <summary>From pm: this server is being stopped.</summary>
/// <param name="CauseId">The event that recorded the request.</param>
public sealed record Leaving(string? CauseId);

/// <summary>From rc: a group's actor was made anew and has to know what the guardian holds now.</summary>
internal sealed class TableWanted
{
    public static readonly TableWanted Instance = new();
}

/// <summary>From the coordinator: it has to know what came of an order, so all are to follow it under a new number; what is still under way is refused then.</summary>
internal sealed class DecideAnew
{
    public static readonly DecideAnew Instance = new();
}

/// <summary>From pm: the start-up count-down, or null when it is over.</summary>
/// <param name="CauseId">The event about its end.</param>
public sealed record StartupWaitChanged(StartupWait? Wait, string? CauseId = null);

/// <summary>Who gets each new <see cref="MembershipView"/>; told once at start.</summary>
public sealed record ViewReaders(IReadOnlyList<IActorRef> Readers, IActorRef ResourceControl)
{
    /// <summary>Gets the wishes that peers report.</summary>
    public IActorRef Wishes { get; init; } = ActorRefs.Nobody;
}

/// <summary>From the coordinator: raise the term over these servers. Answered with <see cref="RaiseTermAnswer"/>.</summary>
/// <param name="Decided">Term of the view in which it was decided; refused by the guardian when another is in force by now.</param>
/// <param name="Confirmed">Those of them that are known to be off: by a fence, or by an administrator's word.</param>
/// <param name="ArbiterVote">The vote store has voted for it.</param>
public sealed record RaiseTermFor(Term Decided, IReadOnlyList<ServerName> Servers, IReadOnlyList<ServerName> Confirmed, string Reason, bool ArbiterVote = false);

public sealed record RaiseTermAnswer(bool Raised, string Sentence);
