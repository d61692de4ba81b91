using System.Diagnostics;
using ClusterActors.Bench.Failover;

namespace ClusterActors.Bench.Footprint;

/// <summary>
/// What one server's guardian and daemon use while nothing happens: memory as its proportional share (PSS, where pages that both share
/// count once), processor time over several stretches, of which the middle one counts: a virtual machine books what its host takes away as time
/// of whoever is running, so the same processes cost three times as much in one stretch as in the next. Once with both servers up in the lab, where
/// the two also share pages, and once alone.
/// </summary>
internal sealed class IdleBench : IBench
{
    /// <summary>Joining, adopting and giving back what a start has needed is over then.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    private const int Stretches = 5;

    public string Name => "idle";

    public string Summary => "memory (PSS, MB) and processor time (ms per second) of one server's clpd and clpmonp in an idle pair";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var length = options.Duration ?? TimeSpan.FromSeconds(10);
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
        var processor = new List<double>();
        for (var stretch = 0; stretch < (options.Runs ?? Stretches); stretch++)
            processor.Add(await ProcessorAsync(pids, name, length, options, cancellation));
        return
        [
            BenchResult.Single($"{name}.pss", "MB", pids.Sum(pid => new ProcessUsage(pid).PssMegabytes())) with { Limit = new(Max: 100) },
            BenchResult.Of($"{name}.cpu", "ms/s", processor) with { Limit = options.Profile is null or "default" ? new(Median: 10) : null },
        ];
    }

    private static async Task<double> ProcessorAsync(int[] pids, string name, TimeSpan length, BenchOptions options, CancellationToken cancellation)
    {
        var usages = pids.Select(pid => new ProcessUsage(pid)).ToArray();
        var start = Stopwatch.GetTimestamp();
        await Task.Delay(length, cancellation);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var usage in usages)
        {
            options.Log($"{name}: {usage.Name} {usage.PssMegabytes():F1} MB, {usage.ProcessorMilliseconds() / seconds:F1} ms/s; "
                + string.Join(", ", usage.Threads().Take(5).Select(thread => $"{thread.Name} {thread.Milliseconds / seconds:F1}")));
        }

        return usages.Sum(usage => usage.ProcessorMilliseconds()) / seconds;
    }
}
