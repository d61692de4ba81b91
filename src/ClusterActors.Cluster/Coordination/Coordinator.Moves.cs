using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>Moves that this coordinator began, by a command or by itself: each is told to have ended, one way or the other.</summary>
public sealed partial class Coordinator
{
    private readonly List<MoveUnderWay> _moves = [];

    private void BeginMove(MoveGroup move)
    {
        // A lost order is sent again; the move began once.
        if (_moves.Exists(m => m.Group == move.Group && m.Target == move.To))
            return;
        _moves.RemoveAll(m => m.Group == move.Group);
        _moves.Add(new(move.Group, move.To));
        _settings.Events.Tell(RcEvents.GroupMoveBegan(move.Group.Value).FollowingFrom(move.Because.CauseId));
    }

    private bool IsMoving(GroupName group) => _moves.Exists(m => m.Group == group);

    private void FollowMoves()
    {
        foreach (var move in _moves.ToArray())
        {
            if (Succeeded(move) is not { } succeeded)
                continue;
            _moves.Remove(move);
            _settings.Events.Tell(succeeded ? RcEvents.GroupMoveEnded(move.Group.Value) : RcEvents.GroupMoveFailed(move.Group.Value));
        }
    }

    /// <summary>Null while it is under way: the plan still orders something for the group, or waits.</summary>
    private bool? Succeeded(MoveUnderWay move)
    {
        var record = RecordOf(move.Group);
        if (record.State == GroupState.Online && record.Owner == move.Target)
            return true;
        return record.State is GroupState.OnlineFailure or GroupState.OfflineFailure || _plan!.For(move.Group) is Keep or Hold ? false : null;
    }

    private sealed record MoveUnderWay(GroupName Group, ServerName Target);
}
