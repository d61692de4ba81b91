using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>Moves that this coordinator began, by a command or by itself: each is told to have ended, one way or the other.</summary>
public sealed partial class Coordinator
{
    private readonly Dictionary<GroupName, ServerName> _moves = [];

    private void BeginMove(MoveGroup move)
    {
        // A lost order is sent again; the move began once.
        if (_moves.TryGetValue(move.Group, out var under) && under == move.To)
            return;
        _moves[move.Group] = move.To;
        _settings.Events.Tell(RcEvents.GroupMoveBegan(move.Group.Value));
    }

    private void FollowMoves()
    {
        foreach (var (group, target) in _moves.ToList())
        {
            if (MoveSucceeded(group, target) is not { } succeeded)
                continue;
            _moves.Remove(group);
            _settings.Events.Tell(succeeded ? RcEvents.GroupMoveEnded(group.Value) : RcEvents.GroupMoveFailed(group.Value));
        }
    }

    /// <summary>Null while it is under way: the plan still orders something for the group, or waits.</summary>
    private bool? MoveSucceeded(GroupName group, ServerName target)
    {
        var record = _view!.Groups.First(g => g.Record.Group == group).Record;
        if (record.State == GroupState.Online && record.Owner == target)
            return true;
        return record.State is GroupState.OnlineFailure or GroupState.OfflineFailure || _plan!.For(group) is Keep or Hold ? false : null;
    }
}
