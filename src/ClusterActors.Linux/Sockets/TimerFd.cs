using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Sockets;

/// <summary>A timer that wakes a polling thread at an instant of <see cref="BootClock"/> (timerfd).</summary>
public sealed unsafe class TimerFd : IDisposable
{
    private int _fileDescriptor;

    // What the kernel's timer stands at, 0 when it is off: who arms in each round arms mostly for the same instant.
    private long _standsAt;

    public TimerFd()
    {
        _fileDescriptor = SocketNative.TimerFdCreate(TimeNative.ClockBoottime, SocketNative.NonBlocking | SocketNative.CloseOnExec);
        if (_fileDescriptor < 0)
            throw LinuxException.FromLastError("timerfd_create");
    }

    public int FileDescriptor => _fileDescriptor;

    /// <summary>Readable from the instant on; a passed instant makes it readable at once.</summary>
    public void Arm(long bootNanoseconds) => Set(Math.Max(1, bootNanoseconds));

    public void Disarm() => Set(0);

    /// <summary>True when the timer had fired since the last call.</summary>
    public bool Take()
    {
        ulong count;
        if (SocketNative.Read(_fileDescriptor, &count, sizeof(ulong)) != sizeof(ulong))
            return false;
        _standsAt = 0;
        return true;
    }

    public void Dispose()
    {
        var fileDescriptor = Interlocked.Exchange(ref _fileDescriptor, -1);
        if (fileDescriptor >= 0)
            _ = SocketNative.Close(fileDescriptor);
    }

    private void Set(long bootNanoseconds)
    {
        if (bootNanoseconds == _standsAt)
            return;
        var value = new TimerSpec { Value = TimeSpec.FromNanoseconds(bootNanoseconds) };
        if (SocketNative.TimerFdSet(_fileDescriptor, TimeNative.TimerAbsolute, &value, null) != 0)
            throw LinuxException.FromLastError("timerfd_settime");
        _standsAt = bootNanoseconds;
    }
}
