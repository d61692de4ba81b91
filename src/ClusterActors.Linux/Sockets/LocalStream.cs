using System.Runtime.InteropServices;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Sockets;

/// <summary>
/// One end of a local Unix connection of bytes, for a process that asks once and ends: the framework's socket takes longer to start than
/// the whole question (measured 2026-11, .NET 10). Each wait is bounded by the caller.
/// </summary>
public sealed unsafe class LocalStream : IDisposable
{
    private const int TypeStream = 1;
    private const short PollIn = 1;
    private int _fileDescriptor;

    private LocalStream(int fileDescriptor) => _fileDescriptor = fileDescriptor;

    /// <exception cref="LinuxException">Nobody listens, the backlog is full, or the path is not accessible.</exception>
    public static LocalStream Connect(string path)
    {
        var fileDescriptor = SocketNative.Socket(SocketNative.FamilyUnix, TypeStream | SocketNative.NonBlocking | SocketNative.CloseOnExec, 0);
        if (fileDescriptor < 0)
            throw LinuxException.FromLastError($"socket for {path}");
        var stream = new LocalStream(fileDescriptor);
        UnixAddress address;
        try
        {
            var length = SeqPacketListener.WriteAddress(&address, path);
            if (SocketNative.Connect(fileDescriptor, &address, length) == 0)
                return stream;
            throw LinuxException.FromLastError($"connect to {path}", "the server side must be running");
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Sends all at once: for requests, which are far smaller than a socket's buffer.</summary>
    /// <exception cref="LinuxException">The connection is broken, or the buffer is too small.</exception>
    public void Send(ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            if (SocketNative.SendTo(_fileDescriptor, start, (nuint)data.Length, SocketNative.MessageDontWait | SocketNative.MessageNoSignal, null, 0) != data.Length)
                throw LinuxException.FromLastError($"send of {data.Length} bytes");
        }
    }

    /// <summary>Waits for bytes.</summary>
    /// <returns>How many came; 0 = the peer has ended the connection; -1 = none within the limit, or a signal came first.</returns>
    /// <exception cref="LinuxException">The connection is broken.</exception>
    public int Receive(Span<byte> buffer, TimeSpan limit)
    {
        var entry = new PollEntry { FileDescriptor = _fileDescriptor, Events = PollIn };
        var wait = new TimeSpec { Seconds = limit.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = limit.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick };
        var ready = SocketNative.Poll(&entry, 1, &wait, null);
        if (ready == 0 || (ready < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted))
            return -1;
        fixed (byte* start = buffer)
        {
            var received = ready < 0 ? ready : SocketNative.Read(_fileDescriptor, start, (nuint)buffer.Length);
            return received >= 0 ? (int)received : throw LinuxException.FromLastError("receive");
        }
    }

    public void Dispose()
    {
        var fileDescriptor = Interlocked.Exchange(ref _fileDescriptor, -1);
        if (fileDescriptor >= 0)
            _ = SocketNative.Close(fileDescriptor);
    }
}
