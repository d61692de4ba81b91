using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Process;

/// <summary>A pipe whose ends no child inherits unless given one on purpose.</summary>
public sealed unsafe class Pipe : IDisposable
{
    private int _read;
    private int _write;

    /// <param name="nonBlockingWrites">A full pipe makes <see cref="TryWrite"/> fail instead of waiting for the reader.</param>
    public Pipe(bool nonBlockingWrites)
    {
        var ends = stackalloc int[2];
        if (ProcessNative.Pipe(ends, ProcessNative.OpenCloseOnExec) != 0)
            throw LinuxException.FromLastError("pipe2");
        _read = ends[0];
        _write = ends[1];
        if (nonBlockingWrites && ProcessNative.Control(_write, ProcessNative.ControlSetFlags, ProcessNative.OpenWriteOnly | ProcessNative.OpenNonBlocking) != 0)
            throw LinuxException.FromLastError("fcntl of a pipe");
    }

    public int ReadEnd => _read;

    /// <summary>Returns 0 or the errno: <see cref="Errno.TryAgain"/> when full, <see cref="Errno.BrokenPipe"/> when nobody can read it.</summary>
    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* data = bytes)
            return ProcessNative.Write(_write, data, (nuint)bytes.Length) == bytes.Length ? 0 : Marshal.GetLastPInvokeError();
    }

    public void CloseReadEnd() => Close(ref _read);

    public void Dispose()
    {
        Close(ref _read);
        Close(ref _write);
    }

    private static void Close(ref int end)
    {
        var fileDescriptor = Interlocked.Exchange(ref end, -1);
        if (fileDescriptor >= 0)
            _ = ProcessNative.Close(fileDescriptor);
    }
}
