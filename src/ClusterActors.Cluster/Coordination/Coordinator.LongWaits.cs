using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>
/// Waits of groups that last. Each takeover and each move waits for a moment, which is nothing to tell; one that goes on is told once, with what is
/// waited for by then.
/// </summary>
public sealed partial class Coordinator
{
    private static readonly TimeSpan TellWaitAfter = TimeSpan.FromSeconds(5);
    private readonly HashSet<GroupName> _longWaits = [];

    private void CountLongWaits()
    {
        var waiting = _plan!.Coordinator == _settings.Self ? _plan.Actions.OfType<Wait>().Where(IsUntold).Select(w => w.Group).ToHashSet() : [];
        foreach (var group in _longWaits.Where(g => !waiting.Contains(g)).ToList())
        {
            _longWaits.Remove(group);
            Timers.Cancel(LongWaitOf(group));
        }

        foreach (var group in waiting.Where(_longWaits.Add))
            Timers.StartSingleTimer(LongWaitOf(group), new WaitLasts(group), TellWaitAfter);
    }

    /// <summary>Of the start-up wait, a wait for another group, a start or stop under way and what the plan notes itself other events tell.</summary>
    private bool IsUntold(Wait wait) => wait.For is null && _view!.StartupWait is null
        && !_view.Groups.Any(g => g.Record.Group == wait.Group && g.Sightings.Any(s => s is { ActiveHere: true, State: GroupState.OnlinePending or GroupState.OfflinePending }))
        && !_plan!.Notices.Any(n => n.Parameters.Contains(new EventParameter("group", wait.Group.Value)));

    private void OnWaitLasts(WaitLasts lasting)
    {
        if (_longWaits.Contains(lasting.Group) && _plan!.For(lasting.Group) is Wait wait)
            _settings.Events.Tell(CaEvents.GroupWaits(wait.Group.Value, wait.Because.Sentence));
    }

    private static string LongWaitOf(GroupName group) => $"long-wait {group}";

    private sealed record WaitLasts(GroupName Group);
}
