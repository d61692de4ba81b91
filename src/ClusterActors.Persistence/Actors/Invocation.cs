using ClusterActors.Actors;

namespace ClusterActors.Persistence;

/// <summary>One handler waiting for its turn: for a stored event, behind events (DeferAsync), or an event that could not be stored.</summary>
/// <param name="Kind">What it waits for.</param>
/// <param name="HoldsCommands">True for Persist and PersistAll: no command runs before it.</param>
/// <param name="SequenceNr">Number of the event; 0 for a deferred or rejected one.</param>
/// <param name="Event">The event, or the object given to DeferAsync.</param>
/// <param name="Handler">Runs with <paramref name="Event"/>.</param>
/// <param name="Sender">Sender of the command that asked for it.</param>
/// <param name="Rejection">Why the event could not be stored.</param>
internal sealed record Invocation(
    InvocationKind Kind,
    bool HoldsCommands,
    long SequenceNr,
    object Event,
    Action<object> Handler,
    IActorRef Sender,
    Exception? Rejection);

internal enum InvocationKind
{
    Stored,
    Deferred,
    Rejected,
}

/// <summary>The one write that an actor has under way (R-PA10) and how many handlers it sets free.</summary>
internal sealed record OutstandingWrite(Task Task, int Invocations, Invocation FirstStored);
