using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Simulation.Faults;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Running;

/// <summary>
/// Small sets of faults that come close together, drawn anew for each seed with the number of servers, the policy and the profile ("swarm testing"). With all
/// faults at once most courses are much alike, since the strong ones (a power loss ends everything else) hide what a few weak ones do together.
/// </summary>
internal static class Swarm
{
    private static readonly PartitionPolicy[] Policies = [PartitionPolicy.TakeOver, PartitionPolicy.AskArbiters, PartitionPolicy.TakeOver, PartitionPolicy.AskArbiters, PartitionPolicy.Hold];

    /// <summary>What a seed is run with.</summary>
    public static SimulationOptions OptionsOf(ulong seed)
    {
        var chance = new Chance(seed, "swarm");
        SimulationOptions options = SimulationOptions.Default with
        {
            Nodes = chance.Pick([2, 2, 3, 3, 3, 4, 5]),
            Networks = chance.Pick([1, 2, 2]),
            Policy = chance.Pick(Policies),
            Profile = chance.Pick([SimProfile.Default, SimProfile.Default, SimProfile.Fast]),
            FaultEvery = TimeSpan.FromSeconds(2 + chance.Next(4)),
        };
        string[] kinds = [.. FaultKinds.All.Where(k => k.Open is null && k.Suits(options)).Select(k => k.Name)];
        int wanted = 3 + chance.Next(4);
        var picked = new SortedSet<string>(StringComparer.Ordinal);
        while (picked.Count < wanted)
            picked.Add(chance.Pick(kinds));
        return options with { Faults = [.. picked] };
    }

    /// <summary>The command line that runs a seed alone.</summary>
    public static string CommandOf(SimulationOptions options, ulong seed) => string.Create(CultureInfo.InvariantCulture,
        $"--seed {seed} --nodes {options.Nodes} --networks {options.Networks} --policy {SimPolicy.NameOf(options)} --profile {options.Profile.Name} --every {options.MeanFaultGap.TotalSeconds} --faults {string.Join(',', options.Faults)}");
}
