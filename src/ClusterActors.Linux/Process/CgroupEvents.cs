namespace ClusterActors.Linux.Process;

/// <summary>An open view of a control group's <c>cgroup.events</c>: pollable for change, read without opening again.</summary>
public sealed class CgroupEvents : IDisposable
{
    private readonly string _path;
    private int _file;

    internal CgroupEvents(string path)
    {
        _path = path;
        _file = KernelFile.Open(path);
    }

    /// <summary><see cref="Sockets.PollEvents.Priority"/> tells that the content changed since <see cref="IsPopulated"/> was last read.</summary>
    public int FileDescriptor => _file;

    /// <summary>Whether a process lives in the group or below; zombies do not count. One that was removed is empty: the kernel removes no other.</summary>
    public bool IsPopulated() => KernelFile.ReadFromStart(_file, _path)?.Contains("populated 1", StringComparison.Ordinal) == true;

    /// <summary>The group was removed. One of the same name that was made since is another, of which this tells nothing.</summary>
    public bool IsOfRemoved() => KernelFile.ReadFromStart(_file, _path) is null;

    public void Dispose()
    {
        var file = Interlocked.Exchange(ref _file, -1);
        if (file >= 0)
            _ = ProcessNative.Close(file);
    }
}
