namespace ClusterActors.Control;

/// <summary>Who asks: from SO_PEERCRED on the local socket or from the client certificate.</summary>
/// <param name="Name">For the audit record: "uid 0", "CN=ops".</param>
public sealed record Caller(string Name, string From, bool IsAdministrator);

/// <summary>
/// What the daemon offers to its control API host. Status answers come from local knowledge within 100 ms; commands wait at most
/// the time asked for.
/// </summary>
public interface IControlBackend
{
    Task<ClusterStatus> GetStatusAsync(CancellationToken cancellation);

    /// <param name="group">Null = every group.</param>
    Task<CommandReply> StartGroupAsync(string? group, GroupCommand command, Caller caller, CancellationToken cancellation);

    Task<CommandReply> StopGroupAsync(string? group, GroupCommand command, Caller caller, CancellationToken cancellation);

    Task<CommandReply> MoveGroupAsync(string? group, GroupCommand command, Caller caller, CancellationToken cancellation);

    /// <summary>Stops the groups in order and then the daemon, on this server or on all.</summary>
    Task<CommandReply> StopClusterAsync(ClusterCommand command, Caller caller, CancellationToken cancellation);

    /// <summary>Ends the start-up wait: this server goes on without the ones it waits for (audited).</summary>
    Task<CommandReply> CancelStartupWaitAsync(CommandOptions options, Caller caller, CancellationToken cancellation);

    /// <summary>Asks every fence of the server for its state, or switches the server off; nothing of the cluster changes by it.</summary>
    Task<CommandReply> TestFenceAsync(string server, FenceTestCommand command, Caller caller, CancellationToken cancellation);

    /// <summary>An administrator has switched the server off by hand: it counts as fenced (audited). Refused while it is heard.</summary>
    Task<CommandReply> ConfirmOffAsync(string server, CommandOptions options, Caller caller, CancellationToken cancellation);

    /// <summary>Stores what is wanted of the cluster or a server as a whole (audited).</summary>
    Task<CommandReply> WishAsync(WishRequest wish, Caller caller, CancellationToken cancellation);

    Task<GroupExplanation?> ExplainGroupAsync(string group, CancellationToken cancellation);

    /// <param name="after">Only events with a higher sequence; -1 = the newest <paramref name="max"/>.</param>
    Task<EventPage> GetEventsAsync(long after, int max, CancellationToken cancellation);

    /// <summary>Completes when an event with a higher sequence exists, or with the token.</summary>
    Task WaitForEventAsync(long after, CancellationToken cancellation);

    /// <summary>The figures of this server's guardian; asked of it, at most 2 s.</summary>
    Task<GuardianAnswer> GetGuardianAsync(CancellationToken cancellation);

    Task<CheckReport> CheckClusterAsync(CancellationToken cancellation);
}
