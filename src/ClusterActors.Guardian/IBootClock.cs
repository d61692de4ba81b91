using ClusterActors.Linux.Time;

namespace ClusterActors.Guardian;

/// <summary>The clock that grants and vows are counted in.</summary>
internal interface IBootClock
{
    /// <summary>Nanoseconds since boot, time in suspend included. Allocates nothing; any thread may read it.</summary>
    long Now { get; }

    /// <summary>CLOCK_MONOTONIC in nanoseconds, by which the kernel's own log and its traces count. It stands still in suspend, which nothing virtual does.</summary>
    long Monotonic => Now;
}

/// <summary>The kernel's CLOCK_BOOTTIME.</summary>
internal sealed class KernelBootClock : IBootClock
{
    public static readonly KernelBootClock Instance = new();

    private KernelBootClock()
    {
    }

    public long Now => BootClock.NowNanoseconds();

    public long Monotonic => BootClock.MonotonicNanoseconds();
}
