using System.Collections.Concurrent;
using System.Diagnostics;

namespace ClusterActors.Simulation.Running;

/// <summary>What many seeds came to.</summary>
/// <param name="Digest">Of all courses, whatever their order: equal for equal seeds, in every process and with any number of workers.</param>
internal sealed record SweepResult(int Seeds, TimeSpan Simulated, TimeSpan Took, long Steps, int Excused, ulong Digest, IReadOnlyList<RunResult> Failures)
{
    public double HoursPerSecond => Simulated.TotalHours / Took.TotalSeconds;

    public string Describe() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Seeds} seeds, {Simulated.TotalHours:0.0} cluster-hours in {Took.TotalSeconds:0.0} s: {HoursPerSecond:0.00} cluster-hours/s, {Seeds / Took.TotalSeconds:0.00} seeds/s, {Steps / Took.TotalSeconds:0} steps/s; {Excused} excused overlaps seen, {Failures.Count} failed, digest {Digest:x16}");
}

/// <summary>Runs seeds, one on each core.</summary>
internal static class SeedSweep
{
    public static SweepResult Run(SimulationOptions options, ulong from, int count, TimeSpan limit, bool firstOnly = false, Action<RunResult>? onFailure = null) =>
        Run(_ => options, from, count, limit, firstOnly, onFailure);

    /// <param name="optionsOf">What a seed is run with.</param>
    /// <param name="limit">No further seed is begun after so long.</param>
    /// <param name="firstOnly">Stop at the first failure.</param>
    public static SweepResult Run(Func<ulong, SimulationOptions> optionsOf, ulong from, int count, TimeSpan limit, bool firstOnly = false, Action<RunResult>? onFailure = null)
    {
        long begin = Stopwatch.GetTimestamp();
        var results = new ConcurrentBag<RunResult>();
        int next = -1;
        bool stop = false;

        // One seed after the other from one counter, so that a search that ends early has covered the first ones without a gap.
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            while (!Volatile.Read(ref stop) && Stopwatch.GetElapsedTime(begin) <= limit && Interlocked.Increment(ref next) is var i && i < count)
            {
                RunResult result = SimulationRun.Run(optionsOf(from + (ulong)i), from + (ulong)i);
                results.Add(result);
                if (result.Failure is null)
                    continue;
                onFailure?.Invoke(result);
                if (firstOnly)
                    Volatile.Write(ref stop, true);
            }
        });
        return new SweepResult(
            results.Count, TimeSpan.FromTicks(results.Sum(r => r.Simulated.Ticks)), Stopwatch.GetElapsedTime(begin), results.Sum(r => r.Steps), results.Sum(r => r.Excused), results.Aggregate(0UL, (sum, r) => sum ^ r.Digest),
            [.. results.Where(r => r.Failure is not null).OrderBy(r => r.Seed)]);
    }
}
