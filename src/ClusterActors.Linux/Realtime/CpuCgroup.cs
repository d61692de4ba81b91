using System.Globalization;

namespace ClusterActors.Linux.Realtime;

/// <summary>
/// Kernels built with real-time group scheduling refuse real-time classes in every cpu control group that was given no real-time
/// budget, and child groups are born without one. Being in the root group of the cpu controller avoids that.
/// </summary>
/// <param name="Path">Group of this process, such as <c>/system.slice/clp.service</c>; "/" is the root.</param>
/// <param name="MountPoint">Where its hierarchy is mounted; empty when it is not visible from here.</param>
/// <param name="Version">1 or 2; 0 when the kernel has no cpu controller.</param>
/// <param name="RealtimeRuntimeMicroseconds">Version 1 with group scheduling: the group's budget. Otherwise null.</param>
public sealed record CpuCgroup(string Path, string MountPoint, int Version, long? RealtimeRuntimeMicroseconds)
{
    public bool IsRoot => Path == "/";

    /// <summary>Reads where this process is now.</summary>
    public static CpuCgroup Read() =>
        Parse(File.ReadAllLines("/proc/self/cgroup"), File.ReadAllLines("/proc/self/mountinfo"), ReadBudget);

    /// <summary>
    /// Moves this process to the root group of the hierarchy that holds the cpu controller. Under a service manager it then no longer
    /// counts as part of its service: a stop of the service must signal it by its main process id.
    /// </summary>
    /// <returns>Null, or why not.</returns>
    public string? TryMoveToRoot()
    {
        if (MountPoint.Length == 0)
            return $"the cpu control group hierarchy is not mounted here, so this process cannot leave {Path}";
        try
        {
            File.WriteAllText(System.IO.Path.Combine(MountPoint, "cgroup.procs"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"{MountPoint}/cgroup.procs: {failure.Message}";
        }
    }

    /// <summary>Lines of /proc/self/cgroup (<c>id:controllers:path</c>) and /proc/self/mountinfo, see cgroups(7) and proc(5).</summary>
    internal static CpuCgroup Parse(IReadOnlyList<string> groups, IReadOnlyList<string> mounts, Func<string, long?> budget)
    {
        foreach (var line in groups)
        {
            var parts = line.Split(':', 3);
            if (parts.Length == 3 && parts[1].Split(',').Contains("cpu"))
            {
                var mount = FindMount(mounts, "cgroup", "cpu");
                return new CpuCgroup(parts[2], mount, 1, mount.Length == 0 ? null : budget($"{mount}{parts[2].TrimEnd('/')}/cpu.rt_runtime_us"));
            }
        }

        var unified = groups.FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal));
        return unified is null ? new CpuCgroup("/", "", 0, null) : new CpuCgroup(unified[3..], FindMount(mounts, "cgroup2", null), 2, null);
    }

    private static long? ReadBudget(string path) =>
        File.Exists(path) && long.TryParse(File.ReadAllText(path).AsSpan().Trim(), CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string FindMount(IReadOnlyList<string> mounts, string type, string? controller)
    {
        foreach (var line in mounts)
        {
            var (before, after) = line.Split(" - ", 2) is [var left, var right] ? (left.Split(' '), right.Split(' ')) : ([], []);
            if (before.Length > 4 && after.Length > 2 && after[0] == type && (controller is null || after[2].Split(',').Contains(controller)))
                return before[4];
        }

        return "";
    }
}
