namespace ClusterActors.Linux.Time;

/// <summary>
/// Lets the kernel kill this process with SIGKILL at an instant of <see cref="BootClock"/> unless the instant is moved in time. Needs no
/// thread of ours to run: it fires for a process that hangs, starves or is stopped by SIGSTOP (measured on 6.18: 0.4 ms after the
/// instant). The timer belongs to the process and is not inherited by its children. Arming allocates nothing and may be done from any
/// thread, one at a time.
/// </summary>
public sealed unsafe class KillTimer : IKillTimer, IDisposable
{
    private readonly nint _timer;
    private bool _disposed;

    /// <exception cref="LinuxException">The kernel gave no timer (RLIMIT_SIGPENDING used up).</exception>
    public KillTimer()
    {
        var signal = new SignalEvent { SignalNumber = TimeNative.SignalKill, Notify = TimeNative.NotifyBySignal };
        nint timer;
        if (TimeNative.CreateTimer(TimeNative.ClockBoottime, &signal, &timer) != 0)
            throw LinuxException.FromLastError("timer_create for the end of the grant", "raise the limit of pending signals (ulimit -i)");
        _timer = timer;
    }

    /// <summary>Arms, or moves an armed timer. An instant that has passed kills at once: that is the purpose.</summary>
    public void Arm(long bootNanoseconds)
    {
        // A zero value would disarm, so the earliest instant that can be asked for is the first nanosecond.
        Set(Math.Max(1, bootNanoseconds));
    }

    /// <summary>From now on nothing happens until the next <see cref="Arm"/>.</summary>
    public void Disarm() => Set(0);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _ = TimeNative.DeleteTimer(_timer);
    }

    private void Set(long bootNanoseconds)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var value = new TimerSpec { Value = TimeSpec.FromNanoseconds(bootNanoseconds) };
        if (TimeNative.SetTimer(_timer, TimeNative.TimerAbsolute, &value, null) != 0)
            throw LinuxException.FromLastError($"timer_settime to {bootNanoseconds} ns");
    }
}
