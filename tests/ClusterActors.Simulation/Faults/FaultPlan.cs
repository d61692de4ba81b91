using ClusterActors.Simulation.Running;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Faults;

/// <summary>Draws a schedule of faults from a seed. Lengths lie where they hurt: well below, around and above the timeout.</summary>
internal static class FaultPlan
{
    public static IReadOnlyList<Fault> Make(SimulationOptions options, ulong seed)
    {
        var chance = new Chance(seed, "faults");
        FaultKind[] kinds = [.. FaultKinds.All.Where(k => k.Suits(options) && (options.Faults.Count == 0 || options.Faults.Contains(k.Name)))];
        if (kinds.Length == 0)
            return [];
        var faults = new List<Fault>();
        TimeSpan end = TimeSpan.FromMinutes(options.Minutes);
        for (TimeSpan at = Gap(chance, options); at < end; at += Gap(chance, options))
        {
            FaultKind kind = Pick(kinds, chance);
            int server = chance.Next(options.Nodes);
            int other = (server + 1 + chance.Next(options.Nodes - 1)) % options.Nodes;
            TimeSpan lasts = kind.LengthOf(chance, options);
            TimeSpan most = end - at;
            faults.Add(new Fault(at, kind.Name, server, other, chance.Next(options.Networks), lasts < most ? lasts : most, chance.Share()));
        }

        return faults;
    }

    // Mostly alone, sometimes in bursts: many failures need two things at once.
    private static TimeSpan Gap(Chance chance, SimulationOptions options)
    {
        double share = chance.Happens(0.3) ? 0.03 : 1.3;
        return options.MeanFaultGap * (share * -Math.Log(1 - chance.Share()));
    }

    private static FaultKind Pick(FaultKind[] kinds, Chance chance)
    {
        int left = chance.Next(kinds.Sum(k => k.Weight));
        foreach (FaultKind kind in kinds)
        {
            left -= kind.Weight;
            if (left < 0)
                return kind;
        }

        return kinds[^1];
    }
}
