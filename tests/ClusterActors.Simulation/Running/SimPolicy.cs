using ClusterActors.Model;

namespace ClusterActors.Simulation.Running;

/// <summary>Who is asked under ask-arbiters.</summary>
internal enum SimArbiter
{
    /// <summary>The witness, which has the casting vote of an even number of servers.</summary>
    Witness = 0,

    /// <summary>A fence: alone for a pair; with more servers it makes certain what the votes have decided.</summary>
    Fence,

    /// <summary>A key-value store of the site, which has the casting vote by the counter rule.</summary>
    Store,
}

/// <summary>What the servers do on silence, as named on the command line.</summary>
internal sealed record SimPolicy(string Name, PartitionPolicy OnPartition, SimArbiter Arbiter = SimArbiter.Witness)
{
    public static readonly IReadOnlyList<SimPolicy> All =
    [
        new("take-over", PartitionPolicy.TakeOver),
        new("hold", PartitionPolicy.Hold),
        new("ask-arbiters", PartitionPolicy.AskArbiters),
        new("ask-fence", PartitionPolicy.AskArbiters, SimArbiter.Fence),
        new("ask-store", PartitionPolicy.AskArbiters, SimArbiter.Store),
    ];

    public static string NameOf(SimulationOptions options) => All.First(p => p.OnPartition == options.Policy && p.Arbiter == options.Arbiter).Name;

    public SimulationOptions In(SimulationOptions options) => options with { Policy = OnPartition, Arbiter = Arbiter };

    /// <summary>Names separated by commas. One that is there twice gets twice as many seeds.</summary>
    /// <exception cref="ArgumentException">There is no policy of that name.</exception>
    public static IReadOnlyList<SimPolicy> Parse(string names) =>
        [.. names.Split(',', StringSplitOptions.TrimEntries).Select(name => All.FirstOrDefault(p => p.Name == name)
            ?? throw new ArgumentException($"clpsim: --policy is '{name}'; must be one of {string.Join(", ", All.Select(p => p.Name))}, or several with commas between"))];

    /// <summary>Of several each seed takes the next one, whatever seeds are run beside it.</summary>
    public static SimPolicy Of(IReadOnlyList<SimPolicy> policies, ulong seed) => policies[(int)(seed % (ulong)policies.Count)];
}
