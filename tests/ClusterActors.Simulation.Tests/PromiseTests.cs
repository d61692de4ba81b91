using ClusterActors.Model;
using ClusterActors.Simulation.Faults;
using ClusterActors.Simulation.Running;

namespace ClusterActors.Simulation.Tests;

/// <summary>
/// Rows of seeds that must hold: the same ones in each run, since a test that fails now and then is no test. Wide searches for new ones are
/// <c>./dev simulate --seeds</c>'s.
/// </summary>
public sealed class PromiseTests(ITestOutputHelper output)
{
    private static readonly SimulationOptions Pair = SimulationOptions.Default;

    [Fact]
    public void Pair_must_hold_every_promise_under_take_over() => Sweep(Pair, 1, 15);

    [Fact]
    public void Pair_must_hold_every_promise_under_hold() => Sweep(Pair with { Policy = PartitionPolicy.Hold }, 10_000, 15);

    [Fact]
    public void Pair_with_a_witness_must_hold_every_promise() => Sweep(Pair with { Policy = PartitionPolicy.AskArbiters }, 70_000, 12);

    [Fact]
    public void Three_servers_must_hold_every_promise_by_majority() => Sweep(Pair with { Nodes = 3, Policy = PartitionPolicy.AskArbiters }, 80_000, 6);

    [Fact]
    public void Three_servers_must_hold_every_promise() => Sweep(Pair with { Nodes = 3 }, 20_000, 6);

    [Fact]
    public void Five_servers_must_hold_every_promise_under_hold() => Sweep(Pair with { Nodes = 5, Policy = PartitionPolicy.Hold }, 30_000, 3);

    [Fact]
    public void Pair_must_hold_every_promise_with_the_fast_profile() => Sweep(Pair with { Profile = SimProfile.Fast }, 40_000, 10);

    /// <summary>The manual's times, 3 s and 90 s. The many hours are run by <c>./dev test</c> from an optimised build.</summary>
    [Fact]
    public void Pair_must_hold_every_promise_with_the_manuals_times() => Sweep(Pair with { Profile = SimProfile.Slow, Minutes = 600 }, 50_000, 2);

    private void Sweep(SimulationOptions options, ulong from, int count)
    {
        SweepResult result = SeedSweep.Run(options, from, count, TimeSpan.FromMinutes(5), firstOnly: true);
        output.WriteLine(result.Describe());
        Assert.True(result.Failures.Count > 0 || result.Seeds == count, $"{result.Seeds} of {count} seeds were run within five minutes");
        Assert.True(result.Failures.Count == 0, result.Failures.Count == 0 ? "" : Explain(options, result.Failures[0]));
    }

    private static string Explain(SimulationOptions options, RunResult failed)
    {
        IReadOnlyList<Fault> shortest = Shrinker.Shrink(options, failed.Seed, failed.Faults, TimeSpan.FromSeconds(60));
        return $"seed {failed.Seed} with {options}: {failed.Failure}\nshortest list of faults:\n{string.Join('\n', shortest)}\n"
            + string.Join('\n', SimulationRun.Run(options, failed.Seed, shortest, withTimeline: true).Timeline.TakeLast(150));
    }
}
