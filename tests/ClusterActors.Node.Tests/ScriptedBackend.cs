using ClusterActors.Control;

namespace ClusterActors.Node.Tests;

/// <summary>What stands behind the control API in tests: tells who asked for what, and has the events that a test gives it.</summary>
internal sealed class ScriptedBackend : IControlBackend
{
    private readonly Lock _lock = new();
    private readonly List<EventDto> _events = [];
    private TaskCompletionSource _news = NewSignal();

    /// <summary>Verb and caller of each call, in order.</summary>
    public List<(string Verb, Caller? Caller)> Calls { get; } = [];

    /// <summary>Completes when somebody waits for an event after those that there are.</summary>
    public TaskCompletionSource IsAwaited { get; } = NewSignal();

    public void Add(EventDto item)
    {
        lock (_lock)
        {
            _events.Add(item);
            _news.SetResult();
            _news = NewSignal();
        }
    }

    public Task<ClusterStatus> GetStatusAsync(CancellationToken cancellation)
    {
        Note("status", null);
        return Task.FromResult(new ClusterStatus("pair", "server1", "Running", null, null, "3.0", "server1", "hold", "hash", false, false, [], [], []));
    }

    public Task<CommandReply> StartGroupAsync(string? group, GroupCommand command, Caller caller, CancellationToken cancellation) => Did($"start {group}", caller);

    public Task<CommandReply> StopGroupAsync(string? group, GroupCommand command, Caller caller, CancellationToken cancellation) => Did($"stop {group}", caller);

    public Task<CommandReply> MoveGroupAsync(string? group, GroupCommand command, Caller caller, CancellationToken cancellation) => Did($"move {group}", caller);

    public Task<CommandReply> StopClusterAsync(ClusterCommand command, Caller caller, CancellationToken cancellation) => Did("stop cluster", caller);

    public Task<CommandReply> CancelStartupWaitAsync(CommandOptions options, Caller caller, CancellationToken cancellation) => Did("cancel wait", caller);

    public Task<CommandReply> TestFenceAsync(string server, FenceTestCommand command, Caller caller, CancellationToken cancellation) => Did($"fence test {server}", caller);

    public Task<CommandReply> ConfirmOffAsync(string server, CommandOptions options, Caller caller, CancellationToken cancellation) => Did($"confirm {server}", caller);

    public Task<CommandReply> WishAsync(WishRequest wish, Caller caller, CancellationToken cancellation) => Did($"wish {wish.Verb}", caller);

    public Task<GroupExplanation?> ExplainGroupAsync(string group, CancellationToken cancellation) => Task.FromResult<GroupExplanation?>(null);

    public Task<EventPage> GetEventsAsync(long after, int max, CancellationToken cancellation)
    {
        lock (_lock)
            return Task.FromResult(new EventPage([.. _events.Where(item => item.Sequence > after)], _events.Count == 0 ? 0 : _events[^1].Sequence));
    }

    public Task WaitForEventAsync(long after, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_events.Exists(item => item.Sequence > after))
                return Task.CompletedTask;
            IsAwaited.TrySetResult();
            return _news.Task.WaitAsync(cancellation);
        }
    }

    public Task<GuardianAnswer> GetGuardianAsync(CancellationToken cancellation) => throw new NotSupportedException("no test asks for the guardian");

    public Task<CheckReport> CheckClusterAsync(CancellationToken cancellation) => Task.FromResult(new CheckReport([]));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<CommandReply> Did(string verb, Caller caller)
    {
        Note(verb, caller);
        return Task.FromResult(new CommandReply(ExitCode.Done, "Command succeeded.", null, [], []));
    }

    private void Note(string verb, Caller? caller)
    {
        lock (_lock)
            Calls.Add((verb, caller));
    }
}
