using ClusterActors.Model;

namespace ClusterActors.Simulation.Running;

/// <summary>How fast the simulated servers beat.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Interval">I.</param>
/// <param name="Timeout">V.</param>
/// <param name="Grant">L.</param>
/// <param name="Sign">Time between two signs of life of a daemon.</param>
/// <param name="Hang">A daemon without one for so long is killed.</param>
internal sealed record SimProfile(string Name, TimeSpan Interval, TimeSpan Timeout, TimeSpan Grant, TimeSpan Sign, TimeSpan Hang)
{
    public static readonly SimProfile Default = Of("default", 200, 2000, 1970, 200, 1000);
    public static readonly SimProfile Fast = Of("fast", 50, 300, 275, 200, 1000);

    /// <summary>The manual's: few beats, so many hours for little work.</summary>
    public static readonly SimProfile Slow = Of("slow", 3000, 90_000, 88_000, 3000, 15_000);

    public static readonly IReadOnlyList<SimProfile> All = [Default, Fast, Slow];

    private static SimProfile Of(string name, int interval, int timeout, int grant, int sign, int hang) => new(
        name, TimeSpan.FromMilliseconds(interval), TimeSpan.FromMilliseconds(timeout), TimeSpan.FromMilliseconds(grant),
        TimeSpan.FromMilliseconds(sign), TimeSpan.FromMilliseconds(hang));
}

/// <summary>What is simulated.</summary>
/// <param name="Nodes">Servers, 2 to 8.</param>
/// <param name="Networks">Heartbeat networks.</param>
/// <param name="Minutes">Length of the part with faults.</param>
/// <param name="Policy">On silence.</param>
/// <param name="Faults">Names of faults that may come; empty = all.</param>
/// <param name="FaultEvery">Mean time between two faults; null = derived from the profile.</param>
internal sealed record SimulationOptions(
    int Nodes, int Networks, double Minutes, PartitionPolicy Policy, SimProfile Profile, IReadOnlyList<string> Faults, TimeSpan? FaultEvery)
{
    public static readonly SimulationOptions Default = new(2, 2, 10, PartitionPolicy.TakeOver, SimProfile.Default, [], null);

    /// <summary>Times that go with the heartbeats: 1 for the default profile.</summary>
    public double Scale => Profile.Timeout / SimProfile.Default.Timeout;

    public SimArbiter Arbiter { get; init; }

    /// <summary>Of an even number of servers the witness has the casting vote; a pair with a fence has none.</summary>
    public bool HasWitness => Policy == PartitionPolicy.AskArbiters && Nodes % 2 == 0 && !HasStore && (Arbiter == SimArbiter.Witness || Nodes > 2);

    public bool HasStore => Policy == PartitionPolicy.AskArbiters && Nodes % 2 == 0 && Arbiter == SimArbiter.Store;

    public bool HasFence => Policy == PartitionPolicy.AskArbiters && Arbiter == SimArbiter.Fence;

    public TimeSpan MeanFaultGap => FaultEvery ?? TimeSpan.FromSeconds(20) * Math.Max(1, Scale);
}
