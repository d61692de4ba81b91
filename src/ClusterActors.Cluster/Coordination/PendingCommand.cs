using ClusterActors.Actors;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>An administrator's command whose wishes are stored and whose outcome is awaited.</summary>
/// <param name="Targets">Per group where it is wanted; null = anywhere, or stopped for a stop.</param>
/// <param name="Before">Stamp of each group's wish before this command.</param>
/// <param name="Done">Groups whose outcome is known.</param>
internal sealed record PendingCommand(
    AdminCommand Command, IActorRef Asker, IReadOnlyDictionary<GroupName, ServerName?> Targets,
    IReadOnlyDictionary<GroupName, (Term Term, long Generation)> Before, IReadOnlyDictionary<GroupName, AdminLine> Done)
{
    public bool IsOver => Done.Count == Targets.Count;

    /// <summary>Judges the open groups by what the servers report and the plan says.</summary>
    public PendingCommand Judge(ClusterView view, Plan plan)
    {
        var done = new Dictionary<GroupName, AdminLine>(Done);
        foreach (var (group, target) in Targets.Where(t => !done.ContainsKey(t.Key)))
            if (Judge(target, view.Groups.First(g => g.Record.Group == group), plan.For(group)) is var (succeeded, sentence))
                done[group] = new AdminLine($"{Command.Verb} {group}", succeeded, sentence);
        return this with { Done = done };
    }

    private (bool Succeeded, string Sentence)? Judge(ServerName? target, GroupView group, PlannedAction? action)
    {
        // While the plan still orders something for the group its state is on the way, not the outcome.
        if (action is { IsOrder: true })
            return null;
        var outcome = Command.Verb == AdminVerb.Stop ? OfStop(group) : OfStart(target, group);
        if (outcome is not null)
            return outcome;

        // Nothing is ordered and nothing is waited for: it stays as it is, whatever was asked.
        var isRefused = action is Hold || (action is Keep && Command.Verb != AdminVerb.Stop && group.Record.State is (GroupState.Online or GroupState.OnlineFailure));
        return isRefused ? (false, action!.Because.Sentence) : null;
    }

    private static (bool, string)? OfStop(GroupView group) => group.Record.State switch
    {
        GroupState.OfflineFailure => (false, group.Record.Reason),
        GroupState.Offline or GroupState.OnlineFailure when group.Sightings.Count > 0 && !group.Sightings.Any(s => s.MayRun) => (true, "Command succeeded."),
        _ => null,
    };

    private static (bool, string)? OfStart(ServerName? target, GroupView group) => group.Record.State switch
    {
        GroupState.Online when target is null || group.Record.Owner == target => (true, "Command succeeded."),
        GroupState.OnlineFailure or GroupState.OfflineFailure when group.Record.UnforgivenFailures.Count > 0 => (false, group.Record.Reason),
        _ => null,
    };
}
