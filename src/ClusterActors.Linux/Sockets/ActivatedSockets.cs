using System.Globalization;
using System.Net.Sockets;
using ClusterActors.Linux.Process;

namespace ClusterActors.Linux.Sockets;

/// <summary>
/// Listening sockets that the service manager has opened and handed over, by the protocol of sd_listen_fds(3): <c>LISTEN_FDS</c> of them from
/// descriptor 3 on, meant for the process <c>LISTEN_PID</c>.
/// </summary>
public static class ActivatedSockets
{
    private const int First = 3;
    private const int Most = 16;

    /// <summary>
    /// Those of this process; empty when it was not started for a socket. To be asked once: the sockets become the caller's. No program that is started
    /// later gets them.
    /// </summary>
    public static IReadOnlyList<Socket> Take() =>
        [.. Numbers(Environment.GetEnvironmentVariable("LISTEN_PID"), Environment.GetEnvironmentVariable("LISTEN_FDS"), Environment.ProcessId).Select(Own)];

    private static Socket Own(int number)
    {
        if (ProcessNative.Control(number, ProcessNative.ControlSetDescriptorFlags, ProcessNative.DescriptorCloseOnExec) != 0)
            throw LinuxException.FromLastError($"fcntl of the socket handed over as {number}");
        return new Socket(new SafeSocketHandle(number, ownsHandle: true));
    }

    internal static IEnumerable<int> Numbers(string? pid, string? count, int self) =>
        int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var owner) && owner == self
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= Most
            ? Enumerable.Range(First, number)
            : [];
}
