using ClusterActors.Guardian.Programs;
using ClusterActors.Linux;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>The node daemon: its process, its connection, its sign of life.</summary>
internal sealed partial class GuardianHost
{
    private const int DaemonNice = -15;

    // Protected, but to be chosen before the guardian, whose own protection the child would otherwise inherit.
    private const int DaemonOomAdjustment = -900;
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;

    bool IDaemonActions.StartDaemon()
    {
        bool fromSettings = _settings?.DaemonPath is { Length: > 0 };
        string path = fromSettings ? _settings!.DaemonPath : _options.DaemonPath;
        IReadOnlyList<string> arguments = fromSettings ? _settings!.DaemonArguments : _options.DaemonArguments;
        try
        {
            // This thread lives as long as the process, so the parent-death signal means the guardian's death.
            string setpriv = ProcessTools.Require("setpriv", "util-linux");
            int process = ChildProcess.Spawn(new ChildOptions(
                [setpriv, "--pdeathsig", "KILL", "--", path, .. arguments], DaemonEnvironment(), Output: 1, Error: 2, Nice: DaemonNice));
            _daemon = new PidFd(process);
            OomScore.TrySet(process, DaemonOomAdjustment);
            _poll.Set(DaemonSlot, _daemon.FileDescriptor);
            _log.Info($"node daemon {path} started as process {process}");
            return true;
        }
        catch (Exception e) when (e is LinuxException or FileNotFoundException or InvalidOperationException)
        {
            _log.Error($"node daemon {path}: {e.Message}");
            return false;
        }
    }

    void IDaemonActions.KillDaemon(string reason)
    {
        _log.Error($"node daemon: {reason}; it is killed");
        _daemon?.Signal(SignalKill);
        DropConnection("the daemon was killed");
    }

    void IDaemonActions.SendPing(ulong sequence) => Note(new Ping(sequence));

    void IDaemonActions.GiveUp(string reason)
    {
        _log.Error($"{reason}; making this server safe so that a peer can take over");
        MakeSafe(reason, _ => { });
    }

    void IDaemonActions.DaemonStateChanged(DaemonState state)
    {
        _log.Info($"node daemon is {state}");
        long since = BootClock.NowNanoseconds();
        _loop?.TryPost((engine, _) =>
        {
            engine.SetDaemon(state, since);
            _loop.RequestPass();
        });
    }

    private IReadOnlyList<string> DaemonEnvironment()
    {
        var environment = new Dictionary<string, string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        if (_options.Paths.Root.Length > 0)
            environment["CLP_ROOT"] = _options.Paths.Root;
        return [.. environment.Select(e => $"{e.Key}={e.Value}")];
    }

    private void ReapDaemon()
    {
        if (_daemon is null || !_daemon.TryReap(out ExitStatus status))
            return;
        string how = status.Signal != 0 ? $"by signal {status.Signal}" : $"with exit code {status.ExitCode}";
        _log.Warn($"node daemon process {_daemon.ProcessId} ended {how}");
        _poll.Set(DaemonSlot, -1);
        _daemon.Dispose();
        _daemon = null;
        DropConnection("the daemon ended");
        _supervisor.Exited(BootClock.NowNanoseconds());
        if (_farewellSaid)
            FinishLeaving();
        else if (_terminationSeen)
            BeginLeaving("SIGTERM, and the daemon has ended", _ => { });
    }

    private void Accept(SeqPacketConnection socket)
    {
        if (socket.PeerUserId != 0)
        {
            _log.Warn($"{_options.Paths.Socket}: a connection of user {socket.PeerUserId} was refused; only uid 0 is allowed");
            socket.Dispose();
            return;
        }

        if (_connection is not null)
            DropConnection("a newer daemon connected");
        _connection = new DaemonConnection(socket);
    }

    private void DropConnection(string reason)
    {
        if (_connection is null)
            return;
        if (_connection.Greeted)
            _log.Warn($"connection of the node daemon dropped: {reason}");
        _poll.Set(ConnectionSlot, -1);
        bool greeted = _connection.Greeted;
        _connection.Dispose();
        _connection = null;
        if (!greeted)
            return;
        _supervisor.Disconnected(BootClock.NowNanoseconds());

        // A daemon of our own is waited for until it has ended; of one started by hand the connection is all there is.
        if (_terminationSeen && _daemon is null)
            BeginLeaving($"SIGTERM, and the daemon is gone: {reason}", _ => { });
    }

    private void ReadFrames()
    {
        for (int i = 0; i < FramesPerRound && _connection is { } connection; i++)
        {
            if (connection.Receive(out ulong id) is not { } frame)
                break;
            if (frame is GuardianRequest request)
                Execute(connection, request, id);
            else
            {
                DropConnection($"it sent a {frame.Type}; only requests are allowed");
                break;
            }
        }
    }

    private void WriteFrames()
    {
        if (_connection is not { } connection)
            return;
        connection.Flush();
        if (connection.Broken is not { } reason)
        {
            _poll.Set(ConnectionSlot, connection.FileDescriptor, connection.HasWaiting ? PollEvents.Readable | PollEvents.Writable : PollEvents.Readable);
            return;
        }

        bool stuck = reason.StartsWith("it does not read", StringComparison.Ordinal);
        DropConnection(reason);
        if (stuck)
            _daemon?.Signal(SignalKill);
    }
}
