using ClusterActors.Actors;
using ClusterActors.Cluster.Membership;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Events;
using ClusterActors.Model.Voting;

namespace ClusterActors.Cluster.Arbitration;

/// <summary>What the arbitration needs from the composition root.</summary>
/// <param name="Arbiters">In configured order, without the witness: the guardian asks that one.</param>
/// <param name="BootTime">The guardian's clock, in which vows are counted.</param>
/// <param name="HandVow">Gives the guardian a vow of the store: term it was asked in, instant before it was asked, length.</param>
public sealed record ArbitrationSettings(
    ClusterConfig Config, ServerName Self, IReadOnlyList<IArbiter> Arbiters, IActorRef Coordinator, IActorRef Events, EventIds Ids,
    TimeProvider Time, Func<TimeSpan> BootTime, Func<Term, TimeSpan, TimeSpan, Task> HandVow);

/// <summary>From the coordinator at each change: what it sees, and what it would do if the silent servers were out. Not answered.</summary>
/// <param name="Settled">Servers known to be off by proof or by an administrator's word.</param>
/// <param name="Helps">Raising the term over the silent servers would let something start.</param>
/// <param name="Waiting">Groups that would be started then.</param>
/// <param name="Number">Grows with each; the answer names the one it rests on, so that an old proof is not taken for one about a later silence.</param>
public sealed record Outlook(MembershipView View, IReadOnlyCollection<ServerName> Settled, bool Helps, IReadOnlyList<GroupName> Waiting, long Number);

/// <summary>To the coordinator whenever it changes: the verdict in that term.</summary>
/// <param name="HasVote">The vote store has voted for this takeover.</param>
/// <param name="Proven">Servers that a fence has excluded, each with the sentence.</param>
/// <param name="Outlook">Number of the outlook behind it.</param>
public sealed record Arbitrated(Term Term, Verdict Verdict, bool HasVote, IReadOnlyDictionary<ServerName, string> Proven, long Outlook)
{
    /// <summary>The same servers with the events that told of it. For people only.</summary>
    public IReadOnlyList<FenceView> Fenced { get; init; } = [];
}

/// <summary>From the coordinator: how a raise that rested on the verdict ended.</summary>
public sealed record RaiseEnded(Term Decided, bool Raised, string Sentence);

/// <summary>From the coordinator: an administrator switched the server off.</summary>
public sealed record ConfirmedOff(ServerName Server, string Sentence);

/// <summary>Answered with <see cref="ArbitersShown"/>.</summary>
public sealed record GetArbiters;

/// <summary>One arbiter for status.</summary>
/// <param name="State">One word: ok, failed, asking, unknown.</param>
public sealed record ArbiterState(string Name, string Type, string Kind, string State, string Sentence);

/// <param name="Verdict">The verdict at present.</param>
/// <param name="Last">The last one that was about silent servers, with when it was reached; null = there was none in this life.</param>
public sealed record ArbitersShown(IReadOnlyList<ArbiterState> Arbiters, Verdict? Verdict, string? Last, IReadOnlyDictionary<ServerName, FenceView> Fences);

/// <summary>From the control API: try the fence of a server. Answered with <see cref="FenceTested"/> when it is done.</summary>
/// <param name="Really">Switch it off; else only ask for its state.</param>
public sealed record TestFence(ServerName Server, bool Really, string Caller);

public sealed record FenceTested(IReadOnlyList<(string Arbiter, bool Succeeded, string Sentence)> Lines);
