using System.Text;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Linux;
using ClusterActors.Linux.Sockets;

namespace ClusterActors.Cli.Commands;

/// <summary>
/// One question to the daemon of this server, asked on the calling thread. For commands that ask, print and end: a process that has just
/// started pays more for its first tasks and its first asynchronous socket (some 70 methods to compile, and a thread) than for
/// everything else it does (measured 2026-11, .NET 10, compiled ahead). <see cref="ControlClient"/> is for all the rest.
/// </summary>
internal static class LocalQuestion
{
    private const int FirstRoom = 32 * 1024;

    /// <param name="socketPath">See <see cref="ControlAddress.SocketPath"/>.</param>
    /// <param name="limit">For the whole call.</param>
    /// <exception cref="ControlException">Nobody there, no permission, no answer in time, or not HTTP.</exception>
    public static ControlAnswer Get(string socketPath, string path, TimeSpan limit, TimeProvider time)
    {
        var start = time.GetTimestamp();
        using var stream = Connect(socketPath);
        try
        {
            stream.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
            var buffer = new byte[FirstRoom];
            var filled = 0;
            while (limit - time.GetElapsedTime(start) is { Ticks: > 0 } left)
            {
                var count = stream.Receive(buffer.AsSpan(filled), left);
                if (count < 0)
                    continue;
                filled += count;
                if (ControlAnswer.FromHttp(buffer.AsSpan(0, filled), ended: count == 0) is { } answer)
                    return answer;
                if (filled == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
            }

            throw ControlFailures.NoAnswer(socketPath, limit, null);
        }
        catch (InvalidDataException failure)
        {
            throw ControlFailures.NoHttp(socketPath, failure);
        }
        catch (Exception failure) when (failure is IOException or LinuxException)
        {
            throw ControlFailures.Broken(socketPath, failure);
        }
    }

    private static LocalStream Connect(string socketPath)
    {
        try
        {
            return LocalStream.Connect(socketPath);
        }
        catch (LinuxException failure) when (failure.Errno is Errno.NotPermitted or Errno.AccessDenied)
        {
            throw ControlFailures.NoPermission(socketPath, failure);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.TryAgain)
        {
            throw ControlFailures.Busy(socketPath, failure);
        }
        catch (LinuxException failure)
        {
            throw ControlFailures.NoDaemon(socketPath, failure);
        }
    }
}
