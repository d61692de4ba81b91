using System.Globalization;
using ClusterActors.Linux.Process;

namespace ClusterActors.Linux.Realtime;

/// <summary>
/// Where the kernel groups sessions (<c>kernel.sched_autogroup_enabled</c>, on in most distributions), a nice value only counts among the processes of one
/// session; between sessions the group's own nice value does (sched(7)).
/// </summary>
public static class AutoGroup
{
    /// <summary>Sets the nice value, -20 to 19, of the session that a process is in. Lowering needs CAP_SYS_NICE; without CAP_SYS_ADMIN the kernel takes one in 100 ms.</summary>
    /// <returns>0, also where sessions are not grouped, or the errno.</returns>
    public static int TrySetNice(int processId, int nice)
    {
        var error = KernelFile.TryWrite(PathOf(processId), nice.ToString(CultureInfo.InvariantCulture));
        return error == Errno.NoEntry ? 0 : error;
    }

    internal static string PathOf(int processId) => string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/autogroup");
}
