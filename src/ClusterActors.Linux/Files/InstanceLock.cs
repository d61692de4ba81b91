using ClusterActors.Linux.Process;

namespace ClusterActors.Linux.Files;

/// <summary>The right to be the only process of a program on this server: a lock that the kernel drops with the process, however it ends.</summary>
public sealed class InstanceLock : IDisposable
{
    private readonly FileStream _held;

    private InstanceLock(FileStream held) => _held = held;

    /// <summary>Null when another process has it.</summary>
    public static InstanceLock? TryTake(string path)
    {
        try
        {
            return new InstanceLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException busy) when (busy.HResult == Errno.TryAgain)
        {
            return null;
        }
    }

    public void Dispose() => _held.Dispose();
}
