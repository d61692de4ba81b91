using System.Globalization;
using System.Text;
using ClusterActors.Linux;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Guardian.Programs;

/// <summary>
/// The control group that holds every program of one guardian: <c>MOUNT/clp.INSTANCE/GROUP/RESOURCE/PROGRAM</c>. Because the tree is
/// killed from any of its levels, one write ends a program, a resource, or all. The instance keeps several servers on one kernel apart.
/// It lies at the root of the tree, not below the group of a service manager's unit: that one is killed as a whole when the guardian ends.
/// </summary>
public sealed class ContainmentRoot
{
    private const long NanosecondsPerRetry = 50_000_000;

    private ContainmentRoot(CgroupDirectory directory) => Directory = directory;

    /// <summary>The instance's own directory.</summary>
    public CgroupDirectory Directory { get; }

    /// <summary>The reaper's group, beside the programs' (which it kills) and outside the guardian's (which somebody else may kill).</summary>
    private CgroupDirectory ReaperGroup => Directory.Parent.Child(Path.GetFileName(Directory.Path) + ".reaper");

    /// <summary>Makes the directory if it is not there.</summary>
    /// <param name="instance">Name of this server among those on one kernel.</param>
    /// <param name="mountIfMissing">Where to mount the version 2 tree on a system that has none.</param>
    /// <exception cref="InvalidOperationException">This process is itself inside: it would kill itself.</exception>
    public static ContainmentRoot Open(string instance, string mountIfMissing) =>
        Open(new CgroupDirectory(Path.Combine(Cgroup2Hierarchy.FindOrMount(mountIfMissing), "clp." + Encode(instance))));

    internal static ContainmentRoot Open(CgroupDirectory directory)
    {
        directory.Create();
        if (directory.Processes().Contains(Environment.ProcessId))
        {
            throw new InvalidOperationException(
                $"{directory.Path}: found the guardian itself (process {Environment.ProcessId}) inside the control group of its programs; start it from outside, it would be killed with them");
        }

        return new ContainmentRoot(directory);
    }

    /// <summary>Puts the reaper where the end of the guardian's own group does not reach it. Null, or why it stays where it is.</summary>
    internal string? Shelter(int reaper)
    {
        try
        {
            ReaperGroup.Create();
            ReaperGroup.Add(reaper);
            return null;
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
    }

    /// <summary>The group of this process in the same tree; empty when the kernel does not say.</summary>
    internal string OwnGroup()
    {
        const string version2 = "0::/";
        var line = File.ReadLines("/proc/self/cgroup").FirstOrDefault(l => l.StartsWith(version2, StringComparison.Ordinal));
        return line is null ? "" : Path.Combine(Directory.Parent.Path, line[version2.Length..]);
    }

    /// <summary>The directory of a resource; <see cref="CreateResource"/> makes it.</summary>
    public CgroupDirectory Resource(string group, string resource) => Directory.Child(Encode(group)).Child(Encode(resource));

    public CgroupDirectory CreateResource(string group, string resource)
    {
        Directory.Create();
        var outer = Directory.Child(Encode(group));
        outer.Create();
        var inner = outer.Child(Encode(resource));
        inner.Create();
        return inner;
    }

    /// <summary>
    /// Kills whatever an earlier guardian of this instance left and waits until nothing of it lives. Blocks the caller: for the start of
    /// a guardian, before it calls itself clean.
    /// </summary>
    public KillReport CleanUp(TimeSpan limit)
    {
        var start = BootClock.NowNanoseconds();
        var end = start + (limit.Ticks * TimeSpan.NanosecondsPerTick);
        using var poll = new PollSet(1);
        using var events = Directory.OpenEvents();
        poll.Add(events.FileDescriptor, PollEvents.Priority);
        while (events.IsPopulated())
        {
            var now = BootClock.NowNanoseconds();
            if (now >= end)
                return KillReport.Survivors("clean-up at start", Directory, now - start);
            Directory.Kill();
            poll.WaitUntil(Math.Min(end, now + NanosecondsPerRetry));
        }

        // A leftover empty directory does no harm; it is used again.
        if (Directory.TryRemove())
            Directory.Create();
        return KillReport.AllGone("clean-up at start", BootClock.NowNanoseconds() - start);
    }

    /// <summary>
    /// A name as a file name that no other name gives: letters, digits, <c>-</c> and <c>_</c> stand for themselves, all else (dots too,
    /// so that no name is special or collides with the kernel's files) as <c>%</c> and two hexadecimal digits.
    /// </summary>
    internal static string Encode(string name)
    {
        var result = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'_')
                result.Append((char)value);
            else
                result.Append(CultureInfo.InvariantCulture, $"%{value:x2}");
        }

        return result.ToString();
    }
}
