using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Faults;

/// <summary>Around votes, vows and grants: a server is left alone by its voters, or by its own guardian, at the worst moment.</summary>
internal sealed partial class Siege
{
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
            if (_world.Options.HasStore)
                CutFromStore(Victim);
        });
        TimeSpan silence = from + (Timeout * (_world.Options.HasWitness || _world.Options.HasStore ? vows + 0.5 + (0.5 * _chance.Share()) : 0.1));
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
}
