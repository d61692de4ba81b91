namespace ClusterActors.Linux.Process;

/// <summary>Finds the version 2 control group tree, which is mounted in different places on different systems.</summary>
public static class Cgroup2Hierarchy
{
    private const string Mounts = "/proc/self/mountinfo";

    /// <summary>
    /// The mount point of the tree, or null when none is usable from here. On systemd systems of today it is <c>/sys/fs/cgroup</c>, on
    /// hybrid ones <c>/sys/fs/cgroup/unified</c>.
    /// </summary>
    public static string? Find() => MountPoints(File.ReadLines(Mounts)).LastOrDefault(IsUsable);

    /// <summary>
    /// As <see cref="Find"/>; where there is none (a system booted with the old trees only, or one whose /sys was mounted over), mounts
    /// the tree at the path given: it exists in the kernel whether or not somebody mounted it.
    /// </summary>
    /// <exception cref="LinuxException">No tree and no right to mount one.</exception>
    public static string FindOrMount(string path)
    {
        if (Find() is { } found)
            return found;
        Directory.CreateDirectory(path);
        unsafe
        {
            if (ProcessNative.Mount("cgroup2", path, "cgroup2", 0, null) != 0)
                throw LinuxException.FromLastError($"mount of the control group tree at {path}", "run as root on a kernel with cgroup version 2 (4.5 or newer)");
        }

        return path;
    }

    /// <summary>Mount points of type cgroup2 in lines of /proc/self/mountinfo (proc(5)), in mount order.</summary>
    internal static IEnumerable<string> MountPoints(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var separator = line.IndexOf(" - cgroup2 ", StringComparison.Ordinal);
            if (separator < 0)
                continue;
            var fields = line[..separator].Split(' ');
            if (fields.Length > 4)
                yield return Unescape(fields[4]);
        }
    }

    // The kernel writes blanks and backslashes of a path in octal.
    private static string Unescape(string path) =>
        path.Replace("\\040", " ").Replace("\\011", "\t").Replace("\\012", "\n").Replace("\\134", "\\");

    // A mount may be listed but hidden by another one on top of it.
    private static bool IsUsable(string mountPoint) => File.Exists(Path.Combine(mountPoint, "cgroup.procs"));
}
