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
    private readonly List<DecidedFailover> _failovers = [];

    private void FollowFailovers()
    {
        foreach (var decided in _failovers.ToArray())
        {
            if (!IsStateOf(decided) || IsActiveOnAMember(decided.Group))
                _failovers.Remove(decided);
            else if (_plan!.For(decided.Group) is (Keep or Hold) and { Because: var because } && _failovers.Remove(decided))
                _settings.Events.Tell(NmEvents.FailoverCancelled(decided.Group.Value, because.Sentence).FollowingFrom(because.CauseId));
        }

        foreach (var action in _plan!.Orders)
        {
            if (action is StartGroup { Cause: StartCause.Failover } or MoveGroup { Cause: StartCause.Failover } && !_failovers.Exists(f => f.Group == action.Group))
            {
                var record = RecordOf(action.Group);
                _failovers.Add(new(action.Group, record.Term, record.Generation));
            }
        }
    }

    /// <summary>
    /// That the target has the failover comes by two ways that nothing orders, and either ends the watch. Its answer to the order is the
    /// shorter one, and alone it would leave a cancelling in between that is none; but it is said once, after the report, and lost with a link.
    /// </summary>
    private bool IsActiveOnAMember(GroupName group) =>
        _view!.Groups.First(g => g.Record.Group == group).Sightings.Any(s => s.MayRun && _view.Members.Contains(s.Server));

    private bool IsStateOf(DecidedFailover decided) => RecordOf(decided.Group) is var record && record.Term == decided.FromTerm && record.Generation == decided.FromGeneration;

    /// <param name="FromTerm">Stamp of the record that it was decided from.</param>
    private sealed record DecidedFailover(GroupName Group, Term FromTerm, long FromGeneration);
}
