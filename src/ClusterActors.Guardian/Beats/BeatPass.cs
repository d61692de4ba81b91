using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats;

/// <summary>
/// When a pass of beats is due, and what it moves in the kernel: the owner reads <see cref="Begin"/> before the first send, sends, and calls
/// <see cref="End"/>. The grant, the leases and the kill timer are all counted from the instant that <see cref="Begin"/> read. Allocates
/// nothing; used by the thread that owns the engine only, but for <see cref="GrantDeadline"/>, <see cref="Last"/> and the histograms.
/// </summary>
internal sealed class BeatPass(GuardianSettings settings, HeartbeatEngine engine, ILeases leases, IKillTimer killTimer, IBootClock clock)
{
    private readonly LateBeats _late = new(engine.Notes, settings.SchedulingError);
    private long _interval = IntervalOf(settings);
    private long _killDelay = KillDelayOf(settings);
    private long _next;
    private long _readBeforeSend;
    private long _deadline;
    private bool _extraPass;
    private bool _killArmed;

    /// <summary>Lateness of each scheduled pass against its planned instant.</summary>
    public LatencyHistogram Lateness { get; } = new();

    /// <summary>Time that renewing the kernel leases took.</summary>
    public LatencyHistogram Renewal { get; } = new();

    /// <summary>Boot time at which the grant ends unless renewed; 0 when there is none.</summary>
    public long GrantDeadline => Volatile.Read(ref _deadline);

    /// <summary>Boot time of the next planned pass.</summary>
    public long Next => _next;

    /// <summary>The next planned pass is at <paramref name="now"/>; the grid of later ones starts there.</summary>
    public void PlanFrom(long now)
    {
        _next = now;
        Volatile.Write(ref _readBeforeSend, now);
    }

    /// <summary>Boot time at which the newest pass began; any thread.</summary>
    public long Last => Volatile.Read(ref _readBeforeSend);

    /// <summary>A pass at once, because the peers should know now.</summary>
    public void Request() => _extraPass = true;

    public bool IsDue(long now) => now >= _next || _extraPass || engine.WantsPass;

    public void Apply(GuardianSettings settings)
    {
        _interval = IntervalOf(settings);
        _killDelay = KillDelayOf(settings);
        _late.Apply(settings.SchedulingError);
    }

    /// <summary>Reads the time that the grant is counted from; the beats of the pass may be written from now on.</summary>
    public void Begin(long now)
    {
        if (now >= _next)
        {
            Lateness.Add(now - _next);
            _late.Begins(_next, now);
        }

        _extraPass = false;
        Volatile.Write(ref _readBeforeSend, clock.Now);
        engine.BeginPass(_readBeforeSend);
    }

    /// <summary>Every beat of the pass was handed to the kernel.</summary>
    public void End(long now)
    {
        MoveDeadlines(engine.EndPass());

        // Planned instants keep their grid: an extra pass replaces none of them, and after a long stall the missed ones are not made up for.
        if (now >= _next)
            _next = _next + _interval > now ? _next + _interval : now + _interval;
    }

    /// <summary>Nothing is left that the kill timer would have to end.</summary>
    public void DisarmKill()
    {
        killTimer.Disarm();
        _killArmed = false;
    }

    private static long IntervalOf(GuardianSettings settings) => settings.Interval.Ticks * 100;

    private static long KillDelayOf(GuardianSettings settings) => settings.KillDelay.Ticks * 100;

    private void MoveDeadlines(long deadline)
    {
        Volatile.Write(ref _deadline, deadline);
        if (engine.Grant == GrantState.Held)
        {
            killTimer.Arm(deadline + _killDelay);
            _killArmed = true;
            long before = clock.Now;
            leases.RestOn(engine.GrantVow);
            bool kept = leases.Renew(engine.GrantBasis, deadline);
            Renewal.Add(clock.Now - before);
            if (!kept)
                engine.LeaseLost(clock.Now);
        }
        else if (engine.Grant == GrantState.Expired && _killArmed && !engine.KillStaysAtDeadline)
        {
            // Waiting to be re-validated with closed addresses; a loop that stands still now still has its programs killed.
            killTimer.Arm(_readBeforeSend + engine.GrantLength + _killDelay);
        }

        // Ended, or expired under vows: the timer keeps the last deadline until the control thread has ended everything (DisarmKill).
    }
}
