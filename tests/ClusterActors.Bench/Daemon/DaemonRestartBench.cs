using System.Diagnostics;
using ClusterActors.Bench.Failover;
using ClusterActors.Bench.Probing;
using ClusterActors.Bench.Soak;

namespace ClusterActors.Bench.Daemon;

/// <summary>
/// The active server's node daemon ends (SIGKILL) or hangs (SIGSTOP). The guardian must start a new one, which adopts what runs, and
/// nothing may be lost meanwhile: fails on a lost probe and when the group moves.
/// </summary>
internal sealed class DaemonRestartBench : IBench
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AdoptionLimit = TimeSpan.FromSeconds(30);

    /// <summary>Five deaths of a daemon in 10 s make its server safe, on purpose; with this pause there are at most four.</summary>
    private static readonly TimeSpan BetweenDeaths = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongestLoad = TimeSpan.FromMinutes(10);
    private long _death = long.MinValue;

    public string Name => "daemon.restart";

    public string Summary => "clpd killed, and hung: lost probes of address and program (must be 0), time until the new one shows the group (ms); --load beside the load of the soaks";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using var pair = await Pair.StartAsync(options.Profile ?? "default");
        await pair.ReadyAsync();
        await using var load = options.Load ? Load.Start(pair, LongestLoad) : null;
        var loaded = options.Load ? ".load" : "";
        return
        [
            .. await MeasureAsync(pair, "killed" + loaded, "KILL", options, cancellation),
            .. await MeasureAsync(pair, "hung" + loaded, "STOP", options, cancellation),
        ];
    }

    private async Task<IReadOnlyList<BenchResult>> MeasureAsync(Pair pair, string how, string signal, BenchOptions options, CancellationToken cancellation)
    {
        var lost = new List<double>();
        var gaps = new List<double>();
        var adopted = new List<double>();
        for (var run = 1; run <= (options.Runs ?? 5); run++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (report, time) = await OneAsync(pair, signal);
            var losses = report.Address.LostCount + report.Program.LostCount;
            options.Log($"{how} {run}: {losses} lost, adopted after {time:F0} ms, longest gap {LongestGap(report):F1} ms");
            if (losses > 0)
                throw new BenchFailedException($"{how}: probes were lost; address {report.Address.LostCount}, program {report.Program.LostCount}\n{await pair.Lab.LogsAsync()}");
            lost.Add(losses);
            adopted.Add(time);
            gaps.Add(LongestGap(report));
        }

        return
        [
            BenchResult.Of($"{Name}.{how}.lost", "probes", lost),
            BenchResult.Of($"{Name}.{how}.longest-gap", "ms", gaps),
            BenchResult.Of($"{Name}.{how}.adopted", "ms", adopted) with { Limit = new(Max: 2000) },
        ];
    }

    private async Task<(ClientReport Report, double AdoptedAfter)> OneAsync(Pair pair, string signal)
    {
        var active = await pair.ReadyAsync();
        if (_death != long.MinValue && BetweenDeaths - Stopwatch.GetElapsedTime(_death) is var left && left > TimeSpan.Zero)
            await Task.Delay(left);
        await using var client = await Client.StartAsync(pair, active, LongestRun);
        var old = await pair.Lab.PidsAsync(active, "daemon");
        var gone = await pair.Lab.KillAsync(active, "daemon", signal);
        _death = Stopwatch.GetTimestamp();
        // A stopped daemon answers nothing, so the first answer is the new one's. Asked every 20 ms.
        await pair.Lab.UntilAsync($"the new daemon of {active} shows the group online", async () =>
            await pair.StatusAsync(active) is { } status && status.Groups.Any(group => group.Name == Pair.Group && group.State == "Online" && group.CurrentServer == active),
            AdoptionLimit);
        var adopted = Clock.ToMilliseconds(Stopwatch.GetTimestamp() - gone.At);
        if ((await pair.Lab.PidsAsync(active, "daemon")).Intersect(old).Any())
            throw new BenchFailedException($"the daemon of {active} was not replaced: process {old[0]} still runs");
        var report = await client.FinishAsync();
        report.DemandOwners(active);
        return (report, adopted);
    }

    private static double LongestGap(ClientReport report) => Math.Max(report.Address.Gaps[0].Milliseconds, report.Program.Gaps[0].Milliseconds);
}
