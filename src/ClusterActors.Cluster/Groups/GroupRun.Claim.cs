using System.Collections.Immutable;
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
    /// Where the own journal was set back, a peer has kept a record of this server that says the group runs here. The guardian's table has
    /// none of it.
    /// </summary>
    public Step WithdrawClaim()
    {
        if (!IsOwner || ActiveHere || Record.State is not (GroupState.Online or GroupState.OnlinePending or GroupState.OfflinePending))
            return new(this, []);
        var reason = $"the journal of {Self} had been set back";
        return Record.UnforgivenFailures.Contains(Self)
            ? EndAll(new(GroupState.OnlineFailure, reason, true, Record.CauseId))
            : EndAll(new(GroupState.Offline, reason, true, null));
    }

    /// <summary>
    /// The record says that the group may run here, and the guardian's table, which lists main programs and addresses, has nothing of it. That is no
    /// proof: what a synchronous start program, or a main program that has ended, left behind is not listed. So everything is ended first, by force:
    /// where nothing is left, a stop program might call that a failure.
    /// </summary>
    public Step StopUnproven(string reason)
    {
        if (!IsOwner || Record.State == GroupState.Offline || Phase == GroupPhase.Stopping)
            return new(this, []);
        // A failure goes on waiting for an administrator, and a failover that it may lead to follows from it.
        return Record.State == GroupState.OnlineFailure
            ? EndAll(new(GroupState.OnlineFailure, Record.Reason, true, Record.CauseId))
            : EndAll(new(GroupState.Offline, reason, true, null));
    }

    private Step EndAll(StopEnd end)
    {
        var doubtful = Resources.ToImmutableDictionary(r => r.Key, r => r.Value with { State = ResourceState.Unknown });
        return (this with { Resources = doubtful }).BeginStopping(end, StopBegan(end.CauseId)).Then(g => g.StopNextDepth());
    }
}
