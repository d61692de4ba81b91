using ClusterActors.Guardian.Beats;
using ClusterActors.Guardian.Logging;
using ClusterActors.Guardian.Storage;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>
/// The control thread of the guardian: talks with the node daemon, supervises it, and carries out what the engine on the beat thread decides.
/// Everything in it runs on one thread and never waits: work that may block goes to workers and comes back through the queue.
/// </summary>
internal sealed partial class GuardianHost : IDaemonActions, IDisposable
{
    private const long Millisecond = 1_000_000;
    private const int ConnectionSlot = 4;
    private const int DaemonSlot = 5;
    private const int FramesPerRound = 256;

    /// <summary>Longest time a killed process tree gets to be gone; longer means that it hangs in the kernel.</summary>
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);

    private readonly GuardianOptions _options;
    private readonly RingLog _log;
    private readonly GuardianStore _store;
    private readonly IProgramHost _programs;
    private readonly IAddressHost _addresses;
    private readonly ILeases _leases;
    private readonly RealtimeReport? _rights;
    private readonly ControlQueue _queue;
    private readonly Worker _disk;
    private readonly SeqPacketListener _listener;
    private readonly TerminationSignal _signal = new();
    private readonly PollSet _poll = new(6);
    private readonly PriorityQueue<Action, long> _timers = new();
    private readonly DaemonSupervisor _supervisor;
    private readonly Incarnation _incarnation;

    private GuardianSettings? _settings;
    private BeatLoop? _loop;
    private long _beatingSince;
    private DaemonConnection? _connection;
    private PidFd? _daemon;
    private bool _stop;
    private int _exitCode;

    public GuardianHost(
        GuardianOptions options, RingLog log, GuardianStore store, ControlQueue queue, IProgramHost programs, IAddressHost addresses, ILeases leases,
        RealtimeReport? rights)
    {
        (_options, _log, _store, _queue, _programs, _addresses, _leases, _rights) = (options, log, store, queue, programs, addresses, leases, rights);
        _incarnation = new Incarnation(BootIdentity.Fold(BootIdentity.Read()), store.State.StartCounter);
        _settings = store.Settings;
        _disk = new Worker("clp-disk", RealTimeClass, OrdinaryPriority);
        _listener = new SeqPacketListener(options.Paths.Socket);
        _supervisor = new DaemonSupervisor(this, MakeLimits(), BootClock.NowNanoseconds());
        _poll.Add(_queue.FileDescriptor);
        _poll.Add(_listener.FileDescriptor);
        _poll.Add(_signal.FileDescriptor);
        _poll.Add(_programs.FileDescriptor);
        _poll.Add(-1);
        _poll.Add(-1);
    }

    private SchedulingPolicy RealTimeClass => _rights is { HasRealtimeScheduling: true } ? SchedulingPolicy.RoundRobin : SchedulingPolicy.Other;

    private int OrdinaryPriority => _rights is { HasRealtimeScheduling: true } ? GuardianOptions.Priority : 0;

    /// <summary>Runs until the guardian has left. Returns the process' exit code.</summary>
    public int Run()
    {
        _log.Info($"clpmonp: life {_incarnation}, term {_store.State.Term.Term}, instance {_options.Paths.Instance}, fence {_addresses.Describe()}");
        foreach (string finding in _store.Findings)
            _log.Warn(finding);
        if (_rights is not null)
            _log.Info(_rights.ToString());
        if (_rights is { HasRealtimeScheduling: false })
            _log.Error("no real-time priority: beats may be late under load; the profiles fast and instant are not safe here");
        if (_settings is null)
            _log.Warn($"{_options.Paths.Settings}: no settings; waiting for the node daemon to hand them over");
        else
            StartBeating(_settings);
        StartCleaning();
        while (!_stop)
            Round();
        return _exitCode;
    }

    public void Dispose()
    {
        _loop?.Dispose();
        _connection?.Dispose();
        _daemon?.Dispose();
        _listener.Dispose();
        _signal.Dispose();
        _poll.Dispose();
        _disk.Dispose();
    }

    private void Round()
    {
        long due = _supervisor.NextDue;
        if (_timers.TryPeek(out _, out long first))
            due = Math.Min(due, first);
        _poll.WaitUntil(due);
        _queue.Run();
        HandleNotes();
        while (_listener.TryAccept() is { } accepted)
            Accept(accepted);
        if (_programs.FileDescriptor >= 0)
            _programs.Dispatch();
        ReadFrames();
        if (_signal.Requested)
            OnTermination();
        ReapDaemon();
        long now = BootClock.NowNanoseconds();
        while (_timers.TryPeek(out Action? action, out long at) && at <= now)
        {
            _timers.Dequeue();
            action();
        }

        _supervisor.Tick(BootClock.NowNanoseconds());
        WriteFrames();
    }

    private void After(TimeSpan delay, Action action) => _timers.Enqueue(action, BootClock.NowNanoseconds() + (delay.Ticks * 100));

    /// <summary>Runs a command on the beat thread and its continuation here; a full queue means that the beat thread hangs, and the guardian ends.</summary>
    private void OnEngine(Func<HeartbeatEngine, long, Action> command)
    {
        if (_loop is null)
            throw new InvalidOperationException("the engine was asked before there were settings");
        if (!_loop.TryPost((engine, now) => _queue.Post(command(engine, now))))
            Fail("the beat thread takes no commands any more");
    }

    /// <summary>Blocking work on the disk worker, continued here with its failure or null.</summary>
    private void OnDisk(Action work, Action<string?> done)
    {
        bool queued = _disk.TryPost(() =>
        {
            string? failure = null;
            try
            {
                work();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or GuardianFormatException)
            {
                failure = e.Message;
            }

            _queue.Post(() => done(failure));
        });
        if (!queued)
            done("the disk has taken nothing for too long; it hangs");
    }

    /// <summary>On the control thread: a note from one of its helpers.</summary>
    public void Tell(GuardianNote note) => Note(note);

    private void Note(GuardianNote note)
    {
        if (_connection is { Greeted: true } connection)
            connection.Send(note, 0);
    }

    /// <summary>A rule of the guardian itself is broken: end at once, programs with it; better no service than two owners.</summary>
    private void Fail(string reason)
    {
        _log.Error($"clpmonp ends: {reason}");
        _exitCode = 70;
        _stop = true;
    }

    private void StartBeating(GuardianSettings settings)
    {
        BeatChannels channels;
        try
        {
            channels = BeatChannels.Open(settings, OrdinaryPriority);
        }
        catch (Exception e) when (e is Linux.LinuxException)
        {
            _log.Error($"{e.Message}; trying again in 1 s");
            After(TimeSpan.FromSeconds(1), () => StartBeating(_settings ?? settings));
            return;
        }

        _addresses.Prepare(settings);
        WarmUp.Compile(_leases.GetType());
        _beatingSince = BootClock.NowNanoseconds();
        var engine = new HeartbeatEngine(settings, _incarnation, _store.State.Term, _store.Settle(settings), _beatingSince);
        engine.SetDaemon(_supervisor.State, _supervisor.Since);
        if (_isClean)
            engine.SetClean();
        int priority = _rights is { HasRealtimeScheduling: true } ? GuardianOptions.BeatPriority : 0;
        _loop = new BeatLoop(settings, engine, channels, _leases, priority, _queue.Wake, OrdinaryPriority);
        int refused = _loop.Start();
        if (refused != 0)
            _log.Error($"beat thread without real-time priority (errno {refused}): beats may be late under load");
        _log.Info($"beating as {settings.NameOf(settings.OwnIndex)} of {settings.ClusterName}: every {settings.Interval.TotalMilliseconds} ms, "
            + $"timeout {settings.Timeout.TotalMilliseconds * settings.Ratio} ms, grant {settings.Grant.TotalMilliseconds * settings.Ratio} ms, policy {settings.Policy}, "
            + $"{settings.Networks.Count} networks, {settings.Disks.Count} disks, {settings.Serials.Count} serial lines; nothing is taken over by silence for {_store.Settle(settings).TotalMilliseconds} ms");
    }

    private DaemonLimits MakeLimits()
    {
        bool supervised = (_settings?.DaemonPath is { Length: > 0 }) || _options.DaemonPath.Length > 0;
        return _settings is { } settings
            ? DaemonLimits.From(settings, supervised)
            : new DaemonLimits(supervised, 200 * Millisecond, 1000 * Millisecond, 30_000 * Millisecond);
    }
}
