namespace ClusterActors.Cluster.Membership;

/// <summary>A server that another one says it receives over a network.</summary>
public sealed record HeardElsewhere(int Network, int Hearer, int Heard);
