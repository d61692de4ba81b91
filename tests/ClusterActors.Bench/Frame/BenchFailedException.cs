namespace ClusterActors.Bench;

/// <summary>A benchmark saw something that must not happen; the message says what, when and where to look.</summary>
public sealed class BenchFailedException(string message) : Exception(message);
