namespace ClusterActors.Simulation.Time;

/// <summary>
/// Numbers that depend on a seed and the name of what they are for alone, so that a fault taken out of a schedule leaves the chance of all
/// else as it was. SplitMix64.
/// </summary>
internal sealed class Chance(ulong seed, string purpose)
{
    private ulong _state = seed ^ HashOf(purpose);

    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15UL;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>0 up to, not including, <paramref name="limit"/>.</summary>
    public int Next(int limit) => (int)(NextBits() % (ulong)limit);

    public long Between(long least, long most) => least + (long)(NextBits() % (ulong)(most - least + 1));

    public TimeSpan Between(TimeSpan least, TimeSpan most) => TimeSpan.FromTicks(Between(least.Ticks, most.Ticks));

    public double Share() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public bool Happens(double share) => Share() < share;

    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];

    // FNV-1a: the same in every process, unlike string.GetHashCode.
    private static ulong HashOf(string text)
    {
        ulong hash = 14695981039346656037UL;
        foreach (char c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }
}
