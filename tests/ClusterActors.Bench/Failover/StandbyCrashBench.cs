using ClusterActors.Bench.Probing;

namespace ClusterActors.Bench.Failover;

/// <summary>
/// The standby loses its power while a witness votes: the active server's clients must not notice. Fails on a lost probe of address or
/// program, and when anything moves.
/// </summary>
internal sealed class StandbyCrashBench : IBench
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(120);

    /// <summary>After the standby is known to be down: long enough for a grant that only the dead one carried to end.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);

    public string Name => "failover.standby-crash-witness";

    public string Summary => "the standby loses its power under ask-arbiters with a witness: lost probes of address and program (must be 0), longest gap (ms)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var profile = options.Profile ?? "default";
        var lost = new List<double>();
        var gaps = new List<double>();
        await using var pair = await Pair.StartAsync(profile, withWitness: true);
        for (var run = 1; run <= (options.Runs ?? 5); run++)
        {
            cancellation.ThrowIfCancellationRequested();
            var report = await OneCrashAsync(pair);
            var losses = report.Address.LostCount + report.Program.LostCount;
            var gap = Math.Max(report.Address.Gaps[0].Milliseconds, report.Program.Gaps[0].Milliseconds);
            options.Log($"{profile} {run}: {losses} lost, longest gap {gap:F1} ms");
            if (losses > 0)
                throw new BenchFailedException($"probes were lost: address {report.Address.LostCount}, program {report.Program.LostCount}\n{await pair.Lab.LogsAsync()}");
            lost.Add(losses);
            gaps.Add(gap);
        }

        return [BenchResult.Of($"{Name}.{profile}.lost", "probes", lost), BenchResult.Of($"{Name}.{profile}.longest-gap", "ms", gaps)];
    }

    private static async Task<ClientReport> OneCrashAsync(Pair pair)
    {
        var active = await pair.ReadyAsync();
        var standby = Pair.Other(active);
        await using var client = await Client.StartAsync(pair, active, LongestRun);
        await pair.Lab.PowerOffAsync(standby);
        await pair.Lab.UntilAsync($"{active} shows {standby} as offline", async () =>
            await pair.StatusAsync(active) is { } status && status.Servers.Any(server => server.Name == standby && server.State == "Offline"));
        await Task.Delay(Afterwards);
        var report = await client.FinishAsync();
        report.DemandOwners(active);
        await pair.Lab.PowerOnAsync(standby);
        return report;
    }
}
