using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>
/// Starts that a server was asked for and that may be carried out there unseen: order, answer and report may each be late on a slow link. The
/// record cannot tell, since it is written by the server itself. So no other server gets the group before it is known what came of it.
/// </summary>
public sealed partial class Coordinator
{
    /// <summary>A server makes its reports beside its answers; one so much later than an answer was made after what was answered.</summary>
    private static readonly TimeSpan ReportLag = TimeSpan.FromMilliseconds(500);

    /// <summary>A connection that carried nothing for so long is given up, and the server does not take part: no order arrives so late.</summary>
    private static readonly TimeSpan LongestUnderWay = TimeSpan.FromSeconds(10);

    private readonly Dictionary<GroupName, Attempt> _attempts = [];

    private long Now => Context.System.Time.GetTimestamp();

    private void NoteAttempt(GroupName group, ServerName server, long orderId, GroupRecord seen) =>
        _attempts[group] = new Attempt(server, orderId, _plan!.Term, seen.Term, seen.Generation, Now, null);

    private void NoteAnswer(GroupName group, long orderId, bool accepted)
    {
        if (!_attempts.TryGetValue(group, out var attempt) || attempt.OrderId != orderId)
            return;
        if (accepted)
            _attempts[group] = attempt with { AcceptedAt = Now };
        else
            _attempts.Remove(group);
    }

    /// <summary>Another server than the one of this start may be starting the group.</summary>
    private bool MayStartElsewhere(StartGroup start, GroupRecord record)
    {
        if (!_attempts.TryGetValue(start.Group, out var attempt) || attempt.Server == start.Server)
            return false;
        if (!IsKnown(attempt, record))
            return true;
        _attempts.Remove(start.Group);
        return false;
    }

    private bool IsKnown(Attempt attempt, GroupRecord record)
    {
        if (attempt.DecidedIn != _plan!.Term || !_view!.Members.Contains(attempt.Server) || HasWritten(attempt, record))
            return true;
        var reported = _membership!.Find(attempt.Server).ReportedAt;
        return IsLater(reported, attempt.SentAt, LongestUnderWay) || (attempt.AcceptedAt is { } accepted && IsLater(reported, accepted, ReportLag));
    }

    /// <summary>Of another writer's record the server may know nothing yet when the order arrives.</summary>
    private static bool HasWritten(Attempt attempt, GroupRecord record) =>
        record.Owner == attempt.Server && (record.Term != attempt.SeenTerm || record.Generation != attempt.SeenGeneration);

    private bool IsLater(long at, long than, TimeSpan by) => at > than && Context.System.Time.GetElapsedTime(than, at) >= by;

    /// <param name="SeenTerm">Stamp of the record the start was decided from; another one by the server itself means that something came of it.</param>
    /// <param name="AcceptedAt">When the server's answer came; null before.</param>
    private sealed record Attempt(ServerName Server, long OrderId, Term DecidedIn, Term SeenTerm, long SeenGeneration, long SentAt, long? AcceptedAt);
}
