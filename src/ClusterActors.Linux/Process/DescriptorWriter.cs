using System.Runtime.InteropServices;
using System.Text;
using ClusterActors.Linux.Sockets;

namespace ClusterActors.Linux.Process;

/// <summary>
/// Text as UTF-8 to a file descriptor that this process was started with, unbuffered. For a process that prints once and ends: the
/// framework's console takes some 8 ms to start (measured 2026-11, .NET 10). The descriptor's own offset moves along, so that whoever
/// shares it goes on behind the text. A reader that has gone away is no error.
/// </summary>
public sealed unsafe class DescriptorWriter(int fileDescriptor) : TextWriter
{
    public const int StandardOutput = 1;
    public const int StandardError = 2;
    private const short PollOut = 4;

    public override Encoding Encoding => Encoding.UTF8;

    public override string NewLine => "\n";

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <exception cref="IOException">The system refused it.</exception>
    public override void Write(string? value)
    {
        if (!string.IsNullOrEmpty(value))
            WriteAll(Encoding.UTF8.GetBytes(value));
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    private void WriteAll(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var written = SocketNative.Write(fileDescriptor, start + done, (nuint)(bytes.Length - done));
                if (written >= 0)
                    done += (int)written;
                else if (!MayGoOn(Marshal.GetLastPInvokeError()))
                    return;
            }
        }
    }

    private bool MayGoOn(int errno)
    {
        switch (errno)
        {
            case Errno.Interrupted:
                return true;
            case Errno.TryAgain:
                // Whoever shares the descriptor has made it non-blocking: as long as nobody reads, a write waits, as any program's does.
                var entry = new PollEntry { FileDescriptor = fileDescriptor, Events = PollOut };
                _ = SocketNative.Poll(&entry, 1, null, null);
                return true;
            case Errno.BrokenPipe:
                return false;
            default:
                throw new IOException($"file descriptor {fileDescriptor}: {Marshal.GetPInvokeErrorMessage(errno)}");
        }
    }
}
