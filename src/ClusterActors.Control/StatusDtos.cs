namespace ClusterActors.Control;

/// <summary>Everything the status screens show, from the answering server's local knowledge; each part says how old it is.</summary>
/// <param name="AnsweringServer">The server this answer comes from (the one with the star).</param>
/// <param name="Phase">Starting, WaitingForServers, Running, Stopping.</param>
/// <param name="WaitingFor">Who is waited for and until when, in words; null when nothing is waited for.</param>
/// <param name="WaitSecondsLeft">Count-down of the start-up wait; null when none runs.</param>
/// <param name="Suspended">Monitoring and automatic failover are suspended by an administrator.</param>
public sealed record ClusterStatus(
    string Cluster,
    string AnsweringServer,
    string Phase,
    string? WaitingFor,
    double? WaitSecondsLeft,
    string Term,
    string? Coordinator,
    string OnPartition,
    string ConfigHash,
    bool ConfigDiffers,
    bool Suspended,
    IReadOnlyList<ServerStatus> Servers,
    IReadOnlyList<GroupStatus> Groups,
    IReadOnlyList<HeartbeatStatus> Heartbeats)
{
    // The generated reader sets what an older release leaves out to null or 0, whatever stands here: so the setters put the default in its place.

    /// <summary>What is wrong with the answering daemon's own configuration or settings, as sentences.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = value ?? []; } = [];

    /// <summary>Under the policy ask-arbiters; empty otherwise.</summary>
    public IReadOnlyList<ArbiterStatus> Arbiters { get; init => field = value ?? []; } = [];

    /// <summary>The verdict over silent servers, in one sentence; null where nobody is asked.</summary>
    public string? Verdict { get; init; }

    /// <summary>The newest verdict that was about a silent server, with its time; null when there was none.</summary>
    public string? LastVerdict { get; init; }

    /// <summary>The hold promise of the answering server and what it costs, in one sentence; null while none is in force.</summary>
    public string? Hold { get; init; }

    /// <summary>Factor of the timeouts in force; 1 = as configured.</summary>
    public int Ratio { get; init => field = Math.Max(value, 1); } = 1;

    /// <summary>ISO 8601, when the stretch ends; null when there is none.</summary>
    public string? RatioUntil { get; init; }
}

/// <summary>One arbiter as the answering server sees it.</summary>
/// <param name="Kind">veto, vote or fence.</param>
/// <param name="State">ok, failed, isolated, asking, not asked, not checked; guardian = the guardian asks it.</param>
public sealed record ArbiterStatus(string Name, string Type, string Kind, string State, string Detail);

/// <param name="State">Online, Offline, Caution (suspected or daemon restarting), Unknown.</param>
/// <param name="Detail">The sentence behind the state, such as "daemon restarting for 0.4 s".</param>
/// <param name="Grant">Until when it may run groups and why, in words.</param>
/// <param name="AgeSeconds">Age of what is known of it; 0 for the answering server.</param>
public sealed record ServerStatus(
    string Name,
    string State,
    string Detail,
    string Incarnation,
    string Grant,
    double AgeSeconds,
    bool IsSelf,
    IReadOnlyList<HeartbeatChannelStatus> Heartbeats)
{
    /// <summary>Standby or Maintenance; null in normal mode.</summary>
    public string? Mode { get; init; }

    /// <summary>The administrator's words for the mode.</summary>
    public string? ModeReason { get; init; }
}

/// <summary>State of one heartbeat as seen by the answering server towards (or, for itself, at) that server.</summary>
/// <param name="State">Normal, Caution (late), Error (silent), Unknown.</param>
public sealed record HeartbeatChannelStatus(string Name, string State, double SilentForSeconds)
{
    /// <summary>What is wrong with its device on the answering server; empty when nothing is.</summary>
    public string Detail { get; init => field = value ?? ""; } = "";
}

/// <param name="State">The words of the manuals: Online, Offline, Online Pending, Offline Pending, Online Failure, Offline Failure, Unknown.</param>
/// <param name="Reason">Why it is in this state and where it is, in one sentence.</param>
public sealed record GroupStatus(
    string Name,
    string State,
    string? CurrentServer,
    string Reason,
    string Wish,
    int Failovers,
    int FailoverThreshold,
    IReadOnlyList<string> Servers,
    IReadOnlyList<ResourceStatusDto> Resources);

public sealed record ResourceStatusDto(string Name, string Type, string State, int Restarts, int RestartLimit, string Detail);

/// <summary>A heartbeat of the cluster and who hears whom on it: the matrix of <c>clpstat -n</c>.</summary>
/// <param name="Hears">One entry per ordered pair of servers; of a server with itself: whether the heartbeat can be used there at all.</param>
/// <param name="Type">lanhb, diskhb or comhb.</param>
/// <param name="Network">The network, or the device on the answering server.</param>
/// <param name="ExtendsGrant">True when its answers come within the grant and extend it; false for a heartbeat that only tells who lives.</param>
/// <param name="Note">How slow it is and why, when it does not extend the grant; empty otherwise.</param>
public sealed record HeartbeatStatus(
    string Name, string Type, string Network, int Priority, IReadOnlyList<HearsDto> Hears, bool ExtendsGrant = true, string Note = "");

/// <param name="State">"o" receiving, "x" lost, "-" no information.</param>
public sealed record HearsDto(string Observer, string Subject, string State);
