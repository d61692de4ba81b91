using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Control;
using ClusterActors.Model;

namespace ClusterActors.Node.Status;

/// <summary>Why a group is where it is, from the stored plan: the reason, each server with the rule that spoke for or against it, the events.</summary>
internal static class GroupExplainer
{
    public static GroupExplanation Explain(ClusterConfig config, GroupName group, PlanShown shown, ArbitersShown? arbiters, IReadOnlyList<EventDto> events)
    {
        var action = shown.Plan?.For(group);
        var record = shown.View?.Groups.FirstOrDefault(g => g.Record.Group == group)?.Record;
        var facts = new List<string>();
        if (record is not null)
            facts.Add($"state {StatusMapper.StateWords(record.State)}, last server {record.Owner?.Value ?? "none"}, wish {record.Wish}: {record.Reason}");
        if (shown.View is { } view)
            facts.Add($"view of term {view.Term}: {view.Standing.Sentence}");
        if (arbiters is not null)
            facts.AddRange(ArbiterMapper.Facts(arbiters));
        if (action is not null)
            facts.AddRange(action.Because.Candidates.Select(c => $"{c.Server}: {(c.Chosen ? "chosen, " : "")}{c.Sentence}"));
        if (shown.Refusals.TryGetValue(group, out var refusal))
            facts.Add($"the newest order was refused: {refusal}");
        facts.Add($"failovers {record?.UnforgivenFailovers ?? 0} of {config.FindGroup(group)!.FailoverThreshold}");
        return new(group.Value, action is null ? "no plan has been made yet" : $"{action.GetType().Name}: {action.Because.Sentence}", facts, events);
    }
}
