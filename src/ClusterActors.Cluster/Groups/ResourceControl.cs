using System.Collections.Immutable;
using ClusterActors.Actors;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;
using ClusterActors.Persistence;

namespace ClusterActors.Cluster.Groups;

/// <summary>What rc needs from the composition root.</summary>
public sealed record ResourceControlSettings(ClusterConfig Config, ServerName Self, EventStore Store, Func<ResourceConfig, IResource> CreateResource);

/// <summary>From pm: stop everything on this server; answered by the groups' reports.</summary>
public sealed record StopAllHere(string Reason);

/// <summary>To nm: the present reports of all groups of this server.</summary>
public sealed record OwnGroups(IReadOnlyList<GroupReport> Groups, bool Ready);

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
    private ImmutableHashSet<GroupName> _ready = [];
    private GuardianKnown? _guardian;
    private MembershipView? _view;

    private ResourceControl(ResourceControlSettings settings, IActorRef nm, IActorRef pm, IActorRef events)
    {
        (_settings, _nm, _pm, _events) = (settings, nm, pm, events);
        Receive<GroupChanged>(OnGroupChanged);
        Receive<GroupReady>(OnGroupReady);
        Receive<GuardianKnown>(OnGuardian);
        Receive<EverythingKilled>(TellAll);
        Receive<MembershipView>(view => _view = view);
        Receive<ServerReport>(OnPeerReport);
        Receive<StartGroupOrder>(OnStart);
        Receive<StopGroupOrder>(OnStop);
        Receive<MakeSafeOrder>(OnMakeSafe);
        Receive<StoreWish>(wish => Group(wish.Group)?.Forward(wish));
        Receive<StopAllHere>(stop => TellAll(new StopHere(stop.Reason, false)));
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
            config, _settings.Self, _settings.Store, _settings.CreateResource, self, _events)), name.Value);
        Context.Watch(actor);
        _names[actor] = name;
        _groups[name] = actor;
        if (_guardian is not null)
            actor.Tell(_guardian);
    }

    private void OnGroupGone(IActorRef actor)
    {
        if (!_names.Remove(actor, out var name))
            return;
        _groups.Remove(name);
        _ready = _ready.Remove(name);
        Publish();
        Timers.StartSingleTimer(name, new MakeGroup(name), RecreatePause);
    }

    private void OnGroupChanged(GroupChanged changed)
    {
        _reports = _reports.SetItem(changed.Report.Record.Group, changed.Report);
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

    private void OnPeerReport(ServerReport report)
    {
        foreach (var group in report.Groups)
            if (_reports.TryGetValue(group.Record.Group, out var own) && own.Record.Merge(group.Record) != own.Record)
                Group(group.Record.Group)?.Tell(new PeerRecord(group.Record));
    }

    private void OnStart(StartGroupOrder order)
    {
        if (WhyNotStart(order) is { } why)
        {
            Sender.Tell(new OrderReply(order.OrderId, order.Group, false, why));
            return;
        }

        Group(order.Group)!.Tell(new StartHere(order));
        Sender.Tell(new OrderReply(order.OrderId, order.Group, true, ""));
    }

    private string? WhyNotStart(StartGroupOrder order)
    {
        if (_view is null || order.Term != _view.Term)
            return $"{_settings.Self} is in term {_view?.Term.ToString() ?? "unknown"}, the order in {order.Term}";
        if (Group(order.Group) is null || !_reports.TryGetValue(order.Group, out var report))
            return $"{_settings.Self} has no group {order.Group} at present";
        if (report.ActiveHere)
            return $"{order.Group} is active on {_settings.Self} already ({report.Record.State})";
        if (report.Record.Term > order.Term || (report.Record.Term == order.Term && report.Record.Generation > order.Generation))
            return $"{_settings.Self} knows a newer record of {order.Group} ({report.Record.Term}, generation {report.Record.Generation}) than the order's ({order.Term}, {order.Generation})";
        return null;
    }

    private void OnStop(StopGroupOrder order)
    {
        if (Group(order.Group) is not { } group)
        {
            Sender.Tell(new OrderReply(order.OrderId, order.Group, false, $"{_settings.Self} has no group {order.Group} at present"));
            return;
        }

        group.Tell(new StopHere(order.Reason, order.Force));
        Sender.Tell(new OrderReply(order.OrderId, order.Group, true, ""));
    }

    private void OnMakeSafe(MakeSafeOrder order)
    {
        _pm.Tell(new FinalActionDue(order.Group, order.Action, order.Reason));
        Sender.Tell(new OrderReply(order.OrderId, order.Group, true, ""));
    }

    private IActorRef? Group(GroupName name) => _groups.GetValueOrDefault(name);

    private void TellAll(object message)
    {
        foreach (var group in _groups.Values)
            group.Tell(message);
    }

    private void Publish() => _nm.Tell(new OwnGroups(
        [.. _settings.Config.Groups.Where(g => _reports.ContainsKey(g.Name)).Select(g => _reports[g.Name])],
        _settings.Config.Groups.All(g => _ready.Contains(g.Name))));

    private sealed record MakeGroup(GroupName Group);
}
