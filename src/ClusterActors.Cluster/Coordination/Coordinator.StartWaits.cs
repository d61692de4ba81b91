using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>
/// The limit of a group's wait for others. Counted by the coordinator from the first plan that waits; one that takes over the work counts
/// anew, which only makes the wait longer. Ended for good until an administrator asks again, which shows in the stamp of the wish.
/// </summary>
public sealed partial class Coordinator
{
    private readonly Dictionary<GroupName, GroupName> _startWaits = [];
    private readonly Dictionary<GroupName, (Term Term, long Generation)> _expiredWaits = [];

    /// <summary>The view with what this coordinator counted.</summary>
    private ClusterView WithExpiredWaits(ClusterView view)
    {
        foreach (var group in view.Groups.Where(g => _expiredWaits.TryGetValue(g.Record.Group, out var stamp) && (stamp != StampOf(g) || g.Sightings.Any(s => s.MayRun))))
            _expiredWaits.Remove(group.Record.Group);
        return _expiredWaits.Count == 0
            ? view
            : view with { Groups = [.. view.Groups.Select(g => _expiredWaits.ContainsKey(g.Record.Group) ? g with { StartWaitExpired = true } : g)] };
    }

    private void CountStartWaits()
    {
        var waiting = _plan!.Coordinator == _settings.Self
            ? _plan.Actions.OfType<Wait>().Where(w => w.For is not null).ToDictionary(w => w.Group, w => w.For!)
            : [];
        foreach (var (group, other) in _startWaits.Where(w => !waiting.ContainsKey(w.Key)).ToList())
        {
            _startWaits.Remove(group);
            Timers.Cancel(TimerOf(group));
            if (_plan.For(group) is StartGroup)
                _settings.Events.Tell(RcEvents.StartWaitEnded(group.Value, other.Value));
        }

        foreach (var (group, other) in waiting)
        {
            if (!_startWaits.ContainsKey(group))
                Timers.StartSingleTimer(TimerOf(group), new StartWaitOver(group), _settings.Config.FindGroup(group)!.WaitTimeout);
            _startWaits[group] = other;
        }
    }

    private void OnStartWaitOver(StartWaitOver over)
    {
        if (_view is null || !_startWaits.Remove(over.Group))
            return;
        _expiredWaits[over.Group] = StampOf(over.Group);
        Evaluate();
    }

    private static (Term Term, long Generation) StampOf(GroupView group) => (group.Record.WishTerm, group.Record.WishGeneration);

    private static string TimerOf(GroupName group) => $"start-wait {group}";

    private sealed record StartWaitOver(GroupName Group);
}
