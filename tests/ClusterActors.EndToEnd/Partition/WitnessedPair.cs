using ClusterActors.Bench.Probing;
using ClusterActors.EndToEnd.Pairs;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Partition;

/// <summary>
/// A pair under <c>ask-arbiters</c> with two networks, a shared disk, a serial line and a witness on a third host. Every story ends with the
/// check that the group's program never ran on two servers at once.
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
        RunningPair.TellWithDevicesAsync(story, new PairOptions { Witness = true, Settings = settings });

    /// <summary>The servers hear each other on no channel; both still reach the witness and the clients.</summary>
    public static async Task CutServersAsync(RunningPair pair)
    {
        await pair.Devices!.CutAsync();
        await pair.Lab.CutAsync("server1", "server2");
    }

    /// <summary>A server is cut from everybody, on all channels; one way it still hears on the networks what the others send.</summary>
    public static async Task IsolateAsync(RunningPair pair, string server, bool oneWay = false)
    {
        await pair.Devices!.CutAsync();
        await pair.Lab.CutAsync(server, "all", oneWay: oneWay);
    }

    /// <summary>What one server sends reaches the other one on no channel; the other way the networks carry everything.</summary>
    public static async Task CutOneWayAsync(RunningPair pair, string from, string to)
    {
        await pair.Devices!.CutAsync();
        await pair.Lab.CutAsync(from, to, oneWay: true);
    }

    /// <summary>Undoes all cuts.</summary>
    public static async Task HealAsync(RunningPair pair)
    {
        await pair.Lab.HealAsync();
        await pair.Devices!.HealAsync();
    }

    /// <summary>Waits until a server counts another one as down.</summary>
    public static Task UntilOfflineAsync(RunningPair pair, string seenBy, string server) =>
        pair.UntilStatusAsync(seenBy, $"{server} is offline", status => status.Servers.Single(s => s.Name == server).State == "Offline");

    /// <summary>Waits until the hold promise of a server is in force.</summary>
    public static Task UntilHoldAsync(RunningPair pair, string server) =>
        pair.UntilStatusAsync(server, "the hold promise is in force", status => status.Hold is not null);

    /// <summary>Waits until the witness counts again: the grant rests on vows and no hold promise is left.</summary>
    public static Task UntilVotesAsync(RunningPair pair, string server) =>
        pair.UntilStatusAsync(server, "the witness answers and no hold promise is left", status => status.Hold is null);

    /// <summary>Waits until a server gives all these reasons, in one answer, for where the group is.</summary>
    public static Task UntilExplainedAsync(RunningPair pair, string server, params string[] reasons) => pair.Lab.UntilAsync(
        $"{server} explains: {string.Join(" ... ", reasons)}",
        async () => await pair.RunAsync(server, "clp", "explain", "group", RunningPair.Group) is var said && reasons.All(reason => said.Output.Contains(reason, StringComparison.Ordinal))
            ? null
            : said.ToString());

    /// <summary>Why a server that would take over does not: the arbiter has not excluded the owner.</summary>
    public static string NotExcluded(string owner) => $"Wait: {owner} had it, is silent, and is not excluded";

    /// <summary>Waits until the new owner says that it runs the group, from whom it has it, and that this follows from the end of that server.</summary>
    public static Task UntilTakeoverExplainedAsync(RunningPair pair, string from, string to) =>
        UntilExplainedAsync(pair, to, $"Keep: online on {to}", $"takeover from {from}", $"server {from} is down");

    /// <summary>
    /// For a time in which nothing must change: the address must lose nothing that a move would cost, and the same program must run on.
    /// There is nothing to wait for but the time itself, so it is the client that measures it.
    /// </summary>
    public static async Task NothingMovesAsync(RunningPair pair, string owner, TimeSpan time, int mayLose = LostByLoad)
    {
        var runs = pair.Oracle.Runs.Count;
        var card = await pair.Lab.OutputAsync(owner, "cat", "/sys/class/net/eth1/address");
        var report = await ProbeAsync(pair, time);
        Assert.Equal([card], report.Owners.Select(span => span.Server));
        Assert.InRange(report.LostCount, 0, mayLose);
        // Asked again when it is not there: one look of the lab at a group beside which others come and go found nothing once, while the program ran.
        await pair.Lab.UntilAsync($"the group's program runs on {owner}", async () => (await pair.Lab.PidsAsync(owner, RunningPair.Program)).Length == 1);
        Assert.Equal(runs, pair.Oracle.Runs.Count);
    }

    /// <summary>Waits until a server has ended the group's program; then nobody must answer for a time.</summary>
    public static async Task NobodyRunsAsync(RunningPair pair, string owner, TimeSpan time)
    {
        await pair.Lab.UntilAsync($"the group's program has ended on {owner}", async () => (await pair.Lab.PidsAsync(owner, RunningPair.Program)).Length == 0);
        var runs = pair.Oracle.Runs.Count;
        Assert.Empty((await ProbeAsync(pair, time)).Owners);
        Assert.Equal(runs, pair.Oracle.Runs.Count);
    }

    /// <summary>Probes of 2 ms that a loaded machine loses now and then; a stopped program or a moved address would cost hundreds.</summary>
    private const int LostByLoad = 20;

    // By ICMP, which the owner's kernel answers by its network card: a program answers late on a loaded machine.
    private static async Task<ProbeReport> ProbeAsync(RunningPair pair, TimeSpan time)
    {
        var probe = await pair.Lab.ExecAsync(
            "client1", "chrt", "-r", "30", Repository.BenchProgram, "probe", "--target", RunningPair.FloatingIp, "--interval", "2ms", "--seconds", $"{time.TotalSeconds:0}", "--json");
        // A probe that nobody answered ends with an error, which is what some stories want.
        var line = probe.Output.Split('\n').SingleOrDefault(line => line.StartsWith("report ", StringComparison.Ordinal)) ?? throw new LabException($"no report: {probe}");
        return ProbeReport.Parse(line["report ".Length..]);
    }
}
