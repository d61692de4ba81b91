using ClusterActors.Lab;

namespace ClusterActors.Bench.Failover;

/// <summary>An administrator moves the group: longest time between two answers that the client saw around it.</summary>
internal sealed class PlannedMoveBench : IBench
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(60);

    public string Name => "failover.planned-move";

    public string Summary => "outage seen by a client when the group (address and program) is moved by clpgrp -m (ms)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var profile = options.Profile ?? "default";
        var outages = new List<double>();
        await using var pair = await Pair.StartAsync(profile);
        for (var run = 1; run <= (options.Runs ?? 20); run++)
        {
            cancellation.ThrowIfCancellationRequested();
            outages.Add(await OneMoveAsync(pair));
            options.Log($"{profile} {run}: {outages[^1]:F1} ms");
        }

        return [BenchResult.Of($"{Name}.{profile}.outage", "ms", outages)];
    }

    private static async Task<double> OneMoveAsync(Pair pair)
    {
        var active = await pair.ReadyAsync();
        await using var probe = pair.StartProbe(LongestRun);
        await Pair.AnsweredByAsync(probe, active);
        await pair.Lab.OutputAsync(active, Repository.Program("clp"), "grp", "-m", Pair.Group);
        await Pair.AnsweredByAsync(probe, pair.Other(active));
        var report = await pair.FinishAsync(probe);
        return report.Gaps.Count > 0 ? report.Gaps[0].Milliseconds : throw new BenchFailedException("the client saw no two answers");
    }
}
