using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Faults;

/// <summary>Around a vote store that forgets: what a server knows of it from before, and what it has promised since, no longer fit together.</summary>
internal sealed partial class Siege
{
    /// <summary>
    /// An owner loses store and peer, and the peer gets the vote. Then the store comes back as it was before that vote, yet not before what the old owner saw last,
    /// and is reached by the old owner again.
    /// </summary>
    public static Action VoteForgotten(FaultSite site)
    {
        var siege = new Siege(site);
        SimVoteStore store = site.World.Store;
        siege.CutOff();
        Action again = siege.CutFromStore(siege.Victim);
        long copy = site.World.Now + (siege.Timeout.Ticks * 100 / 10) + (long)(siege.Timeout.Ticks * 80 * siege._chance.Share());
        siege.After(siege.Timeout * (1.5 + (2 * siege._chance.Share())), () =>
        {
            store.Stop();
            siege.After(siege.Timeout * (0.4 * siege._chance.Share()), () =>
            {
                store.SetBackTo(copy);
                store.Start();
                again();
            });
        });
        siege._undo.Add(store.Start);
        return siege.End;
    }

    /// <summary>
    /// A standby loses the store for longer than the timeout while the owner counts on; then the peer as well. The store comes back with the owner's
    /// counter as the standby saw it last, so that it seems to have stood still.
    /// </summary>
    public static Action CountForgotten(FaultSite site)
    {
        var siege = new Siege(site);
        SimVoteStore store = site.World.Store;
        SimMachine standby = siege.Others[0];
        long copy = site.World.Now;
        Action again = siege.CutFromStore(standby);
        siege.After(siege.Timeout * (0.2 + siege._chance.Share()), siege.CutOff);
        siege.After(siege.Timeout * (1.3 + (1.5 * siege._chance.Share())), () =>
        {
            store.Stop();
            siege.After(siege.Timeout * (0.2 * siege._chance.Share()), () =>
            {
                store.SetBackTo(copy);
                store.Start();
                again();
            });
        });
        siege._undo.Add(store.Start);
        return siege.End;
    }

    private void CutOff()
    {
        foreach (SimMachine other in Others)
            Cut(Victim.Index, other.Index, both: true);
    }

    /// <summary>What it returns, and the end of the siege, heals it once.</summary>
    private Action CutFromStore(SimMachine machine)
    {
        bool healed = false;
        _world.Store.CutFrom.Add(machine.Index);
        void Heal()
        {
            if (!healed)
                _world.Store.CutFrom.Remove(machine.Index);
            healed = true;
        }

        _undo.Add(Heal);
        return Heal;
    }
}
