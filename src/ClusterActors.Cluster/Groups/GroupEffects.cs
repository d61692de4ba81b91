using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Groups;

/// <summary>What a step of <see cref="GroupRun"/> asks its actor to do, in order. Everything before a <see cref="Persist"/> is done
/// before it, everything behind it only once the record is stored.</summary>
public abstract record GroupEffect;

/// <summary>Store the record, then publish it to status and peers.</summary>
public sealed record Persist(GroupRecord Record) : GroupEffect;

/// <summary>Start a resource; the result comes back as <see cref="ResourceStarted"/> with the same operation number.</summary>
public sealed record StartResource(long Operation, ResourceConfig Resource, StartCause Cause, string Ticket, int Attempt) : GroupEffect;

/// <summary>Stop a resource; the result comes back as <see cref="ResourceStopped"/>.</summary>
public sealed record StopResource(long Operation, ResourceConfig Resource, bool Force, int Attempt) : GroupEffect;

/// <summary>Ask what is true of a resource; the answer comes back as <see cref="ResourceChecked"/>.</summary>
/// <param name="CutShort">As <see cref="StartRequest.CutShort"/>.</param>
public sealed record CheckResource(long Operation, ResourceConfig Resource, string CutShort) : GroupEffect;

/// <summary>Cancel whatever is under way for a resource; its result still arrives.</summary>
public sealed record CancelOperation(ResourceName Resource) : GroupEffect;

/// <summary>Tell when a started resource ends by itself (<see cref="ResourceEnded"/>).</summary>
public sealed record WatchResource(long Operation, ResourceConfig Resource) : GroupEffect;

public sealed record Raise(EventDraft Event) : GroupEffect;

/// <summary>The server has become unsafe: carry out the final action before anything else.</summary>
public sealed record TakeFinalAction(FinalAction Action, string Reason, string? CauseId) : GroupEffect;

/// <summary>Result of a start.</summary>
public sealed record ResourceStarted(long Operation, ResourceName Resource, ResourceOutcome Outcome);

/// <summary>Result of a stop.</summary>
public sealed record ResourceStopped(long Operation, ResourceName Resource, ResourceOutcome Outcome);

/// <summary>Answer to a check.</summary>
public sealed record ResourceChecked(long Operation, ResourceName Resource, ResourceOutcome Outcome);

/// <summary>A started resource ended or failed by itself.</summary>
public sealed record ResourceEnded(long Operation, ResourceName Resource, ResourceOutcome Outcome);
