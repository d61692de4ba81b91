using ClusterActors.Bench.Failover;
using ClusterActors.Bench.Probing;
using ClusterActors.Bench.Stalls;

namespace ClusterActors.Bench.Soak;

/// <summary>
/// Runs a soak for each profile: one after the other, each with the load of its own, or (<c>--parallel</c>) the pairs of all profiles at
/// the same time in labs of their own, beside one load: harder for each of them, and done in the time of one.
/// </summary>
internal static class SoakRuns
{
    private static readonly string[] Profiles = ["default", "fast", "instant"];

    /// <param name="watch">What is done with one pair while the load runs; returns its figures.</param>
    public static async Task<IReadOnlyList<BenchResult>> RunAsync(
        string name, BenchOptions options, Func<string, Pair, TimeSpan, CancellationToken, Task<IReadOnlyList<BenchResult>>> watch, CancellationToken cancellation)
    {
        var duration = options.Duration ?? TimeSpan.FromMinutes(10);
        var profiles = options.Profile is { } one ? [one] : Profiles;
        if (options.Parallel)
            return await TogetherAsync(name, options, profiles, duration, watch, cancellation);
        var results = new List<BenchResult>();
        foreach (var profile in profiles)
            results.AddRange(await TogetherAsync(name, options, [profile], duration, watch, cancellation));
        return results;
    }

    private static async Task<IReadOnlyList<BenchResult>> TogetherAsync(
        string name, BenchOptions options, string[] profiles, TimeSpan duration, Func<string, Pair, TimeSpan, CancellationToken, Task<IReadOnlyList<BenchResult>>> watch, CancellationToken cancellation)
    {
        var pairs = new List<(string Profile, Pair Pair)>();
        try
        {
            foreach (var profile in profiles)
                pairs.Add((profile, await Pair.StartAsync(profile)));
            foreach (var (_, pair) in pairs)
                await pair.ReadyAsync();
            await using var machine = await MachineWatch.StartAsync(pairs[0].Pair);
            await using var load = Load.Start(pairs[0].Pair, duration);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var watching = pairs.Select(one => WatchAsync(one.Profile, one.Pair)).ToArray();
            List<BenchResult> results;
            try
            {
                results = (await Task.WhenAll(watching)).SelectMany(found => found).ToList();
            }
            catch
            {
                Tell(options, await machine.FinishAsync());
                throw;
            }

            load.DemandItStillRuns();
            var stalls = await machine.FinishAsync();
            results.Add(Tell(options, stalls));
            foreach (var (profile, pair) in pairs)
                results.AddRange(Punctuality.Judge(name, profile, pair, results, stalls, options.Log));
            return results;

            async Task<IReadOnlyList<BenchResult>> WatchAsync(string profile, Pair pair)
            {
                try
                {
                    return await watch(profile, pair, duration, end.Token);
                }
                catch
                {
                    // The others need not go on: what failed decides.
                    await end.CancelAsync();
                    throw;
                }
            }
        }
        finally
        {
            foreach (var (_, pair) in pairs)
                await pair.DisposeAsync();
        }
    }

    private static BenchResult Tell(BenchOptions options, IReadOnlyList<Stall> stalls)
    {
        foreach (var stall in stalls.OrderByDescending(stall => stall.Nanoseconds).Take(15).OrderBy(s => s.At))
            options.Log($"machine: processor {stall.Cpu} ran nothing for {Clock.ToMilliseconds(stall.Nanoseconds):F1} ms at {Clock.ToMilliseconds(stall.At):F0}");
        return BenchResult.Single("machine.stall-worst", "ms", stalls.Count == 0 ? 0 : stalls.Max(stall => Clock.ToMilliseconds(stall.Nanoseconds)));
    }
}
