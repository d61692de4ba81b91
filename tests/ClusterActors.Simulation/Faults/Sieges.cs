using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Faults;

/// <summary>
/// Faults that follow one after the other upon one server which has something to lose. Each happens in the field (a switch that fails port by port, a link that
/// flaps, a machine that hangs when its network goes), but chance alone brings the steps together too seldom to meet the windows of some milliseconds
/// that a rule of votes or vows closes. Chance still draws each length.
/// </summary>
internal sealed class Siege
{
    private readonly World _world;
    private readonly Chance _chance;
    private readonly List<Action> _undo = [];
    private readonly int _number;
    private readonly bool _beganAlone;
    private bool _over;

    public Siege(FaultSite site)
    {
        _world = site.World;
        (int begun, int over) = _world.Sieges;
        (_number, _beganAlone) = (begun + 1, begun == over);
        _world.Sieges = (begun + 1, over);
        _chance = _world.ChanceFor($"{site.Fault.Kind} at {site.Fault.At}");
        SimMachine[] owners = [.. _world.Machines.Where(m => m.IsPowered && m.Programs.Count > 0)];
        Victim = owners.Length > 0 ? owners[(int)(site.Fault.Amount * owners.Length)] : site.Machine;
    }

    /// <summary>A server that runs something, if there is one.</summary>
    private SimMachine Victim { get; }

    /// <summary>Nothing else has struck since it began, or was under way then.</summary>
    private bool IsAlone => _world.Options.Faults.Count == 1 && _beganAlone && _world.Sieges.Begun == _number;

    private TimeSpan Timeout => _world.Options.Profile.Timeout;

    private int Witness => _world.Machines.Length;

    private SimMachine[] Others => OthersThan(Victim);

    private SimMachine[] OthersThan(SimMachine machine) => [.. _world.Machines.Where(m => m != machine)];

    /// <summary>It loses the witness, later the others no longer hear it, in one or both directions, and in half of the cases it then stands still.</summary>
    public static Action LeftAlone(FaultSite site)
    {
        var siege = new Siege(site);
        siege.LeaveAlone(TimeSpan.Zero, vows: 1);
        return siege.End;
    }

    /// <summary>As <see cref="LeftAlone"/>, while a ratio of the timeouts has reached it, and not yet the others.</summary>
    public static Action LeftAloneLonger(FaultSite site)
    {
        var siege = new Siege(site);
        siege.Victim.Stretch(2);
        siege._undo.Add(() =>
        {
            foreach (SimMachine machine in siege._world.Machines)
                machine.Stretch(1);
        });
        siege.LeaveAlone(0.5 * siege.Timeout, vows: 2);
        return siege.End;
    }

    /// <summary>
    /// Nobody hears the first server, which hears all. While the second has the votes and stores the new term on a slow disk, the voters hear the first again: if
    /// they answered, it would hold a grant and start, as the coordinator, what the second is about to start. Then it is cut off for good.
    /// </summary>
    public static Action FlapAtVote(FaultSite site)
    {
        var siege = new Siege(site);
        SimMachine silent = siege._world.Machines[0];
        SimMachine taker = siege._world.Machines[1];
        taker.DiskTroubles.ExtraDelay = siege._chance.Between(TimeSpan.FromMilliseconds(600), TimeSpan.FromMilliseconds(1200));
        siege._undo.Add(() => taker.DiskTroubles.ExtraDelay = TimeSpan.Zero);
        siege.Cut(silent.Index, taker.Index, both: false);
        Action[] heal = [.. siege._world.Machines.Skip(2).Select(voter => siege.Cut(silent.Index, voter.Index, both: false))];
        siege.After(siege.Timeout + siege._chance.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(300)), () =>
        {
            foreach (Action again in heal)
                again();
            siege.After(siege._chance.Between(TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(900)), () =>
            {
                taker.DiskTroubles.ExtraDelay = TimeSpan.Zero;
                foreach (SimMachine other in siege._world.Machines.Skip(1))
                    siege.Cut(silent.Index, other.Index, both: true);
            });
        });
        return siege.End;
    }

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
    /// chain to a server between, and another one when the link is mended. The link may be lost in one direction only, towards the first server. Beside other faults anything may keep it from that; alone nothing may.
    /// </summary>
    public static Action Chain(FaultSite site)
    {
        var siege = new Siege(site);
        SimMachine[] ends = [siege._world.Machines[0], siege._world.Machines[1 + siege._chance.Next(siege._world.Machines.Length - 1)]];
        siege.Cut(ends[1].Index, ends[0].Index, both: siege._chance.Happens(0.6));
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

    /// <summary>The servers lose each other, and both rest on the witness, until it starts anew and one of them does not reach it any more.</summary>
    public static Action WitnessReborn(FaultSite site)
    {
        var siege = new Siege(site);
        SimWitness witness = siege._world.Witness;
        bool continuous = siege._chance.Happens(0.5);
        foreach (SimMachine other in siege.Others)
            siege.Cut(siege.Victim.Index, other.Index, both: true);
        siege.After(siege.Timeout * (1.2 + siege._chance.Share()), () =>
        {
            witness.Stop();
            siege.Cut(siege.Victim.Index, siege.Witness, both: true);
            siege.After(siege.Timeout * (0.02 + (0.4 * siege._chance.Share())), () => witness.Start(continuous));
        });
        siege._undo.Add(() => witness.Start(continuous));
        return siege.End;
    }

    /// <summary>Its guardian is killed, its programs outlive it for longer than the timeout, and soon after the next life's first beats nobody hears it.</summary>
    public static Action Survivors(FaultSite site)
    {
        var siege = new Siege(site);
        TimeSpan live = TimeSpan.FromSeconds(1) + (siege.Timeout * (1 + siege._chance.Share()));
        SimMachine victim = siege.Victim;
        victim.KillsTake = live < TimeSpan.FromSeconds(4.5) ? live : TimeSpan.FromSeconds(4.5);
        siege._undo.Add(() => victim.KillsTake = TimeSpan.Zero);
        victim.KillGuardian("fault", survivorsFor: live);
        siege.After(TimeSpan.FromMilliseconds(150) + (site.World.Options.Profile.Interval * (1 + (2 * siege._chance.Share()))), () =>
        {
            foreach (SimMachine other in siege.Others)
                siege.Cut(victim.Index, other.Index, both: siege._chance.Happens(0.5));
        });
        return siege.End;
    }

    /// <param name="vows">Length of the witness's vows, in timeouts: it has to be over before the rest begins.</param>
    private void LeaveAlone(TimeSpan from, int vows)
    {
        After(from, () =>
        {
            if (_world.Options.HasWitness)
                Cut(Victim.Index, Witness, both: true);
        });
        TimeSpan silence = from + (Timeout * (_world.Options.HasWitness ? vows + 0.5 + (0.5 * _chance.Share()) : 0.1));
        bool both = _chance.Happens(0.5);
        After(silence, () =>
        {
            foreach (SimMachine other in Others)
                Cut(Victim.Index, other.Index, both);
        });
        if (_chance.Happens(0.5))
            return;
        After(silence + (Timeout * (1.1 * _chance.Share())), () =>
        {
            Victim.Freeze();
            _undo.Add(Victim.Thaw);
        });
    }

    /// <summary>What it returns, and the end of the siege, heals it once.</summary>
    /// <param name="network">One network; less than 0: all of them.</param>
    private Action Cut(int from, int to, bool both, int network = -1)
    {
        bool healed = false;
        (int From, int To)[] ways = both ? [(from, to), (to, from)] : [(from, to)];
        Each(ways, network, p => p.Cut());
        void Heal()
        {
            if (healed)
                return;
            healed = true;
            Each(ways, network, p => p.Heal());
        }

        _undo.Add(Heal);
        return Heal;
    }

    private void Each((int From, int To)[] ways, int only, Action<Network.SimPath> change)
    {
        foreach ((int from, int to) in ways)
        {
            for (int network = 0; network < _world.Network.Networks; network++)
            {
                if (only < 0 || only == network)
                    _world.Network.Change(network, from, to, change);
            }
        }
    }

    private void After(TimeSpan delay, Action step) => _world.After(delay, () =>
    {
        if (!_over)
            step();
    });

    private void End()
    {
        _over = true;
        _world.Sieges = (_world.Sieges.Begun, _world.Sieges.Over + 1);
        foreach (Action undo in _undo)
            undo();
    }
}
