using System.Numerics;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// Counts durations in buckets of an eighth of an octave (reading error below 13 %, the maximum is exact). Fixed size, no
/// allocation. Written by one thread; a reader on another sees each counter whole, though not all of one instant.
/// </summary>
public sealed class LatencyHistogram
{
    private const int PerOctave = 8;
    private readonly long[] _buckets = new long[64 * PerOctave];
    private long _count;
    private long _max;

    /// <summary>Number of durations counted.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Longest duration, nanoseconds.</summary>
    public long Max => Volatile.Read(ref _max);

    /// <summary>Counts a duration in nanoseconds; a negative one counts as 0.</summary>
    public void Add(long nanoseconds)
    {
        long value = Math.Max(nanoseconds, 0);
        _buckets[BucketOf(value)]++;
        _count++;
        if (value > _max)
            _max = value;
    }

    /// <summary>Upper edge in nanoseconds of the bucket in which the given share of all durations (0..1) is reached; never above the maximum.</summary>
    public long Percentile(double share)
    {
        long count = Count;
        if (count == 0)
            return 0;
        long wanted = Math.Max(1, (long)Math.Ceiling(share * count));
        long seen = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= wanted)
                return Math.Min(UpperEdge(i), Max);
        }

        return Max;
    }

    /// <summary>The figures as durations.</summary>
    public LatenessFigures Figures() => new(
        Count, FromNanoseconds(Percentile(0.5)), FromNanoseconds(Percentile(0.99)), FromNanoseconds(Percentile(0.999)), FromNanoseconds(Max));

    private static TimeSpan FromNanoseconds(long value) => TimeSpan.FromTicks(value / 100);

    private static int BucketOf(long value)
    {
        if (value < PerOctave)
            return (int)value;
        int exponent = BitOperations.Log2((ulong)value);
        int eighth = (int)(value >> (exponent - 3)) & (PerOctave - 1);
        return ((exponent - 2) * PerOctave) + eighth;
    }

    private static long UpperEdge(int bucket)
    {
        if (bucket < PerOctave)
            return bucket;
        int exponent = (bucket / PerOctave) + 2;
        long eighth = bucket % PerOctave;
        return ((PerOctave + eighth + 1) << (exponent - 3)) - 1;
    }
}
