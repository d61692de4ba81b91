namespace ClusterActors.Linux.Time;

/// <summary>
/// Sleeping until an instant of <see cref="BootClock"/>. A beat loop that sleeps to absolute instants does not add up the time its own
/// work takes, as one that sleeps for durations does. Blocks the calling thread: only for dedicated threads. Allocates nothing.
/// </summary>
public static unsafe class AbsoluteSleep
{
    /// <summary>Returns at once when the instant has passed.</summary>
    public static void Until(long bootNanoseconds)
    {
        var until = TimeSpec.FromNanoseconds(bootNanoseconds);
        int error;
        do
        {
            error = TimeNative.Sleep(TimeNative.ClockBoottime, TimeNative.TimerAbsolute, &until, null);
        }
        while (error == Errno.Interrupted);

        if (error != 0)
            throw new LinuxException($"clock_nanosleep until {bootNanoseconds} ns", error);
    }
}
