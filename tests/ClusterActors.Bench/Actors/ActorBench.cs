using System.Diagnostics;
using ClusterActors.Actors;

namespace ClusterActors.Bench.Actors;

/// <summary>What the kernel's benchmarks share: a fresh system per run and a bound for each.</summary>
internal static class ActorBench
{
    // Restarts log an error each; what is measured is the kernel, not the terminal.
    private static readonly ActorSystemOptions Quiet = new() { LogSink = new NoLog() };
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>One warm-up and <c>--runs</c> (5) measured runs, each in a system of its own.</summary>
    public static async Task<IReadOnlyList<BenchResult>> Repeat(
        BenchOptions options, string name, string unit, Func<ActorSystem, Task<double>> measure, CancellationToken cancellation)
    {
        var values = new List<double>();
        for (var run = 0; run <= (options.Runs ?? 5); run++)
        {
            cancellation.ThrowIfCancellationRequested();
            await using var system = ActorSystem.Create("bench", Quiet);
            double value;
            try
            {
                value = await measure(system).WaitAsync(Limit, cancellation);
            }
            catch (TimeoutException)
            {
                throw new BenchFailedException($"{name}: not done within {Limit}");
            }
            // The first run pays for compilation.
            if (run > 0) values.Add(value);
        }
        return [BenchResult.Of(name, unit, values)];
    }

    public static double PerSecond(long count, long start) => count / Stopwatch.GetElapsedTime(start).TotalSeconds;

    public static TaskCompletionSource NewLatch() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class NoLog : ILogSink
    {
        public bool IsEnabled(LogLevel level) => false;

        public void Write(LogEvent logEvent) { }
    }
}
