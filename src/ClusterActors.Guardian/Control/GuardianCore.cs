using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Realtime;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>
/// What the guardian decides beside its engine: it talks with the node daemon, supervises it, and carries out the engine's notes. Single
/// threaded and without I/O of its own: <see cref="GuardianHost"/> runs it on the machine, the simulation runs it on virtual time.
/// <para>
/// Its owner calls, in each round: <see cref="TakeNotes"/>, <see cref="Accept"/> and <see cref="Receive"/> for what came, <see cref="Tick"/>;
/// and wakes again at <see cref="NextDue"/> or when a port has something.
/// </para>
/// </summary>
internal sealed partial class GuardianCore : IDaemonActions
{
    private const long Millisecond = 1_000_000;

    /// <summary>Longest time a killed process tree gets to be gone; longer means that it hangs in the kernel.</summary>
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);

    private readonly GuardianOptions _options;
    private readonly RealtimeReport? _rights;
    private readonly IGuardianLog _log;
    private readonly IBootClock _clock;
    private readonly IGuardianDisk _disk;
    private readonly IEngineLoops _loops;
    private readonly IProgramHost _programs;
    private readonly IAddressHost _addresses;
    private readonly IDaemonProcess _daemon;
    private readonly PriorityQueue<Action, (long At, long Order)> _timers = new();
    private readonly DaemonSupervisor _supervisor;
    private readonly Incarnation _incarnation;

    private GuardianSettings? _settings;
    private IEngineLoop? _loop;
    private long _beatingSince;
    private long _timerOrder;

    /// <param name="incarnation">This life; its counter is already stored durably.</param>
    /// <param name="rights">What the machine granted; null when nothing was asked for.</param>
    public GuardianCore(GuardianOptions options, Incarnation incarnation, RealtimeReport? rights, GuardianPorts ports)
    {
        (_options, _incarnation, _rights) = (options, incarnation, rights);
        (_log, _clock, _disk, _loops, _programs, _addresses, _daemon) = ports;
        _settings = _disk.Settings;
        _supervisor = new DaemonSupervisor(this, MakeLimits(), _clock.Now);
    }

    /// <summary>It has left, or a rule of its own was broken: end the process now, with <see cref="ExitCode"/>.</summary>
    public bool HasEnded { get; private set; }

    public int ExitCode { get; private set; }

    /// <summary>Boot time at which <see cref="Tick"/> has something to do.</summary>
    public long NextDue => _timers.TryPeek(out _, out (long At, long Order) first) ? Math.Min(_supervisor.NextDue, first.At) : _supervisor.NextDue;

    /// <summary>Begins: with stored settings it beats at once.</summary>
    public void Start()
    {
        _log.Info($"clpmonp: life {_incarnation}, term {_disk.State.Term.Term}, instance {_options.Paths.Instance}, fence {_addresses.Describe()}");
        foreach (string finding in _disk.Findings)
            _log.Warn(finding);
        if (_rights is not null)
            _log.Info(_rights.ToString());
        foreach (RealtimeRight missing in _rights?.Rights.Where(right => !right.Granted) ?? [])
            _incidents.Add(_clock.Now, IncidentKind.RightsMissing, $"{missing.Name}: {missing.Sentence}");
        if (_rights is { HasRealtimeScheduling: false })
            _log.Error("no real-time priority: beats may be late under load; the profiles fast and instant are refused");
        if (_settings is null)
            _log.Warn($"{_options.Paths.Settings}: no settings; waiting for the node daemon to hand them over");
        else if (WhyTooFast(_settings) is { } tooFast)
            _log.Error($"{_options.Paths.Settings}: {tooFast}; nothing is sent until the node daemon hands over other settings");
        else
            StartBeating(_settings);
        StartCleaning();
    }

    /// <summary>To be called after everything received was handled.</summary>
    public void Tick()
    {
        long now = _clock.Now;
        while (_timers.TryPeek(out Action? action, out (long At, long Order) first) && first.At <= now)
        {
            _timers.Dequeue();
            action();
        }

        // Read before the clock, so that no sign seems to come from the future.
        long sign = _connection is { Greeted: true } connection ? connection.LastSign : 0;
        _supervisor.Tick(_clock.Now, sign);
    }

    /// <summary>A note from one of the guardian's helpers for the daemon.</summary>
    public void Tell(GuardianNote note) => Note(note);

    private void After(TimeSpan delay, Action action) => _timers.Enqueue(action, (_clock.Now + (delay.Ticks * 100), _timerOrder++));

    /// <summary>Runs a command on the engine and its continuation here; a full queue means that the beat thread hangs, and the guardian ends.</summary>
    private void OnEngine(Func<HeartbeatEngine, long, Action> command)
    {
        if (_loop is null)
            throw new InvalidOperationException("the engine was asked before there were settings");
        if (!_loop.TryAsk(command))
            Fail("the beat thread takes no commands any more");
    }

    private void Note(GuardianNote note)
    {
        if (_connection is not { Greeted: true } connection)
            _incidents.Add(_clock.Now, note);
        else if (NoteEditions.Of(note) <= _understood)
            connection.Send(note, 0);
    }

    /// <summary>A rule of the guardian itself is broken: end at once, programs with it; better no service than two owners.</summary>
    private void Fail(string reason)
    {
        _log.Error($"clpmonp ends: {reason}");
        ExitCode = 70;
        HasEnded = true;
    }

    private void StartBeating(GuardianSettings settings)
    {
        if (_loops.Open(settings) is { } problem)
        {
            _log.Error($"{problem}; trying again in 1 s");
            After(TimeSpan.FromSeconds(1), () => StartBeating(_settings ?? settings));
            return;
        }

        _addresses.Prepare(settings);
        _beatingSince = _clock.Now;
        var engine = new HeartbeatEngine(settings, _incarnation, _disk.State.Term, _disk.Settle(settings), _beatingSince, _disk.State.Votes);
        engine.SetDaemon(_supervisor.State, _supervisor.Since);
        if (_isClean)
            engine.SetClean();
        _loop = _loops.Start(settings, engine);
        After(_disk.Settle(settings), () => _disk.ForgetOldVows(LogStoreFailure));
        _log.Info($"beating as {settings.NameOf(settings.OwnIndex)} of {settings.ClusterName}: every {settings.Interval.TotalMilliseconds} ms, "
            + $"timeout {settings.Timeout.TotalMilliseconds * settings.Ratio} ms, grant {settings.Grant.TotalMilliseconds * settings.Ratio} ms, policy {settings.Policy}, "
            + $"{settings.Networks.Count} networks, {settings.Disks.Count} disks, {settings.Serials.Count} serial lines; nothing is taken over by silence for {_disk.Settle(settings).TotalMilliseconds} ms");
    }

    /// <summary>Where no priority was asked for (<c>--no-real-time</c>) that is somebody's word, and nothing is refused.</summary>
    private string? WhyTooFast(GuardianSettings settings) => _rights is { HasRealtimeScheduling: false } ? RealTimeNeed.WhyNot(settings.Interval) : null;

    /// <summary>What stays remembered only makes the next start wait longer.</summary>
    private void LogStoreFailure(string? failure)
    {
        if (failure is not null)
            _log.Warn($"vows of earlier lives stay remembered: {failure}");
    }

    private DaemonLimits MakeLimits()
    {
        bool supervised = (_settings?.DaemonPath is { Length: > 0 }) || _options.DaemonPath.Length > 0;
        return _settings is { } settings
            ? DaemonLimits.From(settings, supervised)
            : new DaemonLimits(supervised, GuardianSettings.UsualSignInterval.Ticks * 100, 1000 * Millisecond, 30_000 * Millisecond);
    }
}
