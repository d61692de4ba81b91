namespace ClusterActors.Lab;

/// <summary>
/// When the lab script did something that is no single instant: it began after <paramref name="At"/> and was complete before
/// <paramref name="Done"/>. CLOCK_MONOTONIC nanoseconds, the clock of <c>Stopwatch.GetTimestamp()</c> and of every host of the lab.
/// </summary>
public readonly record struct Instants(long At, long Done)
{
    /// <summary>Reads <c>at=NS done=NS</c>, or <c>at=NS</c> alone.</summary>
    internal static Instants Parse(string line)
    {
        long Value(string key, long otherwise) => line.Split(' ', '\n')
            .Where(word => word.StartsWith(key + "=", StringComparison.Ordinal)).Select(word => long.Parse(word[(key.Length + 1)..])).DefaultIfEmpty(otherwise).First();
        var at = Value("at", 0);
        return new Instants(at, Value("done", at));
    }
}
