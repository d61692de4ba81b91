using ClusterActors.Cluster.Membership;
using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>
/// Starts that a server was asked for and that may be carried out there unseen: order, answer and report may each be late on a slow link. The
/// record cannot tell, since it is written by the server itself. So no other server gets the group before it is known what came of it.
/// </summary>
public sealed partial class Coordinator
{
    /// <summary>An order without an answer for so long was lost, or waits in the queue of a server that stands still.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly Dictionary<GroupName, Attempt> _attempts = [];

    private long Now => Context.System.Time.GetTimestamp();

    private void NoteAttempt(GroupName group, ServerName server, long orderId, GroupRecord seen)
    {
        var isAgain = _attempts.TryGetValue(group, out var before) && before.Server == server && before.DecidedIn == _plan!.Term;
        _attempts[group] = new Attempt(server, orderId, _plan!.Term, seen.Term, seen.Generation, FollowingOf(server), isAgain, Now, false);
    }

    private void NoteAnswer(GroupName group, long orderId, bool accepted)
    {
        if (!_attempts.TryGetValue(group, out var attempt) || attempt.OrderId != orderId)
            return;
        // What refuses an order that was sent again may be the start that the one before has begun.
        if (accepted || attempt.IsAgain)
            _attempts[group] = attempt with { IsAnswered = true };
        else
            _attempts.Remove(group);
    }

    /// <summary>Another server than the one of this start may be starting the group.</summary>
    private bool MayStartElsewhere(StartGroup start, GroupRecord record)
    {
        if (!_attempts.TryGetValue(start.Group, out var attempt) || attempt.Server == start.Server)
            return false;
        if (IsKnown(attempt, record))
        {
            _attempts.Remove(start.Group);
            return false;
        }

        // Reports come from another actor than answers: one that arrives after an answer may have been made before it.
        if (attempt.IsAnswered || Context.System.Time.GetElapsedTime(attempt.AskedAt) >= AnswerLimit)
        {
            _attempts[start.Group] = attempt with { AskedAt = Now, IsAnswered = false };
            _settings.NodeManager.Tell(DecideAnew.Instance, Self);
        }

        return true;
    }

    private bool IsKnown(Attempt attempt, GroupRecord record) =>
        attempt.DecidedIn != _plan!.Term || !_view!.Members.Contains(attempt.Server) || HasWritten(attempt, record) || HasPassedOn(attempt);

    /// <summary>
    /// The server carries out orders under another number now: what it reports comes behind everything that it accepted under the one before, and what comes
    /// later under that is refused. No time proves that: an order may wait in a server that stands still for as long as it has not been excluded.
    /// </summary>
    private bool HasPassedOn(Attempt attempt) => FollowingOf(attempt.Server) != attempt.Under;

    /// <summary>Of another writer's record the server may know nothing yet when the order arrives.</summary>
    private static bool HasWritten(Attempt attempt, GroupRecord record) =>
        record.Owner == attempt.Server && record.Term == attempt.DecidedIn && (record.Term != attempt.SeenTerm || record.Generation != attempt.SeenGeneration);

    /// <param name="SeenTerm">Stamp of the record the start was decided from; another one by the server itself means that something came of it.</param>
    /// <param name="Under">What the server accepted orders by.</param>
    /// <param name="IsAgain">The same start was ordered there before, and it was not known what came of it.</param>
    /// <param name="AskedAt">When it was sent, or the server was last asked to follow anew because of it.</param>
    /// <param name="IsAnswered">The server has answered, and was not asked since.</param>
    private sealed record Attempt(
        ServerName Server, long OrderId, Term DecidedIn, Term SeenTerm, long SeenGeneration, long? Under, bool IsAgain, long AskedAt, bool IsAnswered);
}
