using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Sockets;

/// <summary>A counter that wakes a polling thread (eventfd). Any thread signals; neither side blocks or allocates.</summary>
public sealed unsafe class EventFd : IDisposable
{
    private int _fileDescriptor;

    public EventFd()
    {
        _fileDescriptor = SocketNative.EventFd(0, SocketNative.NonBlocking | SocketNative.CloseOnExec);
        if (_fileDescriptor < 0)
            throw LinuxException.FromLastError("eventfd");
    }

    public int FileDescriptor => _fileDescriptor;

    public void Signal()
    {
        ulong one = 1;
        // Fails only when the counter is full, and then the reader is already due to wake.
        _ = SocketNative.Write(_fileDescriptor, &one, sizeof(ulong));
    }

    /// <summary>Takes all signals so far; returns their number, 0 when there was none.</summary>
    public ulong Take()
    {
        ulong count;
        return SocketNative.Read(_fileDescriptor, &count, sizeof(ulong)) == sizeof(ulong) ? count : 0;
    }

    public void Dispose()
    {
        var fileDescriptor = Interlocked.Exchange(ref _fileDescriptor, -1);
        if (fileDescriptor >= 0)
            _ = SocketNative.Close(fileDescriptor);
    }
}
