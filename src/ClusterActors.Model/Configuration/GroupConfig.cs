using ClusterActors.Model.Resources;

namespace ClusterActors.Model;

public enum StartUp
{
    Manual = 0,
    Auto = 1,
}

public enum FailoverMode
{
    Manual = 0,
    Auto = 1,
}

public enum FailbackMode
{
    Manual = 0,
    Auto = 1,
}

/// <summary>Whether two groups with an exclusion may share a server.</summary>
public enum Exclusion
{
    None = 0,

    /// <summary>Avoid a server that runs another excluding group while a different choice exists.</summary>
    Normal = 1,

    /// <summary>Never share a server with another excluding group.</summary>
    Absolute = 2,
}

/// <summary>A setting that is on or off.</summary>
public enum Switch
{
    Off = 0,
    On = 1,
}

/// <summary>What to do when a resource cannot be started or stopped after all retries. The numbers are those of the manuals.</summary>
public enum FinalAction
{
    /// <summary>Go on with the next resource.</summary>
    None = 0,

    /// <summary>Stop here and leave the group as it is.</summary>
    NoOperation = 1,

    StopGroup = 2,

    /// <summary>Stop the cluster service on this server: its guardian makes the server safe and the peer takes over.</summary>
    StopDaemon = 3,

    StopDaemonAndShutDown = 4,

    StopDaemonAndReboot = 5,
}

/// <param name="Servers">In order of preference.</param>
/// <param name="WaitFor">Groups that must be online before this one starts.</param>
/// <param name="WaitTimeout">After it the start is cancelled.</param>
/// <param name="FailoverThreshold">Automatic failovers in a row before the group stays in Online Failure.</param>
/// <param name="Resources">In configured order; start order comes from <see cref="ResourceConfig.Depth"/>.</param>
public sealed record GroupConfig(
    GroupName Name,
    IReadOnlyList<ServerName> Servers,
    StartUp StartUp,
    FailoverMode Failover,
    FailbackMode Failback,
    Exclusion Exclusion,
    IReadOnlyList<GroupName> WaitFor,
    TimeSpan WaitTimeout,
    int FailoverThreshold,
    IReadOnlyList<ResourceConfig> Resources,
    SourceLocation Location)
{
    /// <summary>
    /// A server that is ordered to start it first looks whether it is active elsewhere: at the reports of its peers, and in a start that is no takeover
    /// at the network. Off: only the planner's rules keep it from running twice.
    /// </summary>
    public bool BothActivationCheck { get; init; } = true;

    /// <summary>For how long a more preferred server must have been up without a break before automatic failback to it; zero = at once.</summary>
    public TimeSpan FailbackHoldDown { get; init; }

    /// <summary>The first resource that nothing but proof of the old owner's death makes safe to start elsewhere; null = there is none.</summary>
    public ResourceConfig? NeedsProof => Resources.FirstOrDefault(r => r.Exclusion == ExclusionClass.Proof);
}

/// <param name="Depth">0 starts first; resources of one depth start at the same time; stopped in descending order.</param>
/// <param name="DependsOn">Resources of the same group; where the file says nothing, the type's defaults (fip and disks before programs).</param>
/// <param name="StartRetries">Further tries after a failed start.</param>
/// <param name="Restarts">Restarts after a failure while running, before the group fails over.</param>
/// <param name="Parameters">The type's own keys, validated against its description.</param>
public sealed record ResourceConfig(
    ResourceName Name,
    string Type,
    int Depth,
    IReadOnlyList<ResourceName> DependsOn,
    int StartRetries,
    int Restarts,
    FinalAction StartFinalAction,
    int StopRetries,
    FinalAction StopFinalAction,
    ResourceParameters Parameters,
    SourceLocation Location)
{
    /// <summary>How an old copy is excluded, as the resource's type says.</summary>
    public ExclusionClass Exclusion { get; init; } = ExclusionClass.Kill;
}
