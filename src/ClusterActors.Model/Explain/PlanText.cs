using System.Text;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;

namespace ClusterActors.Model.Explain;

/// <summary>A plan as people read it: in logs, in <c>clp explain group</c>, in simulations. One line per action with its reason,
/// below it one line per server that was looked at.</summary>
public static class PlanText
{
    /// <summary>The whole plan; lines end with a line feed.</summary>
    public static string Render(Plan plan, EventCatalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(catalogue);
        var text = new StringBuilder();
        text.Append("coordinator ").Append(plan.Coordinator?.Value ?? "none").Append(", term ").Append(plan.Term).Append('\n');
        foreach (var action in plan.Actions)
            foreach (var line in Lines(action))
                text.Append(line).Append('\n');
        foreach (var group in plan.SettledWishes)
            text.Append("forget the wished server of ").Append(group).Append('\n');
        foreach (var notice in plan.Notices)
            text.Append("event ").Append(notice.Key).Append(": ")
                .Append(catalogue.Find(notice.Key)?.Render(notice.Parameters, EventLanguage.English)).Append('\n');
        return text.ToString();
    }

    /// <summary>One action: its sentence, then a line for each server that was looked at.</summary>
    public static IEnumerable<string> Lines(PlannedAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var cause = action.Because.CauseId is { } id ? $" [{id}]" : "";
        yield return $"{Headline(action)}: {action.Because.Sentence}{cause}";
        foreach (var candidate in action.Because.Candidates)
            yield return $"  {candidate.Server} {(candidate.Chosen ? "chosen" : "not chosen")}: {candidate.Sentence}";
    }

    private static string Headline(PlannedAction action) => action switch
    {
        StartGroup start => $"start {start.Group} on {start.Server} ({start.Cause})",
        StopGroup stop => $"stop {stop.Group} on {stop.Server}",
        MoveGroup move => $"move {move.Group} from {move.From} to {move.To} ({move.Cause})",
        MakeServerSafe safe => $"make {safe.Server} safe for {safe.Group} ({safe.Action})",
        Hold => $"hold {action.Group}",
        Wait => $"wait {action.Group}",
        _ => $"keep {action.Group}",
    };
}
