using ClusterActors.Model;

namespace ClusterActors.Cluster.Groups;

/// <summary>Where one resource of a group stands on this server.</summary>
/// <param name="Operation">Number of the newest operation; results with another number are of the past and ignored. 0 = none yet.</param>
/// <param name="InFlight">An operation is under way.</param>
/// <param name="Attempt">Tries of the present start or stop, from 1; 0 = a later order has overtaken it, its failure counts for nothing.</param>
/// <param name="Starts">Starts in the life of this record, part of the ticket.</param>
/// <param name="Restarts">Restarts used since the group came online.</param>
public sealed record ResourceRun(
    ResourceConfig Config, ResourceState State, long Operation, bool InFlight, int Attempt, int Starts, int Restarts, string Detail)
{
    public static ResourceRun Idle(ResourceConfig config) => new(config, ResourceState.Offline, 0, false, 0, 0, 0, "");

    /// <summary>Something of it may exist on this server.</summary>
    public bool MayBeActive => State is not ResourceState.Offline;

    public ResourceStatus Status => new(Config.Name, Config.Type, State, Restarts, Detail);
}
