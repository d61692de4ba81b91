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
        IReadOnlyList<Fault> left = faults;
        for (int pieces = 2; left.Count > 0 && Stopwatch.GetElapsedTime(begin) < limit;)
        {
            IReadOnlyList<Fault>? shorter = Without(options, seed, left, pieces);
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
    private static IReadOnlyList<Fault>? Without(SimulationOptions options, ulong seed, IReadOnlyList<Fault> faults, int pieces)
    {
        int size = Math.Max(1, (faults.Count + pieces - 1) / pieces);
        for (int from = 0; from < faults.Count; from += size)
        {
            Fault[] rest = [.. faults.Take(from), .. faults.Skip(from + size)];
            if (SimulationRun.Run(options, seed, rest).Failure is not null)
                return rest;
        }

        return null;
    }
}
