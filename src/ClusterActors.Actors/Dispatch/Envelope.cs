namespace ClusterActors.Actors;

/// <summary>A user message with its sender.</summary>
/// <param name="Message">Never null.</param>
/// <param name="Sender">Null when told from outside any actor.</param>
public readonly record struct Envelope(object Message, IActorRef? Sender);
