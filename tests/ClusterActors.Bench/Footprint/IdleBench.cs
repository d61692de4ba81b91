using System.Diagnostics;
using System.Globalization;
using ClusterActors.Bench.Failover;

namespace ClusterActors.Bench.Footprint;

/// <summary>
/// What one server's guardian and daemon use while nothing happens: memory as its proportional share (PSS, where pages that both share
/// count once), processor time over a stretch. Once with both servers up in the lab, where the two also share pages, and once alone.
/// </summary>
internal sealed class IdleBench : IBench
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

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
        var before = pids.Sum(ProcessorMilliseconds);
        var start = Stopwatch.GetTimestamp();
        await Task.Delay(length, cancellation);
        var used = (pids.Sum(ProcessorMilliseconds) - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var pid in pids)
            options.Log($"{name}: {File.ReadAllText($"/proc/{pid}/comm").Trim()} {PssMegabytes(pid):F1} MB");
        return [BenchResult.Single($"{name}.pss", "MB", pids.Sum(PssMegabytes)), BenchResult.Single($"{name}.cpu", "ms/s", used)];
    }

    /// <summary>Fields 14 and 15 of proc(5) stat; the kernel scales their sum to the exact time, in clock ticks of 10 ms.</summary>
    private static double ProcessorMilliseconds(int pid)
    {
        const int MillisecondsPerTick = 10;
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * MillisecondsPerTick;
    }

    private static double PssMegabytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(text => text.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
