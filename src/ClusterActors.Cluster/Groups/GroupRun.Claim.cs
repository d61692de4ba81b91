using ClusterActors.Model;

namespace ClusterActors.Cluster.Groups;

public sealed partial record GroupRun
{
    /// <summary>
    /// A term that does not exclude this server goes on with what runs here, and the record says so: on the other side of a cut the group may have been
    /// started in a term between the two, and where the servers meet again the higher term stays. Otherwise the winner would give way to a claim that
    /// its own term has ended.
    /// </summary>
    /// <param name="inForce">The term in force, which does not exclude this server.</param>
    public Step ClaimIn(Term inForce) => IsOwner && Record.Term < inForce && Phase is GroupPhase.Adopting or GroupPhase.Starting or GroupPhase.Running
        ? WithRecord(Record.State, Record.Reason, Record.CauseId, []).Amended(r => r with { Term = inForce })
        : new(this, []);

    /// <summary>
    /// Where the own journal was set back, a peer has kept a record of this server that says the group runs here. The guardian, which
    /// holds whatever runs, has none of it.
    /// </summary>
    public Step WithdrawClaim()
    {
        if (!IsOwner || ActiveHere || Record.State is not (GroupState.Online or GroupState.OnlinePending or GroupState.OfflinePending))
            return new(this, []);
        var reason = $"nothing of it runs on {Self}, whose journal had been set back";
        return Record.UnforgivenFailures.Contains(Self)
            ? WithRecord(GroupState.OnlineFailure, reason, Record.CauseId, [])
            : WithRecord(GroupState.Offline, reason, null, []);
    }
}
