using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Realtime;

/// <summary>Keeps the pages of this process in memory, so that a beat never waits for the disk.</summary>
public static class MemoryLock
{
    /// <summary>
    /// Brings the program and its libraries into memory and locks them: code that runs for the first time in a takeover must not come from a disk that hangs. All
    /// else is locked as it is first touched (MCL_ONFAULT), since the runtime reserves far more than it uses. Returns 0 or the errno: without CAP_IPC_LOCK
    /// the limit of locked memory decides.
    /// </summary>
    public static int TryLockAll()
    {
        if (RealtimeNative.LockAll(RealtimeNative.LockCurrent | RealtimeNative.LockFuture | RealtimeNative.LockOnFault) != 0)
            return Marshal.GetLastPInvokeError();
        foreach (var line in File.ReadAllLines("/proc/self/maps"))
        {
            if (ReadOnlyFile(line) is { } file && RealtimeNative.Lock(file.Start, file.Length) != 0)
                return Marshal.GetLastPInvokeError();
        }

        return 0;
    }

    /// <summary>Of a line of proc_pid_maps(5): <c>START-END PERMISSIONS OFFSET DEVICE INODE PATH</c>; null when it is no file, may be written or is shared.</summary>
    internal static (nuint Start, nuint Length)? ReadOnlyFile(string line)
    {
        var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        if (fields is not [var range, ['r', '-', _, 'p'], _, _, _, ['/', ..]])
            return null;
        var dash = range.IndexOf('-');
        var start = nuint.Parse(range.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (start, nuint.Parse(range.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) - start);
    }
}
