using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Faults;

/// <summary>Around orders: the coordinator changes, or is not met by everybody, while something is to be moved.</summary>
internal sealed partial class Siege
{
    /// <summary>
    /// A start order of the coordinator is stuck in its connection, whose network fails while the beats go by another one; the term moves on, the group goes elsewhere, and then
    /// the order arrives. Shorter than the silence at which a connection is given up.
    /// </summary>
    public static Action StuckOrder(FaultSite site)
    {
        var siege = new Siege(site);
        (SimMachine coordinator, SimMachine target, SimMachine third) = (siege._world.Machines[0], siege._world.Machines[1], siege._world.Machines[2]);
        GroupName group = siege._chance.Pick(siege._world.Cluster.Groups).Name;
        TimeSpan Milliseconds(int least, int most) => TimeSpan.FromMilliseconds(siege._chance.Between(least, most));
        site.Administrator.Command(coordinator, AdminVerb.Stop, group);
        siege.After(TimeSpan.FromMilliseconds(1500), () =>
        {
            Action heal = siege.Cut(coordinator.Index, target.Index, both: false, network: 0);
            siege.After(Milliseconds(10, 50), () => site.Administrator.Command(coordinator, AdminVerb.Start, group, target.Name));
            siege.After(Milliseconds(60, 200), () => third.KillGuardian("fault"));
            siege.After(Milliseconds(250, 600), () => site.Administrator.Command(coordinator, AdminVerb.Start, group, coordinator.Name));
            siege.After(Milliseconds(2200, 2800), heal);
        });
        return siege.End;
    }

    /// <summary>
    /// The first server and another one miss each other, and all others meet both: one of those decides then, and an administrator has it move a group from an end of the
    /// chain to a server between, and another one when the link is mended. The link may be lost in one direction only. Beside other faults anything may keep it from that; alone nothing may.
    /// </summary>
    public static Action Chain(FaultSite site)
    {
        var siege = new Siege(site);
        SimMachine[] ends = [siege._world.Machines[0], siege._world.Machines[1 + siege._chance.Next(siege._world.Machines.Length - 1)]];
        (SimMachine from, SimMachine to) = siege._chance.Happens(0.5) ? (ends[0], ends[1]) : (ends[1], ends[0]);
        siege.Cut(from.Index, to.Index, both: siege._chance.Happens(0.5));
        // Just when the first server decides again.
        GroupConfig later = siege._chance.Pick(siege._world.Cluster.Groups);
        ServerName anywhere = siege._chance.Pick(siege._world.Machines).Name;
        siege._world.After(site.Fault.Lasts + siege._chance.Between(TimeSpan.FromMilliseconds(-5), 0.5 * siege.Timeout), () =>
        {
            foreach (SimMachine machine in siege._world.Machines)
                site.Administrator.Command(machine, AdminVerb.Move, later.Name, anywhere);
        });
        siege.After(2.5 * siege.Timeout, () =>
        {
            GroupConfig? group = siege._world.Cluster.Groups.FirstOrDefault(g => ends.Any(m => m.IsActive(g)));
            if (group is null)
                return;
            SimMachine target = siege._world.Machines.First(m => !ends.Contains(m));
            foreach (SimMachine machine in siege._world.Machines)
                site.Administrator.Command(machine, AdminVerb.Move, group.Name, target.Name);
            siege.After(3 * siege.Timeout, () =>
            {
                if (siege.IsAlone && !target.IsActive(group))
                    siege._world.Oracle.Fail($"{group.Name} was not moved to {target.Name}, which meets all");
            });
        });
        return siege.End;
    }

    /// <summary>
    /// A server is cut off until the others have gone on without it, comes back by way of one of them only, and is to be given a group; then that one is stopped in order. Who
    /// still misses the server counts it as out, and must be right.
    /// </summary>
    public static Action BackByOne(FaultSite site)
    {
        var siege = new Siege(site);
        SimMachine back = site.Machine;
        SimMachine between = siege._chance.Pick(siege.OthersThan(back));
        Action heal = siege.Cut(back.Index, between.Index, both: true);
        foreach (SimMachine other in siege.OthersThan(back).Where(m => m != between))
            siege.Cut(back.Index, other.Index, both: siege._chance.Happens(0.7));
        siege.After(siege.Timeout * (1.2 + (0.5 * siege._chance.Share())), heal);
        siege.After(siege.Timeout * (3 + siege._chance.Share()), () =>
        {
            GroupConfig group = siege._chance.Pick(siege._world.Cluster.Groups);
            foreach (SimMachine machine in siege._world.Machines)
                site.Administrator.Command(machine, AdminVerb.Move, group.Name, back.Name);
        });
        siege.After(siege.Timeout * (4 + siege._chance.Share()), () =>
        {
            site.Administrator.StopServer(between);
            siege._undo.Add(between.StartGuardian);
        });
        return siege.End;
    }
}
