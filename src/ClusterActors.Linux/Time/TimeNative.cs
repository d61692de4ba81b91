using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Time;

[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;

    public static TimeSpec FromNanoseconds(long nanoseconds)
    {
        var (seconds, rest) = Math.DivRem(nanoseconds, TimeNative.NanosecondsPerSecond);
        return new TimeSpec { Seconds = seconds, Nanoseconds = rest };
    }

    public readonly long ToNanoseconds() => Seconds * TimeNative.NanosecondsPerSecond + Nanoseconds;
}

[StructLayout(LayoutKind.Sequential)]
internal struct TimerSpec
{
    public TimeSpec Interval;
    public TimeSpec Value;
}

/// <summary>struct sigevent: padded by the C library to 64 bytes on 64-bit systems.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct SignalEvent
{
    public nint Value;
    public int SignalNumber;
    public int Notify;
}

internal static unsafe partial class TimeNative
{
    public const long NanosecondsPerSecond = 1_000_000_000;
    public const int ClockRealtime = 0;
    public const int ClockMonotonic = 1;
    public const int ClockMonotonicCoarse = 6;
    public const int ClockBoottime = 7;
    public const int TimerAbsolute = 1;
    public const int NotifyBySignal = 0;
    public const int SignalKill = 9;

    // Without the switch of GC mode: the call is a read of the vDSO page and never blocks.
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    public static partial int GetTime(int clock, TimeSpec* time);

    [LibraryImport("libc", EntryPoint = "clock_getres")]
    public static partial int GetResolution(int clock, TimeSpec* resolution);

    /// <summary>Returns the error number itself; errno is not set.</summary>
    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    public static partial int Sleep(int clock, int flags, TimeSpec* until, TimeSpec* remaining);

    [LibraryImport("libc", EntryPoint = "timer_create", SetLastError = true)]
    public static partial int CreateTimer(int clock, SignalEvent* signal, nint* timer);

    [LibraryImport("libc", EntryPoint = "timer_settime", SetLastError = true)]
    public static partial int SetTimer(nint timer, int flags, TimerSpec* value, TimerSpec* old);

    [LibraryImport("libc", EntryPoint = "timer_delete", SetLastError = true)]
    public static partial int DeleteTimer(nint timer);
}
