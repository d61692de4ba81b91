using ClusterActors.Model;
using ClusterActors.Simulation.Faults;
using ClusterActors.Simulation.Running;

namespace ClusterActors.Simulation.Tests;

/// <summary>
/// Seeds that must hold. The wide searches begin seeds for a limited time, since how many fit depends on the machine; each says what it came to.
/// A seed that ever failed is a test of its own below.
/// </summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(25);
    private static readonly SimulationOptions Pair = SimulationOptions.Default;

    public static TheoryData<string> Faults() => new(FaultKinds.Names);

    [Fact]
    public void Pair_must_hold_every_promise_under_take_over() => Sweep(Pair, 1, Limit);

    [Fact]
    public void Pair_must_hold_every_promise_under_hold() => Sweep(Pair with { Policy = PartitionPolicy.Hold }, 10_000, Limit);

    [Fact]
    public void Three_servers_must_hold_every_promise() => Sweep(Pair with { Nodes = 3 }, 20_000, Limit);

    [Fact]
    public void Five_servers_must_hold_every_promise_under_hold() => Sweep(Pair with { Nodes = 5, Policy = PartitionPolicy.Hold }, 30_000, Limit);

    [Fact]
    public void Pair_must_hold_every_promise_with_the_fast_profile() => Sweep(Pair with { Profile = SimProfile.Fast }, 40_000, Limit);

    /// <summary>The manual's times, 3 s and 90 s: many hours for little work.</summary>
    [Fact]
    public void Pair_must_hold_every_promise_for_many_hours() => Sweep(Pair with { Profile = SimProfile.Slow, Minutes = 3000 }, 50_000, TimeSpan.FromSeconds(90));

    [Theory]
    [MemberData(nameof(Faults))]
    public void Each_fault_alone_must_be_survived(string fault)
    {
        FaultKind kind = FaultKinds.Find(fault);
        SimulationOptions options = Pair with
        {
            Nodes = kind.LeastNodes, Minutes = 3, Faults = [fault], FaultEvery = TimeSpan.FromSeconds(15), Policy = PartitionPolicy.Hold,
        };
        RunResult result = SimulationRun.Run(options, 60_000);
        Assert.Null(result.Failure);
        Assert.NotEmpty(result.Faults);
    }

    [Fact]
    public void Same_seed_must_take_the_same_course_each_time()
    {
        RunResult first = SimulationRun.Run(Pair, 7);
        RunResult second = SimulationRun.Run(Pair, 7);
        RunResult other = SimulationRun.Run(Pair, 8);
        Assert.Equal((first.Digest, first.Steps), (second.Digest, second.Steps));
        Assert.NotEqual(first.Digest, other.Digest);
    }

    /// <summary>server1's guardian.state was set back by one start: its beats were refused for ever, as those of another boot of the same count.</summary>
    [Fact]
    public void Seed_1008_under_hold_state_set_back_by_one_start() => Holds(Pair with { Policy = PartitionPolicy.Hold }, 1008);

    private static void Holds(SimulationOptions options, ulong seed) => Assert.Null(SimulationRun.Run(options, seed).Failure);

    private void Sweep(SimulationOptions options, ulong from, TimeSpan limit)
    {
        SweepResult result = SeedSweep.Run(options, from, int.MaxValue, limit, firstOnly: true);
        output.WriteLine(result.Describe());
        Assert.True(result.Seeds > 0, "no seed was run");
        Assert.True(result.Failures.Count == 0, result.Failures.Count == 0 ? "" : Explain(options, result.Failures[0]));
    }

    private static string Explain(SimulationOptions options, RunResult failed)
    {
        IReadOnlyList<Fault> shortest = Shrinker.Shrink(options, failed.Seed, failed.Faults, TimeSpan.FromSeconds(60));
        return $"seed {failed.Seed} with {options}: {failed.Failure}\nshortest list of faults:\n{string.Join('\n', shortest)}\n"
            + string.Join('\n', SimulationRun.Run(options, failed.Seed, shortest, withTimeline: true).Timeline.TakeLast(150));
    }
}
