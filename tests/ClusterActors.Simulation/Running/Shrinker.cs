using System.Diagnostics;
using ClusterActors.Simulation.Faults;

namespace ClusterActors.Simulation.Running;

/// <summary>
/// The shortest list of faults with which a seed still fails, by delta debugging: halves, quarters and so on are taken out as long as what
/// is left fails.
/// </summary>
internal static class Shrinker
{
    public static IReadOnlyList<Fault> Shrink(SimulationOptions options, ulong seed, IReadOnlyList<Fault> faults, TimeSpan limit)
    {
        long begin = Stopwatch.GetTimestamp();
        return Shrink(faults, rest => SimulationRun.Run(options, seed, rest).Failure is not null, () => Stopwatch.GetElapsedTime(begin) > limit);
    }

    /// <param name="fails">What is looked for is still there with this list.</param>
    /// <param name="enough">No time is left: what has been reached is good enough.</param>
    public static IReadOnlyList<T> Shrink<T>(IReadOnlyList<T> all, Func<IReadOnlyList<T>, bool> fails, Func<bool> enough)
    {
        IReadOnlyList<T> left = all;
        for (int pieces = 2; left.Count > 0 && !enough();)
        {
            IReadOnlyList<T>? shorter = Without(left, pieces, fails, enough);
            if (shorter is not null)
                (left, pieces) = (shorter, Math.Max(2, pieces - 1));
            else if (pieces >= left.Count)
                break;
            else
                pieces = Math.Min(left.Count, pieces * 2);
        }

        return left;
    }

    /// <summary>The list without the first of its pieces that is not needed for the failure.</summary>
    private static T[]? Without<T>(IReadOnlyList<T> list, int pieces, Func<IReadOnlyList<T>, bool> fails, Func<bool> enough)
    {
        int size = Math.Max(1, (list.Count + pieces - 1) / pieces);
        for (int from = 0; from < list.Count && !enough(); from += size)
        {
            T[] rest = [.. list.Take(from), .. list.Skip(from + size)];
            if (fails(rest))
                return rest;
        }

        return null;
    }
}
