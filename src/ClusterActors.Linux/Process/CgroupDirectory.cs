using System.Globalization;

namespace ClusterActors.Linux.Process;

/// <summary>
/// A group of the version 2 tree used to hold processes together: whatever a member starts is a member, it cannot leave without
/// root's help, and all of them, those of child groups included, are killed with one write (cgroup.kill, kernel 5.14).
/// </summary>
/// <param name="path">Absolute path of the directory, existing or not.</param>
public sealed class CgroupDirectory(string path)
{
    private const string KillFile = "cgroup.kill";
    private const string FreezeFile = "cgroup.freeze";
    private const string EventsFile = "cgroup.events";
    private const string ProcessesFile = "cgroup.procs";
    private const int SignalKill = 9;

    public string Path { get; } = path;

    public bool Exists => Directory.Exists(Path);

    /// <summary>For tests on new kernels of what old ones need.</summary>
    internal bool WithoutKillFile { get; init; }

    public CgroupDirectory Child(string name) => new(System.IO.Path.Combine(Path, name)) { WithoutKillFile = WithoutKillFile };

    public CgroupDirectory Parent => new(System.IO.Path.GetDirectoryName(Path)!) { WithoutKillFile = WithoutKillFile };

    /// <summary>Makes the directory; its parent must exist. An existing one is fine.</summary>
    public void Create()
    {
        if (ProcessNative.MakeDirectory(Path, 0x1ED) == 0)
            return;
        var failure = LinuxException.FromLastError($"mkdir {Path}", "the control group tree must be mounted writable and the caller be root");
        if (failure.Errno != Errno.Exists)
            throw failure;
    }

    /// <summary>Moves a process, all its threads, into the group.</summary>
    /// <exception cref="LinuxException">It has ended, or the kernel refuses.</exception>
    public void Add(int processId)
    {
        var file = System.IO.Path.Combine(Path, ProcessesFile);
        var error = KernelFile.TryWrite(file, processId.ToString(CultureInfo.InvariantCulture));
        if (error != 0)
            throw new LinuxException($"move of process {processId} to {file}", error);
    }

    /// <summary>
    /// Sends SIGKILL to every member, processes being forked at this instant included. Returns without waiting for their end. Repeat
    /// while <see cref="IsPopulated"/>: without cgroup.kill one pass may miss processes that were just being born.
    /// </summary>
    public void Kill()
    {
        var file = System.IO.Path.Combine(Path, KillFile);
        var error = WithoutKillFile ? Errno.NoEntry : KernelFile.TryWrite(file, "1");
        if (error == 0 || !Exists)
            return;
        if (error != Errno.NoEntry)
            throw new LinuxException($"write of {file}", error);
        KillFrozen();
    }

    /// <summary>For polling; the directory must exist.</summary>
    public CgroupEvents OpenEvents() => new(System.IO.Path.Combine(Path, EventsFile));

    /// <summary>Whether a process lives in the group or below; zombies do not count. A group that does not exist is empty.</summary>
    public bool IsPopulated()
    {
        if (!Exists)
            return false;
        using var events = OpenEvents();
        return events.IsPopulated();
    }

    /// <summary>Process ids of all members, those of child groups included; 0 stands for one outside the caller's process namespace.</summary>
    public IReadOnlyList<int> Processes()
    {
        var result = new List<int>();
        foreach (var directory in Tree())
        {
            try
            {
                foreach (var line in File.ReadLines(System.IO.Path.Combine(directory, ProcessesFile)))
                    result.Add(int.Parse(line, CultureInfo.InvariantCulture));
            }
            catch (IOException) when (!Directory.Exists(directory))
            {
                // Removed between listing and reading, so it had no members.
            }
        }

        return result;
    }

    /// <summary>Removes the directory and all below it; false when a member lives.</summary>
    public bool TryRemove()
    {
        foreach (var directory in Tree().OrderByDescending(path => path.Length))
        {
            if (ProcessNative.RemoveDirectory(directory) == 0)
                continue;
            var failure = LinuxException.FromLastError($"rmdir {directory}");
            if (failure.Errno == Errno.NoEntry)
                continue;
            if (failure.Errno is Errno.Busy or Errno.NotEmpty)
                return false;
            throw failure;
        }

        return true;
    }

    /// <summary>Removes this directory alone; false when something is in it.</summary>
    public bool TryRemoveAlone() => ProcessNative.RemoveDirectory(Path) == 0;

    private IEnumerable<string> Tree() =>
        Exists ? Directory.EnumerateDirectories(Path, "*", SearchOption.AllDirectories).Append(Path) : [];

    // Frozen processes cannot fork while they are listed, and a killed one dies although frozen.
    private void KillFrozen()
    {
        _ = KernelFile.TryWrite(System.IO.Path.Combine(Path, FreezeFile), "1");
        foreach (var process in Processes())
        {
            if (process > 0)
                _ = ProcessNative.Kill(process, SignalKill);
        }
    }
}
