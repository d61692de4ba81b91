namespace ClusterActors.Linux.Net;

/// <summary>Whether one kind of fence loads on this kernel, for <c>clp doctor</c>.</summary>
/// <param name="Detail">How, or why not; one sentence.</param>
public sealed record FenceProbe(FenceKind Kind, bool Loads, string Detail);
