using System.Text.Json;

namespace ClusterActors.Bench;

/// <summary>Runs benchmarks one after the other, prints a table and writes the JSON file.</summary>
internal static class BenchRunner
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Exit code: 0 measured, 1 a benchmark failed or a figure exceeds its limit (the others still ran).</summary>
    public static async Task<int> RunAsync(IReadOnlyList<IBench> benches, BenchOptions options, string? jsonFile, CancellationToken cancellation)
    {
        var results = new List<BenchResult>();
        var failed = 0;
        foreach (var bench in benches)
        {
            Console.WriteLine($"# {bench.Name}: {bench.Summary}");
            try
            {
                var found = await bench.RunAsync(options, cancellation);
                foreach (var result in found)
                    Print(result);
                failed += found.Count(IsBeyondLimit);
                results.AddRange(found);
            }
            catch (BenchFailedException failure)
            {
                failed++;
                Console.Error.WriteLine($"{bench.Name} failed: {failure.Message}");
            }
        }

        if (jsonFile is not null)
            await File.WriteAllTextAsync(jsonFile, JsonSerializer.Serialize(results, Json) + "\n", cancellation);
        return failed == 0 ? 0 : 1;
    }

    private static bool IsBeyondLimit(BenchResult result)
    {
        if (result.Limit?.Exceeded(result) is not { } what)
            return false;
        Console.Error.WriteLine($"{result.Name} failed: {what}");
        return true;
    }

    private static void Print(BenchResult result) =>
        Console.WriteLine($"{result.Name,-56} {result.Unit,-8} n={result.Samples,-5} min {Figure(result.Min)}  median {Figure(result.Median)}  max {Figure(result.Max)}");

    private static string Figure(double value) => Math.Abs(value) switch
    {
        >= 100_000 => value.ToString("N0"),
        >= 100 => value.ToString("F1"),
        _ => value.ToString("0.###"),
    };
}
