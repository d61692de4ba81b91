namespace ClusterActors.Lab;

/// <summary>What a lab consists of. Addresses are those of <c>deploy/lab/lab help</c>.</summary>
public sealed record LabOptions
{
    /// <summary>server1, server2, ...; default 2.</summary>
    public int Servers { get; init; } = 2;

    /// <summary>Networks that join all hosts (eth1, eth2, ...); default 2.</summary>
    public int Networks { get; init; } = 2;

    /// <summary>client1, ...; default 1.</summary>
    public int Clients { get; init; } = 1;

    /// <summary>A host named witness; default none.</summary>
    public bool Witness { get; init; }
}
