using ClusterActors.Guardian;

namespace ClusterActors.Simulation.Time;

/// <summary>
/// The clocks of one machine: boot time with a rate error, standing still while a hypervisor holds the machine, and a wall clock that jumps.
/// </summary>
internal sealed class MachineClock(World world) : IBootClock
{
    private const long Million = 1_000_000;
    private const long WallStart = 1_893_456_000_000_000_000; // 2030-01-01
    private long _trueBase;
    private long _localBase;
    private long _partsPerMillion;
    private bool _stopped;

    /// <summary>Called at each reading by the guardian and after each of its sends; may let time pass in which the machine stands still.</summary>
    public Action? OnGuardianReads { get; set; }

    public void MayStandStill() => OnGuardianReads?.Invoke();

    public long WallOffset { get; set; }

    /// <summary>Boot time now, nanoseconds.</summary>
    public long Local => _stopped ? _localBase : _localBase + Elapsed(world.Now - _trueBase);

    public long Wall => WallStart + world.Now + WallOffset;

    long IBootClock.Now
    {
        get
        {
            long now = Local;
            OnGuardianReads?.Invoke();
            return now;
        }
    }

    /// <summary>Changes whenever the relation of the clock to true time does.</summary>
    public int Course { get; private set; }

    /// <summary>The machine has booted.</summary>
    public void Start(long partsPerMillion)
    {
        (_trueBase, _localBase, _partsPerMillion, _stopped) = (world.Now, 5_000_000_000, partsPerMillion, false);
        Course++;
    }

    public void Stop()
    {
        (_localBase, _stopped) = (Local, true);
        Course++;
    }

    public void Continue()
    {
        (_trueBase, _stopped) = (world.Now, false);
        Course++;
    }

    /// <summary>True time at which the clock shows <paramref name="local"/>; never too early. Far away while the clock stands still.</summary>
    public long TrueTimeOf(long local)
    {
        if (_stopped || local == long.MaxValue)
            return long.MaxValue;
        long ahead = local - _localBase;
        if (ahead <= 0)
            return _trueBase;
        long rate = Million + _partsPerMillion;
        long passed = ((ahead / rate) * Million) + ((ahead % rate) * Million / rate);
        while (Elapsed(passed) < ahead)
            passed++;
        return _trueBase + passed;
    }

    // In parts, so that nothing overflows: this is computed at every step.
    private long Elapsed(long trueTime) => trueTime + ((trueTime / Million) * _partsPerMillion) + ((trueTime % Million) * _partsPerMillion / Million);
}
