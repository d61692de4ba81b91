using ClusterActors.Heartbeats.Engine;

namespace ClusterActors.Heartbeats.Tests;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_must_be_within_an_eighth_when_compared_with_sorting()
    {
        var random = new Random(5);
        var values = new List<long>();
        var histogram = new LatencyHistogram();
        for (int i = 0; i < 20_000; i++)
        {
            long value = (long)Math.Exp(random.NextDouble() * 24);
            values.Add(value);
            histogram.Add(value);
        }

        values.Sort();
        foreach (double share in new[] { 0.01, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            long exact = values[(int)Math.Ceiling(share * values.Count) - 1];
            Assert.InRange(histogram.Percentile(share), exact, exact + (exact / 8) + 1);
        }

        Assert.Equal(values[^1], histogram.Max);
    }

    [Fact]
    public void Extremes_must_be_counted_when_negative_zero_or_huge()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(-5);
        histogram.Add(0);
        histogram.Add(long.MaxValue);
        Assert.Equal(3, histogram.Count);
        Assert.Equal(0, histogram.Percentile(0.5));
        Assert.Equal(long.MaxValue, histogram.Percentile(1));
    }
}
