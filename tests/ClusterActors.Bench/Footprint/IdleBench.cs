using System.Diagnostics;
using ClusterActors.Bench.Failover;

namespace ClusterActors.Bench.Footprint;

/// <summary>
/// What one server's guardian and daemon use while nothing happens: memory as its proportional share (PSS, where pages that both share
/// count once), processor time over a stretch. Once with both servers up in the lab, where the two also share pages, and once alone.
/// </summary>
internal sealed class IdleBench : IBench
{
    /// <summary>The runtime compiles anew, in the background, what a start has used often; that is over after a few seconds.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    public string Name => "idle";

    public string Summary => "memory (PSS, MB) and processor time (ms per second) of one server's clpd and clpmonp in an idle pair";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var length = options.Duration ?? TimeSpan.FromSeconds(20);
        var profile = options.Profile ?? "default";
        await using var pair = await Pair.StartAsync(profile);
        var server = await pair.ReadyAsync();
        var results = new List<BenchResult>();
        results.AddRange(await MeasureAsync(pair, server, $"{Name}.{profile}.both", length, options, cancellation));
        await pair.Lab.PowerOffAsync(Pair.Other(server));
        results.AddRange(await MeasureAsync(pair, server, $"{Name}.{profile}.alone", length, options, cancellation));
        return results;
    }

    private static async Task<IReadOnlyList<BenchResult>> MeasureAsync(
        Pair pair, string server, string name, TimeSpan length, BenchOptions options, CancellationToken cancellation)
    {
        await Task.Delay(Settling, cancellation);
        int[] pids = [.. await pair.Lab.PidsAsync(server, "guardian"), .. await pair.Lab.PidsAsync(server, "daemon")];
        var usages = pids.Select(pid => new ProcessUsage(pid)).ToArray();
        var start = Stopwatch.GetTimestamp();
        await Task.Delay(length, cancellation);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var usage in usages)
        {
            options.Log($"{name}: {usage.Name} {usage.PssMegabytes():F1} MB, {usage.ProcessorMilliseconds() / seconds:F1} ms/s; "
                + string.Join(", ", usage.Threads().Take(5).Select(thread => $"{thread.Name} {thread.Milliseconds / seconds:F1}")));
        }

        return
        [
            BenchResult.Single($"{name}.pss", "MB", usages.Sum(usage => usage.PssMegabytes())) with { Limit = new(Max: 100) },
            BenchResult.Single($"{name}.cpu", "ms/s", usages.Sum(usage => usage.ProcessorMilliseconds()) / seconds) with { Limit = options.Profile is null or "default" ? new(Max: 10) : null },
        ];
    }
}
