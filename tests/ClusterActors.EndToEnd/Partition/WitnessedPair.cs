using ClusterActors.Bench.Probing;
using ClusterActors.EndToEnd.Pairs;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Partition;

/// <summary>
/// A pair under <c>ask-arbiters</c> with a witness on a third host. Every story ends with the check that the group's program never ran
/// on two servers at once.
/// </summary>
internal static class WitnessedPair
{
    /// <summary>Silence after which a server is down in the default profile.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Host of the witness.</summary>
    public const string Witness = "witness";

    /// <summary>Its name in the configuration.</summary>
    public const string Arbiter = "third-box";

    public static Task TellAsync(Func<RunningPair, Task> story, params string[] settings) =>
        RunningPair.TellAsync(story, new PairOptions { Witness = true, Settings = settings });

    /// <summary>The servers hear each other on no network; both still reach the witness and the clients.</summary>
    public static Task CutServersAsync(RunningPair pair) => pair.Lab.CutAsync("server1", "server2");

    /// <summary>Waits until a server counts another one as down.</summary>
    public static Task UntilOfflineAsync(RunningPair pair, string seenBy, string server) =>
        pair.UntilStatusAsync(seenBy, $"{server} is offline", status => status.Servers.Single(s => s.Name == server).State == "Offline");

    /// <summary>Waits until the hold promise of a server is in force.</summary>
    public static Task UntilHoldAsync(RunningPair pair, string server) =>
        pair.UntilStatusAsync(server, "the hold promise is in force", status => status.Hold is not null);

    /// <summary>Waits until the witness counts again: the grant rests on vows and no hold promise is left.</summary>
    public static Task UntilVotesAsync(RunningPair pair, string server) =>
        pair.UntilStatusAsync(server, "the witness answers and no hold promise is left", status => status.Hold is null);

    /// <summary>
    /// For a time in which nothing must change: the client must have lost nothing that a move would cost. There is nothing to wait for
    /// but the time itself, so it is the client that measures it.
    /// </summary>
    public static async Task NothingMovesAsync(RunningPair pair, string owner, TimeSpan time)
    {
        var runs = pair.Oracle.Runs.Count;
        var report = await ProbeAsync(pair, time);
        Assert.Equal([owner], report.Owners.Select(span => span.Server));
        Assert.InRange(report.LostCount, 0, LostByLoad);
        Assert.Equal(runs, pair.Oracle.Runs.Count);
    }

    /// <summary>Waits until a server has ended the group's program; then nobody must answer for a time.</summary>
    public static async Task NobodyRunsAsync(RunningPair pair, string owner, TimeSpan time)
    {
        await pair.Lab.UntilAsync($"the group's program has ended on {owner}", async () => (await pair.Lab.PidsAsync(owner, RunningPair.Program)).Length == 0);
        var report = await ProbeAsync(pair, time);
        Assert.Empty(report.Owners);
    }

    /// <summary>Probes of 2 ms that a loaded machine loses now and then; a stopped program or a moved address would cost hundreds.</summary>
    public const int LostByLoad = 20;

    private static async Task<ProbeReport> ProbeAsync(RunningPair pair, TimeSpan time)
    {
        var probe = await pair.Lab.ExecAsync("client1", "chrt", "-r", "30", Repository.BenchProgram, "probe", "--target", RunningPair.FloatingIp, "--port", RunningPair.Port,
            "--interval", "2ms", "--seconds", $"{time.TotalSeconds:0}", "--json");
        return ProbeReport.Parse(probe.Demanded().Split('\n').Single(line => line.StartsWith("report ", StringComparison.Ordinal))["report ".Length..]);
    }
}
