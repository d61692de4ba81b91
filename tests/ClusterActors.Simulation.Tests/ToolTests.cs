using System.Runtime.CompilerServices;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Simulation.Daemon;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Running;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Tests;

/// <summary>The simulation itself: its checks bite, its clocks go wrong as they should, its mutations still fit.</summary>
public sealed class ToolTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "../.."));

    public static TheoryData<string> Mutations() => new(Mutation.ReadAll(Folder).Select(m => m.Name));

    private static string Folder => Path.Combine(Root, "tests/ClusterActors.Simulation/mutations");

    [Theory]
    [MemberData(nameof(Mutations))]
    public void Mutation_must_fit_the_sources(string name)
    {
        Mutation mutation = Mutation.ReadAll(Folder).Single(m => m.Name == name);
        Assert.Null(mutation.WhyNot(Root));
        Assert.All(mutation.Edits, edit => Assert.NotEqual(edit.Old, edit.New));
    }

    [Fact]
    public void Oracle_must_see_a_group_on_two_servers()
    {
        var world = new World(SimulationOptions.Default, 1, withTimeline: false);
        foreach (SimMachine machine in world.Machines)
        {
            machine.PowerOn();
            machine.Programs.Add(("g2", "data"), new SimProgram($"t{machine.Index}", new Term(1, 0), "g2", "data", false, 1, 0));
        }

        world.Oracle.Look(always: true);

        Assert.Equal("g2 acts on server1 and server2 at once", world.Oracle.Failure);
    }

    [Fact]
    public void Oracle_must_excuse_two_owners_under_take_over_only_while_the_network_is_to_blame()
    {
        var world = new World(SimulationOptions.Default, 1, withTimeline: false);
        foreach (SimMachine machine in world.Machines)
            machine.Programs.Add(("g2", "data"), new SimProgram($"t{machine.Index}", new Term(1, 0), "g2", "data", false, 1, 0));
        for (int network = 0; network < 2; network++)
            world.Network.Change(network, 0, 1, p => p.Cut());
        foreach (SimMachine machine in world.Machines)
            machine.PowerOn();
        world.Oracle.Look(always: true);
        Assert.False(world.Oracle.Failed);

        for (int network = 0; network < 2; network++)
            world.Network.Change(network, 0, 1, p => p.Heal());
        foreach (SimMachine machine in world.Machines)
            machine.KillGuardian("not of interest here");
        world.Run(TimeSpan.FromMilliseconds(100));
        Assert.False(world.Oracle.Failed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Check_must_see_two_coordinators_in_one_term_unless_the_first_has_ended(bool hasEnded)
    {
        var world = new World(SimulationOptions.Default, 1, withTimeline: false);
        foreach (SimMachine machine in world.Machines)
            machine.PowerOn();
        world.Run(TimeSpan.FromSeconds(20));
        (DaemonProcess first, DaemonProcess second) = (world.Machines[0].Daemon!, world.Machines[1].Daemon!);
        (GroupName group, Term term) = (world.Cluster.Groups[0].Name, world.Machines[0].HighestShown);
        void Order(DaemonProcess by, long id)
        {
            world.Coordinators.Sent(by, new OrderSent(second.Machine.Name, id, group, term, null));
            world.Coordinators.Accepted(second, new OrderAccepted(by.Machine.Name, id, group, term, Starts: true));
        }

        Order(first, 101);
        Assert.False(world.Oracle.Failed);
        world.Run(TimeSpan.FromMilliseconds(1));
        if (hasEnded)
            world.Machines[0].KillDaemon("not of interest here");
        Order(second, 102);
        Assert.Equal(!hasEnded, world.Oracle.Failed);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    public void Machine_clock_must_go_wrong_by_its_rate_and_never_wake_too_early(long partsPerMillion)
    {
        var world = new World(SimulationOptions.Default, 1, withTimeline: false);
        var clock = new MachineClock(world);
        clock.Start(partsPerMillion);
        long begin = clock.Local;
        world.Run(TimeSpan.FromHours(1));
        Assert.Equal(3_600_000_000_000 + (partsPerMillion * 3_600_000), clock.Local - begin);
        long due = clock.Local + 1_234_567_890;
        long at = clock.TrueTimeOf(due);
        world.RunUntil(at);
        Assert.InRange(clock.Local, due, due + 2);
    }

    [Fact]
    public void Machine_clock_must_stand_still_while_its_hypervisor_holds_it()
    {
        var world = new World(SimulationOptions.Default, 1, withTimeline: false);
        var clock = new MachineClock(world);
        clock.Start(0);
        clock.Stop();
        long before = clock.Local;
        world.Run(TimeSpan.FromMinutes(5));
        Assert.Equal(before, clock.Local);
        Assert.Equal(long.MaxValue, clock.TrueTimeOf(before + 1));
        clock.Continue();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(before + 1_000_000_000, clock.Local);
    }

    [Fact]
    public void Shrinker_must_find_the_two_of_fifty_that_are_needed_together()
    {
        int tries = 0;
        IReadOnlyList<int> left = Shrinker.Shrink([.. Enumerable.Range(0, 50)], list =>
        {
            tries++;
            return list.Contains(13) && list.Contains(37);
        }, () => false);
        Assert.Equal([13, 37], left);
        Assert.InRange(tries, 5, 200);
    }

    [Fact]
    public void Seeds_must_take_the_policies_in_turn()
    {
        IReadOnlyList<SimPolicy> policies = SimPolicy.Parse("ask-arbiters, hold,ask-arbiters,take-over");
        IEnumerable<PartitionPolicy> taken = Enumerable.Range(50_000, 40).Select(seed => SimPolicy.Of(policies, (ulong)seed).In(SimulationOptions.Default).Policy);
        Assert.Equal(
            [(PartitionPolicy.AskArbiters, 20), (PartitionPolicy.Hold, 10), (PartitionPolicy.TakeOver, 10)],
            taken.CountBy(policy => policy).Select(c => (c.Key, c.Value)));
        Assert.Contains("'take_over'", Assert.Throws<ArgumentException>(() => SimPolicy.Parse("hold,take_over")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutation_file_must_be_refused_with_its_line_when_it_is_not_of_the_form()
    {
        FormatException e = Assert.Throws<FormatException>(() => Mutation.Parse("bad", "what: x\nfile: y\nsome text\n"));
        Assert.Contains("line 3", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Check_must_see_a_shot_at_a_server_that_is_heard(bool isSilent)
    {
        var world = new World(SimulationOptions.Default with { Policy = PartitionPolicy.AskArbiters, Arbiter = SimArbiter.Fence }, 1, withTimeline: false);
        foreach (SimMachine machine in world.Machines)
            machine.PowerOn();
        world.Run(TimeSpan.FromSeconds(20));
        if (isSilent)
        {
            world.Machines[1].Freeze();
            world.Run(TimeSpan.FromSeconds(2.1));
        }

        world.Shots.Asked(world.Machines[0], world.Machines[1]);
        Assert.Equal(!isSilent, world.Oracle.Failed);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
