using System.Collections.Immutable;
using ClusterActors.Actors;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;
using ClusterActors.Persistence;

namespace ClusterActors.Cluster.Groups;

/// <summary>What rc needs from the composition root.</summary>
public sealed record ResourceControlSettings(ClusterConfig Config, ServerName Self, EventIds Ids, EventStore Store, Func<ResourceConfig, IResource> CreateResource);

/// <summary>From pm: stop everything on this server; answered by the groups' reports.</summary>
/// <param name="CauseId">The event that recorded the request.</param>
public sealed record StopAllHere(string Reason, string? CauseId);

/// <summary>To nm: the present reports of all groups of this server.</summary>
/// <param name="Term">The one that rc knows of: starts of another one are refused.</param>
/// <param name="Out">Servers this rc counts as out: starts are accepted from others without asking them.</param>
public sealed record OwnGroups(Term Term, IReadOnlyList<GroupReport> Groups, bool Ready, IReadOnlyList<ServerName> Out)
{
    /// <summary>Whose starts are accepted from now on.</summary>
    public Following? Follows { get; init; }
}

/// <summary>
/// rc: parent of the group actors of this server. It checks each order against the membership before a group sees it, passes peers'
/// records down and the groups' reports up. A group actor that stopped (its journal failed) is made anew and adopts what runs.
/// </summary>
public sealed class ResourceControl : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan RecreatePause = TimeSpan.FromSeconds(1);
    private readonly ResourceControlSettings _settings;
    private readonly IActorRef _nm;
    private readonly IActorRef _pm;
    private readonly IActorRef _events;
    private readonly Dictionary<IActorRef, GroupName> _names = [];
    private readonly Dictionary<GroupName, IActorRef> _groups = [];
    private ImmutableDictionary<GroupName, GroupReport> _reports = ImmutableDictionary<GroupName, GroupReport>.Empty;
    private readonly Dictionary<GroupName, GroupRecord> _peers = [];
    private readonly Dictionary<GroupName, (int Count, Term In)> _startsSent = [];

    // The order comes again while the plan holds; the event is for the first of them, until the peer reports otherwise.
    private readonly Dictionary<GroupName, string> _refused = [];
    private readonly Dictionary<ServerName, Term> _oldTerms = [];
    private readonly FirstMeetings _meetings = new();
    private ImmutableHashSet<GroupName> _ready = [];
    private GuardianKnown? _guardian;
    private MembershipView? _view;
    private IReadOnlyList<ServerName> _out = [];
    private Following _follows;
    private bool _leaving;

    private ResourceControl(ResourceControlSettings settings, IActorRef nm, IActorRef pm, IActorRef events)
    {
        (_settings, _nm, _pm, _events) = (settings, nm, pm, events);
        // Numbers of an earlier life of the daemon must not come again.
        _follows = new(null, 0, Context.System.Time.GetTimestamp());
        Receive<GroupChanged>(OnGroupChanged);
        Receive<GroupReady>(OnGroupReady);
        Receive<GuardianKnown>(OnGuardian);
        Receive<EverythingKilled>(TellAll);
        Receive<MembershipView>(OnView);
        Receive<ServerReport>(OnPeerReport);
        Receive<StartGroupOrder>(OnStart);
        Receive<StopGroupOrder>(OnStop);
        Receive<MakeSafeOrder>(OnMakeSafe);
        Receive<StoreWish>(wish => Group(wish.Group)?.Forward(wish));
        Receive<ClearWish>(clear => Group(clear.Group)?.Tell(clear));
        Receive<StopAllHere>(OnStopAll);
        Receive<FinalActionDue>(due => _pm.Tell(due));
        Receive<Terminated>(ended => OnGroupGone(ended.ActorRef));
        Receive<MakeGroup>(make => Make(make.Group));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ResourceControlSettings settings, IActorRef nm, IActorRef pm, IActorRef events) =>
        Actors.Props.Create(() => new ResourceControl(settings, nm, pm, events));

    protected override void PreStart()
    {
        foreach (var group in _settings.Config.Groups)
            Make(group.Name);
    }

    private void Make(GroupName name)
    {
        var config = _settings.Config.FindGroup(name)!;
        var self = Self;
        var actor = Context.ActorOf(Actors.Props.Create(() => new GroupActor(
            config, _settings.Self, _settings.Ids, _settings.Store, _settings.CreateResource, self, _events)), name.Value);
        Context.Watch(actor);
        _names[actor] = name;
        _groups[name] = actor;
        if (_view is { GuardianConnected: true, WasExcluded: false } view)
            actor.Tell(new TermInForce(view.Term));

        // The table of the last greeting may name what has ended or moved since: what the guardian holds outranks the journal, so it must be the present one.
        if (_guardian is not null)
            _nm.Tell(TableWanted.Instance);
    }

    private void OnGroupGone(IActorRef actor)
    {
        if (!_names.Remove(actor, out var name))
            return;
        _groups.Remove(name);
        _startsSent.Remove(name);
        _ready = _ready.Remove(name);
        Publish();
        Timers.StartSingleTimer(name, new MakeGroup(name), RecreatePause);
    }

    private void OnGroupChanged(GroupChanged changed)
    {
        var own = changed.Report.Record;
        _meetings.OnOwn(own);
        TellMeetings();
        var sent = _startsSent.GetValueOrDefault(own.Group);
        _reports = _reports.SetItem(own.Group, changed.Starts < sent.Count ? BeingStarted(changed.Report, sent.In) : changed.Report);
        if (_peers.TryGetValue(own.Group, out var known) && own.Merge(known) != own)
            Group(own.Group)?.Tell(new PeerRecord(known));
        Publish();
    }

    private void OnGroupReady(GroupReady ready)
    {
        _ready = _ready.Add(ready.Group);
        Publish();
    }

    private void OnGuardian(GuardianKnown known)
    {
        _guardian = known;
        TellAll(known);
    }

    /// <summary>
    /// The view in force decides which orders are accepted; whose they may be, and what counts as out, is told with the reports, so that
    /// a coordinator, and a server that joins, knows from when on nothing is started here without it.
    /// </summary>
    private void OnView(MembershipView view)
    {
        // After a lost connection the table first: it tells what a term that was missed meanwhile has ended here.
        var tellsTerm = _view?.Term != view.Term;
        var isNewTerm = _view?.Term != view.Term || _view.WasExcluded != view.WasExcluded || _view.GuardianConnected != view.GuardianConnected;
        _view = view;
        if (isNewTerm && view is { GuardianConnected: true, WasExcluded: false })
            TellAll(new TermInForce(view.Term));
        foreach (var group in _refused.Keys.Where(g => BothActivation.ActiveOn(view, g, null) is null).ToList())
            _refused.Remove(group);
        var isOut = view.Members.Where(m => m.IsExcluded).Select(m => m.Server).ToList();
        var toFollow = view.ToFollow();
        var (server, life) = (toFollow?.Server, toFollow?.Report!.Life ?? 0);
        if (!tellsTerm && isOut.SequenceEqual(_out) && server == _follows.Coordinator && life == _follows.Life)
            return;
        _out = isOut;
        if (server != _follows.Coordinator || life != _follows.Life)
            _follows = new(server, life, _follows.Number + 1);
        Publish();
    }

    private void OnStopAll(StopAllHere stop)
    {
        _leaving = true;
        TellAll(new StopHere(stop.Reason, false, stop.CauseId, Leaves: true));
    }

    private void OnPeerReport(ServerReport report)
    {
        _meetings.OnPeer(report.Server, report.Groups.Select(g => g.Record));
        TellMeetings();

        // Kept for groups that are still recovering: a record that went by would be missed until the peer's next change.
        foreach (var record in report.Groups.Select(g => g.Record))
            _peers[record.Group] = _peers.TryGetValue(record.Group, out var known) ? known.Merge(record) : record;
        foreach (var group in report.Groups)
            if (_reports.TryGetValue(group.Record.Group, out var own) && own.Record.Merge(group.Record) != own.Record)
                Group(group.Record.Group)?.Tell(new PeerRecord(group.Record));
    }

    private void TellMeetings()
    {
        foreach (var older in _meetings.TakeOlder())
        {
            _events.Tell(CaEvents.JournalOlder(older.Peer.Value, older.Own, older.Theirs));
            _events.Tell(CaEvents.StateTaken(older.Peer.Value));
        }
    }

    /// <summary>Once for each term a server still acts in. Our own coordinator may be a moment behind a term that is new here: nothing to tell.</summary>
    private void NoteOldTerm(ServerName? by, Term term)
    {
        if (by is not { } server || server == _settings.Self || _view is null || term >= _view.Term || (_oldTerms.TryGetValue(server, out var told) && told == term))
            return;
        _oldTerms[server] = term;
        _events.Tell(CaEvents.OldTermRefused(server.Value, term.ToString(), _view.Term.ToString()));
    }

    private void OnStart(StartGroupOrder order)
    {
        if (WhyNotStart(order) is { } why)
        {
            NoteOldTerm(order.By, order.Term);
            Sender.Tell(new OrderReply(order.OrderId, order.Group, false, why));
            return;
        }

        if (_settings.Config.FindGroup(order.Group)!.BothActivationCheck && BothActivation.WhyNot(_view!, order) is { } elsewhere)
        {
            if (_refused.GetValueOrDefault(order.Group) != elsewhere)
                _events.Tell(RcEvents.BothActivationCheckFailed(order.Group.Value, elsewhere));
            _refused[order.Group] = elsewhere;
            Sender.Tell(new OrderReply(order.OrderId, order.Group, false, elsewhere));
            return;
        }

        _refused.Remove(order.Group);

        // Until the group's own word about this order: what was accepted may run from now on, however long its record takes to be stored.
        _startsSent[order.Group] = (_startsSent.GetValueOrDefault(order.Group).Count + 1, order.Term);
        _reports = _reports.SetItem(order.Group, BeingStarted(_reports[order.Group], order.Term));
        Publish();
        Trace(order.OrderId, order.Group, order.Term, starts: true);
        Acquaint(order.Group, order.Seen);
        Group(order.Group)!.Tell(new StartHere(order, _view!.ToClusterView(_settings.Config).Members));
        Sender.Tell(new OrderReply(order.OrderId, order.Group, true, ""));
    }

    private static GroupReport BeingStarted(GroupReport report, Term term) => report with
    {
        ActiveHere = true,
        StartingIn = term,
        Resources = [.. report.Resources.Select(r => r with { State = ResourceState.OnlinePending })],
    };

    private string? WhyNotStart(StartGroupOrder order)
    {
        if (_view is null || order.Term != _view.Term)
            return $"{_settings.Self} is in term {_view?.Term.ToString() ?? "unknown"}, the order in {order.Term}";
        if (_leaving)
            return $"{_settings.Self} is being stopped";
        var standing = _view.ToClusterView(_settings.Config).Standing;
        if (!standing.IsValid)
            return $"the view of {_settings.Self} is not valid: {standing.Sentence}";
        if (WhyLate(order.By, order.Under) is { } late)
            return late;
        if (order.By is { } by && by != _follows.Coordinator)
            return $"the order is of {by}, the coordinator that {_settings.Self} knows is {_follows.Coordinator?.ToString() ?? "nobody"}";
        if (Group(order.Group) is null || !_reports.TryGetValue(order.Group, out var report))
            return $"{_settings.Self} has no group {order.Group} at present";
        if (!_ready.Contains(order.Group))
            return $"{_settings.Self} has not found out yet what of {order.Group} runs there";
        if (report.ActiveHere)
            return $"{order.Group} is active on {_settings.Self} already ({report.Record.State})";
        if (report.Record.Term > order.Term || (report.Record.Term == order.Term && report.Record.Generation > order.Generation))
            return $"{_settings.Self} knows a newer record of {order.Group} ({report.Record.Term}, generation {report.Record.Generation}) than the order's ({order.Term}, {order.Generation})";
        return null;
    }

    private string? WhyLate(ServerName? by, long? under) => under is { } number && number != _follows.Number
        ? $"{_settings.Self} carries out the orders of {_follows.Coordinator?.ToString() ?? "nobody"} now, the order was decided before that by {by}"
        : null;

    private string? WhyNotBy(ServerName? by) => by is not null && _view?.Coordinator(_settings.Config) is var chosen && chosen != by
        ? $"the order is of {by}, the coordinator that {_settings.Self} knows is {chosen?.ToString() ?? "nobody"}"
        : null;

    /// <summary>One that was superseded takes itself for the coordinator until it has met the others in the new term: others do not stop anything for it.</summary>
    private void OnStop(StopGroupOrder order)
    {
        if (_view is not null && order.Term < _view.Term)
        {
            NoteOldTerm(order.By, order.Term);
            Sender.Tell(new OrderReply(order.OrderId, order.Group, false, $"{_settings.Self} is in term {_view.Term}, the order in {order.Term}"));
            return;
        }

        if (order.By != _settings.Self && (WhyNotBy(order.By) ?? WhyLate(order.By, order.Under)) is { } why)
        {
            Sender.Tell(new OrderReply(order.OrderId, order.Group, false, why));
            return;
        }

        if (Group(order.Group) is not { } group)
        {
            Sender.Tell(new OrderReply(order.OrderId, order.Group, false, $"{_settings.Self} has no group {order.Group} at present"));
            return;
        }

        Trace(order.OrderId, order.Group, order.Term, starts: false);
        Acquaint(order.Group, order.Seen);
        group.Tell(new StopHere(order.Reason, order.Force, order.CauseId));
        Sender.Tell(new OrderReply(order.OrderId, order.Group, true, ""));
    }

    private void Trace(long orderId, GroupName group, Term term, bool starts)
    {
        var by = Sender.Path.Address.Server is { } server ? new ServerName(server) : _settings.Self;
        Context.System.EventStream.Publish(new OrderAccepted(by, orderId, group, term, starts));
    }

    private void Acquaint(GroupName group, GroupRecord? seen)
    {
        if (seen is not null)
            Group(group)!.Tell(new PeerRecord(seen));
    }

    private void OnMakeSafe(MakeSafeOrder order)
    {
        _pm.Tell(new FinalActionDue(order.Group, order.Action, order.Reason, order.CauseId));
        Sender.Tell(new OrderReply(order.OrderId, order.Group, true, ""));
    }

    private IActorRef? Group(GroupName name) => _groups.GetValueOrDefault(name);

    private void TellAll(object message)
    {
        foreach (var group in _groups.Values)
            group.Tell(message);
    }

    private void Publish() => _nm.Tell(new OwnGroups(
        _view?.Term ?? default,
        [.. _settings.Config.Groups.Where(g => _reports.ContainsKey(g.Name)).Select(g => _reports[g.Name])],
        _settings.Config.Groups.All(g => _ready.Contains(g.Name)),
        _out)
    { Follows = _follows });

    private sealed record MakeGroup(GroupName Group);
}
