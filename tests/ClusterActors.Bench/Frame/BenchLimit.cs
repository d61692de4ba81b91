namespace ClusterActors.Bench;

/// <summary>What a figure must not exceed; null: anything goes. A figure beyond it fails its benchmark, and is printed all the same.</summary>
public sealed record BenchLimit(double? Median = null, double? Max = null)
{
    /// <summary>Null when the figure keeps within the limit, else what does not.</summary>
    public string? Exceeded(BenchResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Median > Median ? $"median {result.Median:0.###} is above {Median:0.###} {result.Unit}"
            : result.Max > Max ? $"maximum {result.Max:0.###} is above {Max:0.###} {result.Unit}"
            : null;
    }
}
