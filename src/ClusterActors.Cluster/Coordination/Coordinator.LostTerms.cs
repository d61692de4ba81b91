using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>
/// Records of a later term than the one in force. Where a cut has just healed they come over a link before the beats of those who live in that term, and to
/// raise a term over them would end what they run. Only when the beats have had their time, and nobody has shown that term, have the guardians lost it.
/// </summary>
public sealed partial class Coordinator
{
    private long? _laterSince;
    private bool _termsAreLost;

    private GroupRecord? LaterRecord => _view!.Standing.IsValid ? _view.Groups.FirstOrDefault(g => g.Record.Term > _view.Term)?.Record : null;

    private void WatchLaterRecords()
    {
        // Each term is raised by one, and no view is valid until everybody has adopted it.
        if (_termsAreLost && !_view!.Standing.IsValid)
            return;
        if (LaterRecord is null)
        {
            (_laterSince, _termsAreLost) = (null, false);
            Timers.Cancel(nameof(LaterRecordLasts));
        }
        else if (_laterSince is null)
        {
            _laterSince = Now;
            Timers.StartSingleTimer(nameof(LaterRecordLasts), LaterRecordLasts.Instance, _settings.Config.Heartbeat.Timeout);
        }
    }

    private string? WhyTermsAreLost()
    {
        if (LaterRecord is not { } later || _laterSince is not { } since || Context.System.Time.GetElapsedTime(since) < _settings.Config.Heartbeat.Timeout)
            return null;
        _termsAreLost = true;
        return $"group {later.Group} was recorded in term {later.Term}: the guardians have lost the terms they had";
    }

    private sealed class LaterRecordLasts
    {
        public static readonly LaterRecordLasts Instance = new();
    }
}
