namespace ClusterActors.Configuration.Binding;

/// <summary>Which sections were bound as a whole: only then can it be said that something is not in them.</summary>
internal sealed record KnownParts(bool Heartbeats, bool Arbiters);
