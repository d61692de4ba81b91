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

    /// <summary>A daemon that was killed and is not gone by then hangs in the kernel, which takes as long as it takes.</summary>
    private static readonly TimeSpan PollsSlowlyAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan SlowPoll = TimeSpan.FromMilliseconds(100);

    // Held until the process has ended and never given back before: what is written last, such as the log, must not meet the next daemon.
    private static InstanceLock? _held;

    public static bool IsStartedAhead => Environment.GetEnvironmentVariable(StartedAhead.Variable) is not null;

    /// <summary>False: another daemon runs, and goes on running.</summary>
    public static async Task<bool> TakeAsync(string lockFile, bool startedAhead, TimeProvider time)
    {
        long since = time.GetTimestamp();
        while (true)
        {
            _held = InstanceLock.TryTake(lockFile);
            if (_held is not null)
                return true;
            var waited = time.GetElapsedTime(since);
            if (!startedAhead || waited >= WaitLimit)
                return false;
            await Task.Delay(waited < PollsSlowlyAfter ? Poll : SlowPoll, time).ConfigureAwait(false);
        }
    }
}
