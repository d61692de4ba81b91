using System.Collections.Concurrent;
using System.Diagnostics;

namespace ClusterActors.Simulation.Running;

/// <summary>What many seeds came to.</summary>
internal sealed record SweepResult(int Seeds, TimeSpan Simulated, TimeSpan Took, long Steps, int Excused, IReadOnlyList<RunResult> Failures)
{
    public double HoursPerSecond => Simulated.TotalHours / Took.TotalSeconds;

    public string Describe() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Seeds} seeds, {Simulated.TotalHours:0.0} cluster-hours in {Took.TotalSeconds:0.0} s: {HoursPerSecond:0.00} cluster-hours/s, {Seeds / Took.TotalSeconds:0.00} seeds/s, {Steps / Took.TotalSeconds:0} steps/s; {Excused} excused overlaps seen, {Failures.Count} failed");
}

/// <summary>Runs seeds, one on each core.</summary>
internal static class SeedSweep
{
    /// <param name="limit">No further seed is begun after so long.</param>
    /// <param name="firstOnly">Stop at the first failure.</param>
    public static SweepResult Run(SimulationOptions options, ulong from, int count, TimeSpan limit, bool firstOnly = false, Action<RunResult>? onFailure = null)
    {
        long begin = Stopwatch.GetTimestamp();
        var results = new ConcurrentBag<RunResult>();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (i, state) =>
        {
            if (Stopwatch.GetElapsedTime(begin) > limit)
            {
                state.Stop();
                return;
            }

            RunResult result = SimulationRun.Run(options, from + (ulong)i);
            results.Add(result);
            if (result.Failure is null)
                return;
            onFailure?.Invoke(result);
            if (firstOnly)
                state.Stop();
        });
        return new SweepResult(
            results.Count, TimeSpan.FromTicks(results.Sum(r => r.Simulated.Ticks)), Stopwatch.GetElapsedTime(begin), results.Sum(r => r.Steps), results.Sum(r => r.Excused),
            [.. results.Where(r => r.Failure is not null).OrderBy(r => r.Seed)]);
    }
}
