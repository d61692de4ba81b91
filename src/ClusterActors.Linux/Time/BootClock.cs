namespace ClusterActors.Linux.Time;

/// <summary>
/// The clock that grants and vows are counted in: nanoseconds since boot, time in suspend included (CLOCK_BOOTTIME), so that a
/// server that slept finds its grant over. Reading costs some 30 ns and allocates nothing; any thread may read it.
/// </summary>
public static unsafe class BootClock
{
    /// <summary>CLOCK_BOOTTIME in nanoseconds.</summary>
    public static long NowNanoseconds() => Read(TimeNative.ClockBoottime);

    /// <summary>CLOCK_MONOTONIC in nanoseconds; stands still while the machine is suspended.</summary>
    public static long MonotonicNanoseconds() => Read(TimeNative.ClockMonotonic);

    /// <summary>CLOCK_REALTIME in nanoseconds since 1970. It jumps: only for showing to people and for converting kernel stamps.</summary>
    public static long RealtimeNanoseconds() => Read(TimeNative.ClockRealtime);

    /// <summary>Period of the kernel's timer tick (1/HZ): what its coarse clocks, and timeouts counted in jiffies, are exact to.</summary>
    public static TimeSpan Tick()
    {
        TimeSpec tick;
        _ = TimeNative.GetResolution(TimeNative.ClockMonotonicCoarse, &tick);
        return TimeSpan.FromTicks(tick.ToNanoseconds() / 100);
    }

    private static long Read(int clock)
    {
        TimeSpec time;
        // Cannot fail: the clocks are fixed and the buffer is ours.
        _ = TimeNative.GetTime(clock, &time);
        return time.ToNanoseconds();
    }
}
