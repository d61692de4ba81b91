namespace ClusterActors.Lab;

/// <summary>What <c>deploy/lab/pair</c> makes.</summary>
public sealed record PairOptions
{
    /// <summary>Heartbeat profile; default <c>default</c>.</summary>
    public string Profile { get; init; } = "default";

    /// <summary>Default 2, under the policy take-over; 3 decide by majority.</summary>
    public int Servers { get; init; } = 2;

    /// <summary>A witness on a machine of its own, and the policy ask-arbiters; default none.</summary>
    public bool Witness { get; init; }

    /// <summary>Block device on which <c>clp heartbeat init</c> is run before the servers start; default none.</summary>
    public string? HeartbeatPartition { get; init; }

    /// <summary>Lines added to cluster.conf.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
