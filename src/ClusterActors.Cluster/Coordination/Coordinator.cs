using ClusterActors.Actors;
using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Coordination;

/// <summary>What the coordinator needs from the composition root.</summary>
/// <param name="ResourceControlOf">How to reach rc of a server, this one included.</param>
public sealed record CoordinatorSettings(
    ClusterConfig Config, ServerName Self, IActorRef NodeManager, IActorRef OwnResourceControl, IActorRef Events, EventIds Ids, Func<ServerName, ICanTell> ResourceControlOf)
{
    /// <summary>The keeper of the cluster's wishes on this server.</summary>
    public IActorRef OwnWishes { get; init; } = ActorRefs.Nobody;
}

/// <summary>Answered with the newest <see cref="PlanShown"/>, for status and explain.</summary>
public sealed record GetPlan;

/// <param name="Refusals">Why a server refused the newest order about a group, while the plan still holds it.</param>
public sealed record PlanShown(Plan? Plan, ClusterView? View, MembershipView? Membership, IReadOnlyDictionary<GroupName, string> Refusals);

/// <summary>An administrator lets this server go on without those it waits for, or confirms that they are off.</summary>
public sealed record ConfirmDown(IReadOnlyList<ServerName> Servers, string Caller, string Reason);

/// <summary>Who runs the arbiters; told once at start, and only under the policy ask-arbiters.</summary>
public sealed record ArbitrationThere(IActorRef Arbitration);

/// <summary>
/// Carries out the plan when this server is the coordinator, and only then. At each change of the view it plans anew and sends the
/// orders that are not under way; it remembers nothing that the next view would not show. Before a takeover it has the term raised.
/// </summary>
public sealed partial class Coordinator : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan OrderLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EffectLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryRaiseAfter = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RaiseLimit = TimeSpan.FromSeconds(10);
    private readonly CoordinatorSettings _settings;
    private readonly Dictionary<GroupName, Order> _orders = [];
    private readonly Dictionary<GroupName, string> _refusals = [];
    private readonly HashSet<ServerName> _confirmed = [];
    private readonly Dictionary<ServerName, string> _proven = [];
    private readonly List<PendingCommand> _commands = [];
    private MembershipView? _membership;
    private ClusterView? _view;
    private Plan? _plan;
    private readonly Dictionary<GroupName, (Term Term, long Generation)> _clearing = [];
    private Term? _raisingFrom;
    private long _lastOrder;
    private AgreedView? _agreed;

    private Coordinator(CoordinatorSettings settings)
    {
        _settings = settings;
        Receive<MembershipView>(OnView);
        Receive<RaiseTermAnswer>(OnRaiseAnswer);
        Receive<OrderReply>(OnOrderReply);
        Receive<OrderOverdue>(overdue => Forget(overdue.Group, overdue.OrderId, "its effect was not seen in time"));
        Receive<AdminCommand>(OnCommand);
        Receive<WishStored>(_ => { });
        Receive<CommandOverdue>(OnCommandOverdue);
        Receive<WishCommand>(OnWishCommand);
        Receive<WishesStored>(OnWishesStored);
        Receive<WishOverdue>(OnWishOverdue);
        Receive<StartWaitOver>(OnStartWaitOver);
        Receive<WaitLasts>(OnWaitLasts);
        Receive<HoldDownOver>(_ => Evaluate());
        Receive<LaterRecordLasts>(_ => Evaluate());
        Receive<ConfirmDown>(OnConfirm);
        Receive<ConfirmOff>(OnConfirmOff);
        Receive<ArbitrationThere>(there => { _arbitration = there.Arbitration; Evaluate(); });
        Receive<Arbitrated>(OnArbitrated);
        Receive<RetryRaise>(_ => OnRetryRaise());
        Receive<GetPlan>(_ => Sender.Tell(new PlanShown(_plan, _view, _membership, new Dictionary<GroupName, string>(_refusals))));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(CoordinatorSettings settings) => Actors.Props.Create(() => new Coordinator(settings));

    /// <summary>Reports that repeat the last are most of what comes; while nothing is under way, planning from them anew would come to the same.</summary>
    private void OnView(MembershipView view)
    {
        var isNews = IsBusy || _membership is not { } before || ViewNews.Between(before, view);
        _membership = view;
        if (isNews)
            Evaluate();
    }

    private bool IsBusy => _plan is null || _arbitration is not null || _raisingFrom is not null || _orders.Count > 0 || _commands.Count > 0 || _plan.Orders.Any();

    private void Evaluate()
    {
        if (_membership is null)
            return;
        if (_raisingFrom is { } from && from != _membership.Term)
            EndRaising();
        _confirmed.RemoveWhere(IsHeard);
        _settledBy.RemoveAll(s => IsHeard(s.Server));
        foreach (var back in _proven.Keys.Where(IsHeard).ToList())
            _proven.Remove(back);
        var before = _plan;
        _view = WithTimesUp(WithSettlements(WithExpiredWaits(_membership.ToClusterView(_settings.Config, _proven))));
        _plan = Planner.Plan(_view, _settings.Config);
        CountStartWaits();
        CountLongWaits();
        WatchLaterRecords();
        ForgetRefusals();
        if (before?.Coordinator != _plan.Coordinator && _plan.Coordinator is { } chosen)
            _settings.Events.Tell(CaEvents.CoordinatorChanged(chosen.Value));
        AnnounceView();
        if (_plan.Coordinator == _settings.Self)
            CarryOut(before);
        else
            ForgetAll();
        TellOutlook();
        RaiseTermWhereItHelps();
        JudgeCommands();
    }

    /// <summary>Here or by another server: what was said or proven about its death is of the past.</summary>
    private bool IsHeard(ServerName server) => _membership!.Find(server) is var member && (member.IsHeard || _membership.IsReceivedElsewhere(member));

    private void CarryOut(Plan? before)
    {
        foreach (var notice in _plan!.NoticesSince(before?.Coordinator == _settings.Self ? before : null))
            _settings.Events.Tell(notice);
        FollowFailovers();
        FollowMoves();
        foreach (var group in _orders.Where(o => IsOver(o.Key, o.Value)).Select(o => o.Key).ToList())
        {
            _orders.Remove(group);
            Timers.Cancel(group);
        }

        foreach (var order in _plan.Orders)
            Send(order);
        foreach (var group in _plan.SettledWishes)
            ClearWishedServer(group);
    }

    private void ForgetAll()
    {
        foreach (var group in _orders.Keys)
            Timers.Cancel(group);
        _orders.Clear();
        _failovers.Clear();
        _moves.Clear();
    }

    /// <summary>Not when a view is valid again with the same servers in the same term: they have acted together all the time.</summary>
    private void AnnounceView()
    {
        var agreed = new AgreedView(_view!.Term, string.Join(", ", _view.Members));
        if (!_view.Standing.IsValid || agreed == _agreed)
            return;
        _agreed = agreed;
        _settings.Events.Tell(CaEvents.ViewAgreed(agreed.Term.ToString(), agreed.Members));
    }

    private GroupRecord RecordOf(GroupName group) => _view!.Groups.First(g => g.Record.Group == group).Record;

    private sealed record AgreedView(Term Term, string Members);

    /// <summary>
    /// An order stays under way until the record shows that the target has begun it: planning sooner would order it twice. One of an
    /// older term, or to a server that no longer takes part, is over: waiting for it would only delay what must happen instead. So is one
    /// that was refused for having come too late.
    /// </summary>
    private bool IsOver(GroupName group, Order order)
    {
        if (order.DecidedIn != _view!.Term || !_view.Members.Contains(order.Server) || CameTooLate(order))
            return true;
        var record = RecordOf(group);
        return record.Term != order.SeenTerm || record.Generation != order.SeenGeneration;
    }

    /// <summary>
    /// A term is raised for one of three reasons: the plan under the raised term would start something that the present view forbids; a
    /// member promised to start nothing in this term and could not be given a group; or records are of a later term than this one, and have been for a timeout, because
    /// every guardian lost its own: orders would be older than what they are about. Never for nothing, since it costs an excluded
    /// side its groups when it comes back. The one that would be coordinator then does it.
    /// </summary>
    private void RaiseTermWhereItHelps()
    {
        if (_raisingFrom is not null || _membership!.StartupWait is not null || SomebodyIsAhead)
            return;
        var imagined = _membership.IfRaised(_settings.Config, Settled, _proven);
        var plan = Planner.Plan(imagined, _settings.Config);
        if (!imagined.Standing.IsValid || plan.Coordinator != _settings.Self || ReasonToRaise(plan) is not { } reason)
            return;
        var excluded = _membership.ToExclude(Settled);
        if (MayRaiseOver(excluded))
            Raise([.. excluded.Select(m => m.Server)], reason);
    }

    /// <summary>The beats will bring its term. To raise one over it meanwhile would end what runs on both sides, here by its term and there by this one.</summary>
    private bool SomebodyIsAhead => _membership!.Members.Any(m => m.IsAhead(_membership.Term));

    private string? ReasonToRaise(Plan imagined)
    {
        if (_membership!.Promised is { Count: > 0 } promised)
            return $"{string.Join(", ", promised.Select(m => m.Server))} can run groups from the next term on";
        if (WhyTermsAreLost() is { } lost)
            return lost;
        var excludesSomebodyNew = _membership.ToExclude(Settled).Any(m => !m.IsExcluded);
        return excludesSomebodyNew && !_view!.Standing.IsValid && imagined.Orders.FirstOrDefault(o => o is StartGroup) is { } first
            ? first.Because.Sentence
            : null;
    }

    /// <summary>One at a time, until the new term shows in a view, the guardian refuses, or no answer came for a long time.</summary>
    private void Raise(IReadOnlyList<ServerName> servers, string reason)
    {
        _raisingFrom = _membership!.Term;
        Timers.StartSingleTimer(nameof(RetryRaise), RetryRaise.Instance, RaiseLimit);
        _settings.NodeManager.Tell(new RaiseTermFor(_membership.Term, servers, Settled, reason, HasVote));
    }

    private void EndRaising()
    {
        _raisingFrom = null;
        Timers.Cancel(nameof(RetryRaise));
    }

    private void OnRetryRaise()
    {
        _raisingFrom = null;
        Evaluate();
        RaiseConfirmed("an administrator confirmed that they are off");
    }

    private void RaiseConfirmed(string reason)
    {
        if (_raisingFrom is null && _membership is not null && _confirmed.Count > 0 && _membership.ToExclude(Settled) is var excluded && MayRaiseOver(excluded))
            Raise([.. excluded.Select(m => m.Server)], reason);
    }

    private void OnRaiseAnswer(RaiseTermAnswer answer)
    {
        if (_raisingFrom is { } decided)
            _arbitration?.Tell(new RaiseEnded(decided, answer.Raised, answer.Sentence));
        if (answer.Raised)
        {
            // The view with the new term comes by itself; in the present one a second raise would seem to help.
            _confirmed.Clear();
            return;
        }

        Context.GetLogger().Warning("the guardian did not raise the term: {Reason}", answer.Sentence);
        Timers.StartSingleTimer(nameof(RetryRaise), RetryRaise.Instance, RetryRaiseAfter);
    }

    private void OnConfirm(ConfirmDown confirm)
    {
        IReadOnlyList<ServerName> servers = [.. confirm.Servers.Where(s => _membership is null || !IsSurelyUp(s))];
        _confirmed.UnionWith(servers);
        var alone = _settings.Ids.Sign(CaEvents.StartedAlone(confirm.Caller, confirm.Reason));
        foreach (var server in servers)
            SettledBy(server, alone.EventId!);
        _settings.Events.Tell(alone);
        RaiseConfirmed($"{confirm.Caller}: {confirm.Reason}");
    }

    /// <summary>Nobody's word makes it off. Of one whose beats are late the word is kept until its vow has run out.</summary>
    private bool IsSurelyUp(ServerName server) =>
        _membership!.Find(server) is var member && (member.State is ServerState.Up or ServerState.DaemonRestarting || _membership.IsReceivedElsewhere(member));

    private sealed class RetryRaise
    {
        public static readonly RetryRaise Instance = new();
    }
}
