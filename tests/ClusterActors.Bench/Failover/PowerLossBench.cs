using ClusterActors.Lab;

namespace ClusterActors.Bench.Failover;

/// <summary>
/// The active server loses its power: links down and every process dead at one instant, as the lab script notes it. The outage counts
/// from that instant to the first answer of the other server; a client probes every 2 ms. Start instants are spread over the beat
/// interval, since the outage depends on where in it the power goes.
/// </summary>
internal sealed class PowerLossBench : IBench
{
    private static readonly string[] Profiles = ["default", "fast", "instant"];
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(120);

    public string Name => "failover.power-loss";

    public string Summary => "outage seen by a client when the active server loses its power, by profile (ms)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var results = new List<BenchResult>();
        foreach (var profile in options.Profile is { } one ? [one] : Profiles)
        {
            var outages = new List<double>();
            await using var pair = await Pair.StartAsync(profile);
            for (var run = 1; run <= (options.Runs ?? 20); run++)
            {
                cancellation.ThrowIfCancellationRequested();
                outages.Add(await OneLossAsync(pair, spread: run * 37 % 200));
                options.Log($"{profile} {run}: {outages[^1]:F1} ms");
            }

            results.Add(BenchResult.Of($"{Name}.{profile}.outage", "ms", outages));
        }

        return results;
    }

    private static async Task<double> OneLossAsync(Pair pair, int spread)
    {
        var active = await pair.ReadyAsync();
        await using var probe = pair.StartProbe(LongestRun);
        await Pair.AnsweredByAsync(probe, active);
        await Task.Delay(TimeSpan.FromMilliseconds(100 + spread));

        var loss = await pair.Lab.PowerOffAsync(active);
        await Pair.AnsweredByAsync(probe, pair.Other(active));
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        var report = await pair.FinishAsync(probe);
        if (report.Owners.Count != 2)
            throw new BenchFailedException($"the answering server changed {report.Owners.Count - 1} times; allowed is once: {string.Join(", ", report.Owners)}");
        var first = report.FirstAnswerAfter(loss.At, except: active)
            ?? throw new BenchFailedException($"no answer of {pair.Other(active)} after the power loss at {loss.At}");
        await pair.Lab.PowerOnAsync(active);
        return (first - loss.At) / 1e6;
    }
}
