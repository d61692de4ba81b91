using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>The node daemon: its process, its connection, its sign of life.</summary>
internal sealed partial class GuardianCore
{
    public const int SignalKill = 9;
    private const int SignalTerminate = 15;

    private readonly IncidentRing _incidents = new();
    private IDaemonConnection? _connection;
    private NoteEdition _understood;
    private string _daemonEnd = "its connection ended";

    /// <summary>The connection of the present daemon, greeted or not.</summary>
    public IDaemonConnection? Connection => _connection;

    private (string Path, IReadOnlyList<string> Arguments) DaemonCommand =>
        _settings is { DaemonPath.Length: > 0 } settings
            ? (settings.DaemonPath, settings.DaemonArguments)
            : (_options.DaemonPath, _options.DaemonArguments);

    bool IDaemonActions.StartDaemon() => _daemon.Start(DaemonCommand.Path, DaemonCommand.Arguments);

    void IDaemonActions.StartAhead() => _daemon.StartAhead(DaemonCommand.Path, DaemonCommand.Arguments);

    void IDaemonActions.DropAhead() => _daemon.DropAhead();

    void IDaemonActions.KillDaemon(string reason)
    {
        _log.Error($"node daemon: {reason}; it is killed");
        _daemon.Signal(SignalKill);
        DropConnection("the daemon was killed");
    }

    void IDaemonActions.Report(IncidentKind kind, string first, string second, string third) =>
        _incidents.Add(_clock.Now, kind, first, second, kind == IncidentKind.DaemonRestarted ? $"{_daemonEnd}, {third}" : third);

    void IDaemonActions.GiveUp(string reason)
    {
        _log.Error($"{reason}; making this server safe so that a peer can take over");
        _incidents.Add(_clock.Now, IncidentKind.ServerMadeSafe, reason);
        MakeSafe(reason, _ => { });
    }

    void IDaemonActions.DaemonStateChanged(DaemonState state)
    {
        _log.Info($"node daemon is {state}");
        long since = _clock.Now;
        _loop?.TryPost((engine, _) =>
        {
            engine.SetDaemon(state, since);
            _loop.RequestPass();
        });
    }

    /// <summary>The process that was started has ended and was reaped.</summary>
    /// <param name="how">For the log: which process, and how.</param>
    /// <param name="inOrder">It was told to end, by its exit code; started again all the same.</param>
    public void DaemonEnded(string how, bool inOrder = false)
    {
        _log.Warn($"node daemon {how}");
        _daemonEnd = how;
        DropConnection("the daemon ended");
        _supervisor.Exited(_clock.Now, inOrder ? null : how);
        if (_farewellSaid)
            FinishLeaving();
        else if (_terminationSeen)
            BeginLeaving("SIGTERM, and the daemon has ended", _ => { });
    }

    /// <summary>A daemon has connected; it takes the place of an earlier one.</summary>
    public void Accept(IDaemonConnection connection)
    {
        if (_connection is not null)
            DropConnection("a newer daemon connected");
        _connection = connection;
    }

    /// <summary>A frame has come from the present daemon.</summary>
    public void Receive(IDaemonConnection from, GuardianFrame frame, ulong requestId)
    {
        if (frame is GuardianRequest request)
            Execute(from, request, requestId);
        else
            DropConnection($"it sent a {frame.Type}; only requests are allowed");
    }

    /// <summary>The connection is broken, or must not be used any more.</summary>
    public void DropConnection(string reason)
    {
        if (_connection is null)
            return;
        if (_connection.Greeted)
            _log.Warn($"connection of the node daemon dropped: {reason}");
        else
            _log.Info($"connection dropped before it said whose it is: {reason}");
        bool greeted = _connection.Greeted;
        _connection.Dispose();
        _connection = null;
        if (!greeted)
            return;
        _supervisor.Disconnected(_clock.Now);

        // A daemon of our own is waited for until it has ended; of one started by hand the connection is all there is.
        if (_terminationSeen && !_daemon.Runs)
            BeginLeaving($"SIGTERM, and the daemon is gone: {reason}", _ => { });
    }
}
