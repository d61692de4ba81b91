using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Membership;
using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Status;

/// <summary>Why a group is where it is, from the stored plan: the reason, each server with the rule that spoke for or against it, the events.</summary>
internal static class GroupExplainer
{
    private const int EventsShown = 10;
    private const int CausesShown = 5;

    /// <param name="events">The newest of this server's journal.</param>
    public static GroupExplanation Explain(ClusterConfig config, GroupName group, PlanShown shown, ArbitersShown? arbiters, IReadOnlyList<EventDto> events)
    {
        var action = shown.Plan?.For(group);
        var record = shown.View?.Groups.FirstOrDefault(g => g.Record.Group == group)?.Record;
        var facts = new List<string>();
        if (record is not null)
            facts.Add($"state {StatusMapper.StateWords(record.State)}, last server {record.Owner?.Value ?? "none"}, wish {record.Wish}: {record.Reason}");
        if (shown.View is { } view)
            facts.Add($"view of term {view.Term}: {view.Standing.Sentence}");
        facts.AddRange(HalfHeard(config, shown.Membership));
        facts.AddRange(CausesOf(action?.Because.CauseId, events));
        if (arbiters is not null)
            facts.AddRange(ArbiterMapper.Facts(arbiters));
        if (action is not null)
            facts.AddRange(action.Because.Candidates.Select(c => $"{c.Server}: {(c.Chosen ? "chosen, " : "")}{c.Sentence}"));
        if (shown.Refusals.TryGetValue(group, out var refusal))
            facts.Add($"the newest order was refused: {refusal}");
        facts.Add($"failovers {record?.UnforgivenFailovers ?? 0} of {config.FindGroup(group)!.FailoverThreshold}");
        return new(group.Value, action is null ? "no plan has been made yet" : $"{action.GetType().Name}: {action.Because.Sentence}", facts,
            [.. events.Where(e => e.Parameters.TryGetValue("group", out var named) && named == group.Value).TakeLast(EventsShown)]);
    }

    /// <summary>Servers that some heartbeats hear and others do not: why a network that is down moved nothing.</summary>
    private static IEnumerable<string> HalfHeard(ClusterConfig config, MembershipView? membership)
    {
        foreach (var member in membership?.Members.Where(m => m is { IsSelf: false, IsHeard: true }) ?? [])
        {
            var channels = membership!.Channels.Where(c => c.Heard == member.Server && c.Network < config.Heartbeats.Count).ToList();
            var silent = channels.Where(c => c.State == ChannelState.Down).ToList();
            if (silent.Count > 0)
                yield return $"{member.Server} is silent on {Names(silent)} and heard on {Names(channels.Where(c => c.State is ChannelState.Up or ChannelState.Late))}: it lives, so nothing is taken over from it";
        }

        string Names(IEnumerable<OwnChannel> channels) => string.Join(", ", channels.Select(c => config.Heartbeats[c.Network].Name));
    }

    /// <summary>The event that the plan follows from and what led to that, as far as this server's journal has them.</summary>
    private static IEnumerable<string> CausesOf(string? id, IReadOnlyList<EventDto> events)
    {
        for (var shown = 0; id is not null && shown < CausesShown; shown++)
        {
            if (events.FirstOrDefault(e => e.EventId == id) is not { } cause)
            {
                yield return $"follows from event {id}, which this server's journal does not have: clp events on the server that its id begins with";
                yield break;
            }

            yield return $"follows from {cause.Module} {cause.Id} of {cause.Server} at {cause.Time}: {cause.Text} ({id})";
            id = cause.CauseId;
        }
    }
}
