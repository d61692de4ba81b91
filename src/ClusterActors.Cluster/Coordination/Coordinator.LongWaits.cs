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
    private readonly List<Wait> _longWaits = [];

    private void CountLongWaits()
    {
        var acts = _plan!.Coordinator == _settings.Self;
        foreach (var known in _longWaits.ToArray())
        {
            if (acts && _plan.For(known.Group) is Wait still && IsUntold(still))
                continue;
            _longWaits.Remove(known);
            Timers.Cancel(LongWaitOf(known.Group));
        }

        foreach (var action in _plan.Actions)
        {
            if (!acts || action is not Wait wait || _longWaits.Exists(w => w.Group == wait.Group) || !IsUntold(wait))
                continue;
            _longWaits.Add(wait);
            Timers.StartSingleTimer(LongWaitOf(wait.Group), new WaitLasts(wait.Group), TellWaitAfter);
        }
    }

    /// <summary>Of the start-up wait, a wait for another group, a start or stop under way and what the plan notes itself other events tell.</summary>
    private bool IsUntold(Wait wait) => wait.For is null && _view!.StartupWait is null
        && !_view.Groups.Any(g => g.Record.Group == wait.Group && g.Sightings.Any(s => s is { ActiveHere: true, State: GroupState.OnlinePending or GroupState.OfflinePending }))
        && !_plan!.Notices.Any(n => n.Parameters.Contains(new EventParameter("group", wait.Group.Value)));

    private void OnWaitLasts(WaitLasts lasting)
    {
        if (_longWaits.Exists(w => w.Group == lasting.Group) && _plan!.For(lasting.Group) is Wait wait)
            _settings.Events.Tell(CaEvents.GroupWaits(wait.Group.Value, wait.Because.Sentence));
    }

    private static string LongWaitOf(GroupName group) => $"long-wait {group}";

    private sealed record WaitLasts(GroupName Group);
}
