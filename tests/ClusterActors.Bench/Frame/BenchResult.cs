using System.Text.Json.Serialization;

namespace ClusterActors.Bench;

/// <summary>One measured figure. Written to the JSON file as {name, unit, samples, min, median, max}.</summary>
/// <param name="Name">Dotted, for example <c>failover.power-loss.default.outage</c>.</param>
/// <param name="Unit">Times are in <c>ms</c>; others say theirs (<c>msg/s</c>, <c>MB</c>).</param>
/// <param name="Samples">How many values stand behind the figure.</param>
/// <param name="Min">Smallest value.</param>
/// <param name="Median">Middle value; with an even number of values the mean of the two in the middle.</param>
/// <param name="Max">Largest value.</param>
public sealed record BenchResult(string Name, string Unit, int Samples, double Min, double Median, double Max)
{
    /// <summary>What it must keep within, if anything was promised of it. Not part of the file.</summary>
    [JsonIgnore]
    public BenchLimit? Limit { get; init; }

    /// <summary>The figure of several values; at least one.</summary>
    public static BenchResult Of(string name, string unit, IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            throw new BenchFailedException($"{name}: no value was measured");
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new BenchResult(name, unit, sorted.Length, sorted[0], median, sorted[^1]);
    }

    /// <summary>The figure of a single value, such as a count.</summary>
    public static BenchResult Single(string name, string unit, double value) => new(name, unit, 1, value, value, value);
}
