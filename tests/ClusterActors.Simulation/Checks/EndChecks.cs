using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Simulation.Daemon;
using ClusterActors.Simulation.Faults;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Checks;

/// <summary>
/// When every fault is over: what runs again within a bound, whether the servers agree, whether the journals replay to the same state, and
/// whether anything is left behind by an idle time.
/// </summary>
internal sealed class EndChecks(World world, Administrator administrator)
{
    private readonly PlanShown?[] _plans = new PlanShown?[world.Machines.Length];
    private string _missing = "";

    private double Scale => Math.Max(1, world.Options.Scale);

    /// <summary>Longest time until everything runs: start-up waits, hanging starts, all retries and the stop limit, one after the other.</summary>
    private TimeSpan Bound => TimeSpan.FromSeconds(240) + (10 * world.Options.Profile.Timeout);

    /// <summary>The administrator gives everything time to come by itself first.</summary>
    private long OrderPause => (TimeSpan.FromSeconds(36) + (2 * world.Options.Profile.Timeout)).Ticks * 100;

    private long WishPause => (TimeSpan.FromSeconds(5) * Scale).Ticks * 100;

    public void Run()
    {
        Repair();
        if (!Settle("after the repair"))
            return;
        if (!IsIdleWithoutLeaks())
            return;
        // Only now: a group that goes back to its preferred server by itself has done so.
        Survey();
        GroupRecord[] before = Records();
        world.Note("every daemon is restarted");
        foreach (SimMachine machine in world.Machines)
            machine.KillDaemon("restarted to replay its journal");
        if (!Settle("after a restart of every daemon"))
            return;
        foreach ((GroupRecord was, GroupRecord now) in before.Zip(Records()))
        {
            if ((was.State, was.Owner, was.Term, was.Wish, was.WishedServer) != (now.State, now.Owner, now.Term, now.Wish, now.WishedServer))
                world.Oracle.Fail($"the journals replay to another state: {was} became {now}");
        }
    }

    private void Repair()
    {
        world.Note("every fault is over; the administrator puts everything right");
        world.Run(TimeSpan.FromSeconds(1));
        foreach (SimMachine machine in world.Machines)
        {
            machine.Clock.OnGuardianReads = null;
            machine.Troubles.Clear();
            machine.DiskTroubles.Clear();
        }

        world.Switch.Clear();
        world.Store.Clear();
        world.Witness.Start(continuous: false);
        administrator.ConfigureRest();
        PowerEverybody();
    }

    /// <summary>A final action may take a machine down later on.</summary>
    private void PowerEverybody()
    {
        foreach (SimMachine machine in world.Machines)
        {
            if (!machine.IsPowered)
                machine.PowerOn();
            else if (machine.IsStopped)
                machine.StartGuardian();
        }
    }

    private bool Settle(string when)
    {
        long end = world.Now + (Bound.Ticks * 100);
        long nextOrder = world.Now + OrderPause;
        long nextWish = world.Now;
        while (world.Now < end && !world.Oracle.Failed)
        {
            PowerEverybody();
            Survey();
            if (IsGood())
                return true;
            if (world.Now >= nextWish)
            {
                nextWish = world.Now + WishPause;
                EndWishes();
            }

            if (world.Now >= nextOrder)
            {
                nextOrder = world.Now + OrderPause;
                StartWhatIsStopped();
            }
        }

        world.Oracle.Fail($"not within {Bound.TotalSeconds} s {when}: {_missing}");
        return false;
    }

    private void Survey()
    {
        Array.Clear(_plans);
        foreach (SimMachine machine in world.Machines)
        {
            int index = machine.Index;
            machine.Daemon?.AskPlan(shown => _plans[index] = shown);
        }

        world.Run(TimeSpan.FromSeconds(0.5 * Scale));
    }

    private bool IsGood()
    {
        _missing = WhatIsMissing() ?? "";
        return _missing.Length == 0;
    }

    private string? WhatIsMissing()
    {
        PlanShown? first = _plans[0];
        foreach (SimMachine machine in world.Machines)
        {
            if (_plans[machine.Index] is not { View: { } view, Plan: { } plan })
                return $"{machine.Name} shows no plan";
            if (view.Members.Count != world.Machines.Length)
                return $"{machine.Name} counts {view.Members.Count} members: {view.Standing.Sentence}; {string.Join(", ", _plans[machine.Index]!.Membership!.Members.Select(m => $"{m.Server} {m.State} term {m.Term} {(m.LinkUp ? "linked" : "no link")} {m.Detail}{(m.IsUnclean ? " unclean" : "")}{(m.Report is { } r ? $" report {r.Term}{(r.Ready ? " ready" : "")}{(r.Out.Count > 0 ? $" out {string.Join(" ", r.Out)}" : "")}" : " no report")}"))}";
            if (view.Term != first!.View!.Term)
                return $"{machine.Name} is in term {view.Term}, {world.Machines[0].Name} in {first.View.Term}";
            if (plan.Coordinator != first.Plan!.Coordinator)
                return $"{machine.Name} takes {plan.Coordinator} for the coordinator, {world.Machines[0].Name} takes {first.Plan.Coordinator}";
        }

        if (WhatIsWished() is { } wished)
            return wished;
        foreach (GroupConfig group in world.Cluster.Groups)
        {
            GroupRecord[] records = [.. _plans.Select(p => p!.View!.Groups.First(g => g.Record.Group == group.Name).Record)];
            if (records[0].State != GroupState.Online)
                return $"{group.Name} is {records[0].State} on {records[0].Owner} ({records[0].Term}, {records[0].Generation}): {records[0].Reason}; plan: {first!.Plan!.For(group.Name)?.Because.Sentence}; {ToldAbout(group)}";
            if (records.Any(r => r.Owner != records[0].Owner || r.State != records[0].State))
                return $"the servers do not agree about {group.Name}: {string.Join("; ", records.Select(r => $"{r.State} on {r.Owner} ({r.Term}, {r.Generation})"))}";
            SimMachine owner = world.Machines.First(m => m.Name == records[0].Owner);
            if (!owner.IsActive(group) || group.Resources.Any(r => r.Type == "exec" && !owner.Programs.ContainsKey((group.Name.Value, r.Name.Value))))
                return $"{group.Name} is Online on {owner.Name} by its record, but does not act there";
        }

        return null;
    }

    private string? WhatIsWished()
    {
        ClusterWishes[] wishes = [.. _plans.Select(p => p!.Membership!.Wishes)];
        if (wishes.FirstOrDefault(w => !IsNormal(w)) is { } left)
            return $"still wished: {(left.Suspended ? "suspended, " : "")}ratio {left.Ratio}, {string.Join(", ", left.Servers.Select(s => $"{s.Server} {s.Mode}"))}";
        return wishes.All(w => (w.Term, w.Generation) == (wishes[0].Term, wishes[0].Generation))
            ? null
            : $"the servers do not agree about what is wished: {string.Join("; ", wishes.Select(w => $"{w.Term}, {w.Generation}"))}";
    }

    private static bool IsNormal(ClusterWishes wishes) => !wishes.Suspended && wishes.Ratio == 1 && wishes.Servers.Count == 0;

    private void EndWishes()
    {
        if (_plans.Select(p => p?.Membership?.Wishes).FirstOrDefault(w => w is not null && !IsNormal(w)) is { } wishes)
            administrator.EndWishes(wishes);
    }

    /// <summary>Each server's own report of a group, as it reached each server.</summary>
    private string ToldAbout(GroupConfig group) => string.Join("; ", _plans.SelectMany((plan, at) => plan!.Membership!.Members.Select(m =>
        m.Report?.Groups.FirstOrDefault(g => g.Record.Group == group.Name) is { } told
            ? $"at {world.Machines[at].Name}, {m.Server} told {told.Record.State} on {told.Record.Owner} ({told.Record.Term}, {told.Record.Generation}){(told.ActiveHere ? " active" : "")}"
            : $"at {world.Machines[at].Name}, {m.Server} told nothing")));

    private GroupRecord[] Records() => [.. world.Cluster.Groups.Select(g => _plans[0]!.View!.Groups.First(v => v.Record.Group == g.Name).Record)];

    /// <summary>Failures that wait for an administrator, and stops that he asked for, are taken back.</summary>
    private void StartWhatIsStopped()
    {
        foreach (GroupConfig group in world.Cluster.Groups)
        {
            PlanShown? shown = _plans.FirstOrDefault(p => p?.Plan is not null);
            if (shown?.View?.Groups.FirstOrDefault(g => g.Record.Group == group.Name)?.Record.State == GroupState.Online)
                continue;
            foreach (SimMachine machine in world.Machines)
                administrator.Command(machine, AdminVerb.Start, group.Name);
        }
    }

    private bool IsIdleWithoutLeaks()
    {
        TimeSpan idle = TimeSpan.FromSeconds(30) * Scale;
        world.Run(idle);
        Census first = Count();
        world.Run(idle * 2);
        Census second = Count();
        if (first.GrownTo(second) is { } grown)
            world.Oracle.Fail($"left behind by an idle time: {grown}");
        if (administrator.Open > 0)
            world.Oracle.Fail($"{administrator.Open} commands have no answer long after their wait");
        return !world.Oracle.Failed;
    }

    /// <summary>The least of several looks: something is always under way for a moment.</summary>
    private Census Count()
    {
        Census least = Census.Of(world);
        for (int i = 0; i < 12; i++)
        {
            world.Run(TimeSpan.FromMilliseconds(37 + (100 * Scale)));
            least = least.Least(Census.Of(world));
        }

        return least;
    }
}
