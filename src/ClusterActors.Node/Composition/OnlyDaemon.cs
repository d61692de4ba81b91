namespace ClusterActors.Node.Composition;

/// <summary>
/// The right to be this server's node daemon: a lock that the kernel drops with the process. Two daemons would take the guardian's connection
/// from each other and write into one journal.
/// </summary>
internal sealed class OnlyDaemon : IDisposable
{
    private readonly FileStream _lock;

    private OnlyDaemon(FileStream held) => _lock = held;

    /// <summary>Null when another process has it.</summary>
    public static OnlyDaemon? TryBe(string path)
    {
        try
        {
            return new OnlyDaemon(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _lock.Dispose();
}
