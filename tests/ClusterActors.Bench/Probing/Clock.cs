using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClusterActors.Bench.Probing;

/// <summary>CLOCK_MONOTONIC in nanoseconds: one clock for all hosts of a lab and for the lab script's time stamps.</summary>
internal static partial class Clock
{
    private const int Monotonic = 1;
    private const int AbsoluteTime = 1;

    // On Linux Stopwatch reads CLOCK_MONOTONIC and counts nanoseconds.
    public static long Nanoseconds => Stopwatch.GetTimestamp();

    public static double ToMilliseconds(long nanoseconds) => nanoseconds / 1e6;

    /// <summary>Sleeps up to an instant; a relative sleep would add the time that the work between two beats took.</summary>
    public static void SleepUntil(long nanoseconds)
    {
        var until = new Timespec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        _ = clock_nanosleep(Monotonic, AbsoluteTime, in until, 0);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc")]
    private static partial int clock_nanosleep(int clock, int flags, in Timespec until, nint remaining);
}
