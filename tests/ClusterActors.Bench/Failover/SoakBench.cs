using ClusterActors.Lab;

namespace ClusterActors.Bench.Failover;

/// <summary>
/// Both servers under busy loops and memory pressure (stress-ng) with nothing failing: the group must stay where it is. Fails on any
/// change of the answering server; a long gap with the same server is a slow machine, not a takeover, and is only reported.
/// </summary>
internal sealed class SoakBench : IBench
{
    private static readonly string[] Profiles = ["default", "fast", "instant"];

    public string Name => "soak.no-false-takeover";

    public string Summary => "8 busy loops and memory pressure on each of two servers: no takeover may happen (longest gap seen by a client, ms)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var duration = options.Duration ?? TimeSpan.FromMinutes(10);
        var results = new List<BenchResult>();
        foreach (var profile in options.Profile is { } one ? [one] : Profiles)
        {
            await using var pair = await Pair.StartAsync(profile);
            var active = await pair.ReadyAsync();
            await using var client = await Client.StartAsync(pair, active, duration + TimeSpan.FromMinutes(2));
            await using var first = StartLoad(pair, "server1", duration);
            await using var second = StartLoad(pair, "server2", duration);
            foreach (var load in new[] { first, second })
            {
                if (await load.EndAsync(duration + TimeSpan.FromMinutes(1)) != 0)
                    throw new BenchFailedException($"the load did not run: {load.Said}");
            }

            var report = await client.FinishAsync();
            foreach (var (probe, what) in new[] { (report.Address, "address"), (report.Program, "program") })
            {
                options.Log($"{profile} {what}: {probe.Sent} probes, {probe.LostCount} lost");
                if (probe.Owners.Count != 1)
                    throw new BenchFailedException($"{profile}: the {what} moved although nothing failed: {string.Join(", ", probe.Owners)}\n{await pair.Lab.LogsAsync()}");
                results.Add(BenchResult.Single($"{Name}.{profile}.{what}.longest-gap", "ms", probe.Gaps.Count > 0 ? probe.Gaps[0].Milliseconds : 0));
                results.Add(BenchResult.Single($"{Name}.{profile}.{what}.lost", "probes", probe.LostCount));
            }
        }

        return results;
    }

    private static RunningCommand StartLoad(Pair pair, string server, TimeSpan duration) => pair.Lab.Start(
        server, "stress-ng", "--quiet", "--cpu", "8", "--vm", "2", "--vm-bytes", "1G", "--temp-path", "/tmp", "--timeout", $"{duration.TotalSeconds:F0}s");
}
