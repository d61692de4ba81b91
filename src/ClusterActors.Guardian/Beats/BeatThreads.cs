using ClusterActors.Guardian.Control;
using ClusterActors.Guardian.Logging;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Watchdog;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats;

/// <summary>Starts the beat thread and stands between it and the control thread.</summary>
internal sealed class BeatThreads(RingLog log, ILeases leases, ControlQueue queue, bool realTime) : IEngineLoops, IDisposable
{
    private BeatChannels? _channels;
    private Handle? _running;
    private WatchdogDevice? _watchdog;
    private WatchdogKeeper? _keeper;

    private SchedulingPolicy Policy => realTime ? SchedulingPolicy.RoundRobin : SchedulingPolicy.Other;

    private int DevicePriority => realTime ? GuardianOptions.Priority : 0;

    public string? Open(GuardianSettings settings)
    {
        try
        {
            if (settings.WatchdogDevice.Length > 0 && _watchdog is null)
                OpenWatchdog(settings);
            _channels = BeatChannels.Open(settings, DevicePriority);
            return null;
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
    }

    public IEngineLoop Start(GuardianSettings settings, HeartbeatEngine engine)
    {
        BeatChannels channels = _channels ?? throw new InvalidOperationException("the beat thread was started before its channels were open");
        _channels = null;
        var loop = new BeatLoop(settings, engine, channels, leases, realTime ? GuardianOptions.BeatPriority : 0, queue.Wake, DevicePriority);
        int refused = loop.Start();
        if (refused != 0)
            log.Error($"beat thread without real-time priority (errno {refused}): beats may be late under load");
        foreach (string problem in loop.WitnessProblems)
            log.Error(problem);
        if (_watchdog is { } device)
            _keeper = new WatchdogKeeper(device, () => loop.LastPass, settings.Grant * settings.Ratio, log, Policy, realTime ? GuardianOptions.Priority : 0);
        return _running = new Handle(loop, queue, log, settings);
    }

    /// <summary>The guardian leaves with nothing running: the watchdog is stopped too.</summary>
    public void EndInOrder() => _keeper?.EndInOrder();

    public void Dispose()
    {
        _running?.Dispose();
        _channels?.Dispose();
        if (_keeper is not null)
            _keeper.Dispose();
        else
            _watchdog?.CloseInOrder();
    }

    /// <summary>Before the channels: as long as it cannot be opened nothing is sent, and no group can be started here.</summary>
    private void OpenWatchdog(GuardianSettings settings)
    {
        _watchdog = WatchdogDevice.Open(settings.WatchdogDevice, settings.WatchdogTimeout);
        string what = $"watchdog {_watchdog.Path} ({_watchdog.Identity}): this machine is reset when the beats stand still, at the latest {(settings.Grant * settings.Ratio + (_watchdog.Timeout * 1.25)).TotalSeconds:0.#} s later";
        if (_watchdog.IsStandIn)
            log.Error(what);
        else
            log.Info(what);
        if (!_watchdog.StopsOnClose)
            log.Warn($"watchdog {_watchdog.Path} cannot be stopped (no magic close): the machine is reset, too, when the guardian leaves in order");
    }

    private sealed class Handle(BeatLoop loop, ControlQueue queue, RingLog log, GuardianSettings started) : IEngineLoop
    {
        public EngineStatus Status => loop.Status;

        public long GrantDeadline => loop.GrantDeadline;

        public NoteQueue Notes => loop.Notes;

        public IReadOnlyList<ChannelDevice> Devices => loop.Devices;

        public BeatCounters Counters => loop.Counters;

        public LatencyHistogram Lateness => loop.Lateness;

        public LatencyHistogram Renewal => loop.Renewal;

        public bool TryPost(Action<HeartbeatEngine, long> command) => loop.TryPost(command);

        public bool TryAsk(Func<HeartbeatEngine, long, Action> command) => loop.TryPost((engine, now) => queue.Post(command(engine, now)));

        public void RunAnswers() => queue.Run();

        public void RequestPass() => loop.RequestPass();

        public string? Reconfigure(GuardianSettings settings)
        {
            if ((settings.WatchdogDevice, settings.WatchdogTimeout) != (started.WatchdogDevice, started.WatchdogTimeout))
                log.Warn("the watchdog's settings have changed; they are in force from the guardian's next start on");
            return loop.Reconfigure(settings);
        }

        public void DisarmKill() => loop.DisarmKill();

        public void Dispose() => loop.Dispose();
    }
}
