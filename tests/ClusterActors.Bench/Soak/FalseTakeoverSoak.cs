using ClusterActors.Bench.Failover;

namespace ClusterActors.Bench.Soak;

/// <summary>
/// Both servers under load with nothing failing: the group must stay where it is. Fails on any change of the answering server, and when a
/// guardian beat more than 10 ms late while the machine ran; a long gap with the same server is a slow machine, not a takeover, and is only reported.
/// </summary>
internal sealed class FalseTakeoverSoak : IBench
{
    public string Name => "soak.no-false-takeover";

    public string Summary => "8 busy loops and memory pressure on each of two servers: no takeover may happen (longest gap seen by a client, beat lateness, ms)";

    public Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation) => SoakRuns.RunAsync(
        Name, options, (profile, pair, duration, end) => WatchAsync(profile, pair, duration, options.Log, end), cancellation);

    private async Task<IReadOnlyList<BenchResult>> WatchAsync(string profile, Pair pair, TimeSpan duration, Action<string> log, CancellationToken cancellation)
    {
        var results = new List<BenchResult>();
        var active = await pair.ReadyAsync();
        await using var client = await Client.StartAsync(pair, active, duration + TimeSpan.FromMinutes(2));
        await Task.Delay(duration, cancellation);
        var report = await client.FinishAsync();
        foreach (var (probe, what) in new[] { (report.Address, "address"), (report.Program, "program") })
        {
            log($"{profile} {what}: {probe.Sent} probes, {probe.LostCount} lost");
            if (probe.Owners.Count != 1)
                throw new BenchFailedException($"{profile}: the {what} moved although nothing failed: {string.Join(", ", probe.Owners)}\n{await pair.Lab.LogsAsync()}");
            results.Add(BenchResult.Single($"{Name}.{profile}.{what}.longest-gap", "ms", probe.Gaps.Count > 0 ? probe.Gaps[0].Milliseconds : 0));
            results.Add(BenchResult.Single($"{Name}.{profile}.{what}.lost", "probes", probe.LostCount));
        }

        results.AddRange(await Punctuality.ReadAsync(Name, profile, pair, log));
        return results;
    }
}
