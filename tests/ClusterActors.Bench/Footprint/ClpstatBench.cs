using System.Globalization;
using ClusterActors.Bench.Failover;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Footprint;

/// <summary>How long an administrator waits for <c>clpstat</c>: a new process each time, its files in the page cache.</summary>
internal sealed class ClpstatBench : IBench
{
    private const int WarmUps = 3;

    public string Name => "clpstat";

    public string Summary => "wall time of clp stat on a server of a running pair, new process, warm cache (ms)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var runs = options.Runs ?? 25;
        await using var pair = await Pair.StartAsync(options.Profile ?? "default");
        var server = await pair.ReadyAsync();
        // Timed on the server itself: entering the lab is not part of it.
        var lines = await pair.Lab.OutputAsync(server, Repository.BenchProgram, "time", "--runs", $"{runs + WarmUps}", Repository.Program("clp"), "stat");
        return [BenchResult.Of($"{Name}.wall", "ms", lines.Split('\n').Skip(WarmUps).Select(line => double.Parse(line, CultureInfo.InvariantCulture))) with { Limit = new(Median: 80) }];
    }
}
