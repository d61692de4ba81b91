using ClusterActors.Guardian.Control;
using ClusterActors.Guardian.Logging;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux;
using ClusterActors.Linux.Realtime;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats;

/// <summary>Starts the beat thread and stands between it and the control thread.</summary>
internal sealed class BeatThreads(RingLog log, ILeases leases, ControlQueue queue, bool realTime) : IEngineLoops, IDisposable
{
    private BeatChannels? _channels;
    private Handle? _running;

    private SchedulingPolicy Policy => realTime ? SchedulingPolicy.RoundRobin : SchedulingPolicy.Other;

    private int DevicePriority => realTime ? GuardianOptions.Priority : 0;

    public string? Open(GuardianSettings settings)
    {
        try
        {
            _channels = BeatChannels.Open(settings, DevicePriority);
            return null;
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
    }

    public void Prepare() => Beats.WarmUp.Compile(leases.GetType());

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
        return _running = new Handle(loop, queue);
    }

    public void WarmUp() => Beats.WarmUp.CompileAllInBackground(Policy, realTime ? GuardianOptions.Priority / 2 : 0);

    public void Dispose()
    {
        _running?.Dispose();
        _channels?.Dispose();
    }

    private sealed class Handle(BeatLoop loop, ControlQueue queue) : IEngineLoop
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

        public void RequestPass() => loop.RequestPass();

        public string? Reconfigure(GuardianSettings settings) => loop.Reconfigure(settings);

        public void DisarmKill() => loop.DisarmKill();

        public void Dispose() => loop.Dispose();
    }
}
