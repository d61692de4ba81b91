using ClusterActors.Configuration;
using ClusterActors.Hocon;
using ClusterActors.Linux.Files;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Composition;

/// <summary>
/// The turn of this process to be the server's node daemon: two would take the guardian's connection from each other and write into one journal.
/// One that the guardian started ahead waits for the end of a silent one; the kernel drops that one's lock whatever it hangs in.
/// </summary>
internal static class DaemonTurn
{
    /// <summary>
    /// Longer than the longest daemon-restart-limit: before that the guardian has taken this process or killed it, also when the silent one hangs in the kernel and
    /// cannot end. The limit is for a guardian that does neither.
    /// </summary>
    private static readonly TimeSpan WaitLimit = TimeSpan.FromHours(2);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    public static bool IsStartedAhead => Environment.GetEnvironmentVariable(StartedAhead.Variable) is not null;

    /// <summary>Null: another daemon runs, and goes on running.</summary>
    public static async Task<InstanceLock?> TakeAsync(string lockFile, bool startedAhead, TimeProvider time)
    {
        long since = time.GetTimestamp();
        while (true)
        {
            if (InstanceLock.TryTake(lockFile) is { } taken)
                return taken;
            if (!startedAhead || time.GetElapsedTime(since) >= WaitLimit)
                return null;
            await Task.Delay(Poll, time).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the configuration for nothing but the code that it loads; the files may change until the turn comes.</summary>
    public static void LoadCode(NodePaths paths, ClusterConfigOptions options) =>
        _ = ClusterConfigLoader.Load(paths.ClusterConf, new DiskConfigFiles(), options);
}
