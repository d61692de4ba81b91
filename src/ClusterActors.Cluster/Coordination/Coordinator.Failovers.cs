using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Coordination;

/// <summary>
/// Failovers that were decided and that no server has accepted yet. One is cancelled when the plan wants nothing more of the group while its record is
/// still the one it was decided from; a plan that only waits will decide it again.
/// </summary>
public sealed partial class Coordinator
{
    private readonly Dictionary<GroupName, (Term Term, long Generation)> _failovers = [];

    private void FollowFailovers()
    {
        foreach (var (group, decidedFrom) in _failovers.ToList())
        {
            if (StateStampOf(group) != decidedFrom || IsActiveOnAMember(group))
                _failovers.Remove(group);
            else if (_plan!.For(group) is (Keep or Hold) and { Because: var because } && _failovers.Remove(group))
                _settings.Events.Tell(NmEvents.FailoverCancelled(group.Value, because.Sentence));
        }

        foreach (var action in _plan!.Orders.Where(o => o is StartGroup { Cause: StartCause.Failover } or MoveGroup { Cause: StartCause.Failover }))
            _failovers[action.Group] = StateStampOf(action.Group);
    }

    /// <summary>A report that the start has begun may overtake the answer to its order.</summary>
    private bool IsActiveOnAMember(GroupName group) =>
        _view!.Groups.First(g => g.Record.Group == group).Sightings.Any(s => s.MayRun && _view.Members.Contains(s.Server));

    private (Term Term, long Generation) StateStampOf(GroupName group)
    {
        var record = _view!.Groups.First(g => g.Record.Group == group).Record;
        return (record.Term, record.Generation);
    }
}
