using ClusterActors.Bench.Probing;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Failover;

/// <summary>An administrator moves the group: time from the last answer of the one server to the first answer of the other.</summary>
internal sealed class PlannedMoveBench : IBench
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(60);

    public string Name => "failover.planned-move";

    public string Summary => "outage of address (ICMP) and program (UDP) for a client when the group is moved by clpgrp -m (ms)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var profile = options.Profile ?? "default";
        var outages = new List<(double Address, double Program)>();
        await using var pair = await Pair.StartAsync(profile);
        await pair.SettledAsync();
        for (var run = 1; run <= (options.Runs ?? 20); run++)
        {
            cancellation.ThrowIfCancellationRequested();
            outages.Add(await OneMoveAsync(pair));
            options.Log($"{profile} {run}: address {outages[^1].Address:F1} ms, program {outages[^1].Program:F1} ms");
        }

        return
        [
            BenchResult.Of($"{Name}.{profile}.address-outage", "ms", outages.Select(outage => outage.Address)) with { Limit = new(Max: 50) },
            BenchResult.Of($"{Name}.{profile}.program-outage", "ms", outages.Select(outage => outage.Program)) with { Limit = new(Max: 150) },
        ];
    }

    private static async Task<(double Address, double Program)> OneMoveAsync(Pair pair)
    {
        var active = await pair.ReadyAsync();
        var other = Pair.Other(active);
        await using var client = await Client.StartAsync(pair, active, LongestRun);
        await pair.Lab.OutputAsync(active, Repository.Program("clp"), "grp", "-m", Pair.Group);
        await client.AnsweredByAsync(other);
        var report = await client.FinishAsync();
        report.DemandOwners(active, other);
        return (Change(report.Address), Change(report.Program));
    }

    private static double Change(ProbeReport report) => Clock.ToMilliseconds(report.Owners[1].FirstAt - report.Owners[0].LastAt);
}
