using ClusterActors.Actors;
using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;
using ClusterActors.Model.Voting;

namespace ClusterActors.Cluster.Coordination;

/// <summary>
/// Under the policy ask-arbiters a server is excluded by silence only with a verdict: the coordinator tells the arbitration what it sees
/// and what would help, and raises the term when the verdict says so. The guardian still has the last word.
/// </summary>
public sealed partial class Coordinator
{
    private IActorRef? _arbitration;
    private readonly Dictionary<ServerName, long> _heardIn = [];
    private readonly List<Settlement> _settledBy = [];
    private Arbitrated? _arbitrated;
    private long _outlooks;

    /// <summary>Known to be off: by an administrator's word or by a fence.</summary>
    private IReadOnlyList<ServerName> Settled => [.. _confirmed.Union(_proven.Keys)];

    private bool Asks => _settings.Config.OnPartition == PartitionPolicy.AskArbiters;

    private bool HasVote => _arbitrated is { HasVote: true } arbitrated && arbitrated.Term == _membership!.Term;

    /// <summary>Those excluded by silence alone need the verdict of this very term; the others have said or were proven to be over.</summary>
    private bool MayRaiseOver(IReadOnlyList<Member> excluded)
    {
        if (!Asks)
            return true;
        var settled = Settled;
        return excluded
            .Where(m => !m.IsExcluded && m.State != ServerState.Clean && !settled.Contains(m.Server))
            .All(m => _arbitrated is { Verdict.Step: VerdictStep.Raise } arbitrated && arbitrated.Term == _membership!.Term && arbitrated.Verdict.Targets.Contains(m.Server));
    }

    private void TellOutlook()
    {
        if (_arbitration is null || _membership is not { } membership)
            return;
        _outlooks++;
        foreach (var member in membership.Members.Where(m => IsHeard(m.Server)))
            _heardIn[member.Server] = _outlooks;
        var settled = Settled;
        var silent = SilentServers.Of(membership, settled).Select(m => m.Server).ToList();
        var waiting = silent.Count == 0 ? [] : WouldStart(membership, [.. settled, .. silent]);
        _arbitration.Tell(new Outlook(membership, settled, waiting.Count > 0, waiting, _outlooks));
    }

    /// <summary>Groups that would be started if all of these were out, if it is this server that would do it.</summary>
    private List<GroupName> WouldStart(MembershipView membership, IReadOnlyList<ServerName> gone)
    {
        var proven = gone.ToDictionary(server => server, _ => "assumed, to see whether it would help");
        var imagined = membership.IfRaised(_settings.Config, gone, proven);
        var plan = Planner.Plan(imagined, _settings.Config);
        return imagined.Standing.IsValid && plan.Coordinator == _settings.Self
            ? [.. plan.Orders.OfType<StartGroup>().Select(start => start.Group)]
            : [];
    }

    private void OnArbitrated(Arbitrated arbitrated)
    {
        _arbitrated = arbitrated;
        foreach (var (server, sentence) in arbitrated.Proven)
            if (_membership is not null && !IsHeard(server) && arbitrated.Outlook > _heardIn.GetValueOrDefault(server))
                _proven[server] = sentence;
        foreach (var fence in arbitrated.Fenced.Where(f => f.EventId is not null && _proven.ContainsKey(f.Server)))
            SettledBy(fence.Server, fence.EventId!);
        Evaluate();
    }

    private void SettledBy(ServerName server, string eventId)
    {
        _settledBy.RemoveAll(s => s.Server == server);
        _settledBy.Add(new(server, eventId));
    }

    /// <summary>A takeover follows from the proof or the word that made it possible rather than from the silence before.</summary>
    private ClusterView WithSettlements(ClusterView view) => _settledBy.Count == 0
        ? view
        : view with { Servers = [.. view.Servers.Select(s => _settledBy.Find(by => by.Server == s.Name) is { } settled ? s with { CauseId = settled.EventId } : s)] };

    private void OnConfirmOff(ConfirmOff confirm)
    {
        if (_membership is not { } membership || _settings.Config.FindServer(confirm.Server) is null || confirm.Server == _settings.Self)
        {
            Sender.Tell(new ConfirmOffAnswer(confirm.CommandId, false, $"{confirm.Server} is no other server of this cluster, or {_settings.Self} has not yet heard from its guardian"));
            return;
        }

        if (membership.Find(confirm.Server) is { IsHeard: true } member)
        {
            Sender.Tell(new ConfirmOffAnswer(confirm.CommandId, false, $"{confirm.Server} is not off: {_settings.Self} hears it ({member.Detail})"));
            return;
        }

        if (IsHeard(confirm.Server))
        {
            Sender.Tell(new ConfirmOffAnswer(confirm.CommandId, false, $"{confirm.Server} is not off: another server hears it, only {_settings.Self} does not"));
            return;
        }

        var sentence = $"switched off by {confirm.Caller}: {confirm.Reason}";
        var told = _settings.Ids.Sign(CaEvents.ServerConfirmedOff(confirm.Caller, confirm.Server.Value, confirm.Reason));
        _settings.Events.Tell(told);
        SettledBy(confirm.Server, told.EventId!);
        _confirmed.Add(confirm.Server);
        _proven[confirm.Server] = sentence;
        _arbitration?.Tell(new ConfirmedOff(confirm.Server, sentence));
        Evaluate();
        RaiseConfirmed(sentence);
        Sender.Tell(new ConfirmOffAnswer(confirm.CommandId, true, $"{confirm.Server} counts as off; clp explain group GROUP shows what follows"));
    }

    /// <param name="EventId">What told that the server is off.</param>
    private sealed record Settlement(ServerName Server, string EventId);
}
