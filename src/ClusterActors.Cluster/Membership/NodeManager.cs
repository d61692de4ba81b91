using System.Collections.Immutable;
using ClusterActors.Actors;
using ClusterActors.Cluster.Events;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Wire;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Membership;

/// <summary>
/// nm: gathers what the guardian says about beats, what the links say about daemons, and what the servers say about themselves, and
/// hands every change on as one immutable view. It gives the guardian the daemon's sign of life by way of its own mailbox, so that a
/// stuck mailbox is a missing sign of life. It decides nothing.
/// </summary>
public sealed class NodeManager : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);
    private readonly ClusterConfig _config;
    private readonly ServerName _self;
    private readonly IGuardianLink _guardian;
    private readonly IActorRef _events;
    private readonly EventIds _ids;
    private readonly Func<ServerName, ICanTell> _nmOf;
    private readonly TimeProvider _time;
    private readonly TimeSpan _signInterval;
    private MembershipState _state;
    private ViewReaders _readers = new([], ActorRefs.Nobody);
    private OwnGroups _own = new(default, [], false, []);
    private readonly HashSet<byte> _blind = [];
    private Leaving? _leaving;
    private bool _guardianThere;
    private bool _wishesHeard;
    private string? _guardianLossId;
    private long _life;
    private bool _decides;
    private IReadOnlyList<ServerName>? _meets;
    private readonly HashSet<ServerName> _missingSomebody = [];
    private readonly OneWayLosses _losses;
    private long _sequence;

    private NodeManager(NodeManagerSettings settings)
    {
        (_config, _self, _guardian, _nmOf, _time) = (settings.Config, settings.Self, settings.Guardian, settings.NodeManagerOf, settings.Time);
        (_events, _ids, _signInterval) = (settings.Events, settings.Ids, settings.SignInterval);
        _state = MembershipState.Create(_config, _self);
        _life = _time.GetTimestamp();
        _losses = new OneWayLosses(_self, _time, _config.Heartbeat.Timeout + ReportEvery);
        Receive<SignDue>(_ => GiveSign());
        Receive<DecideAnew>(_ => { BeginLife(); Report(); });
        Receive<Welcome>(OnWelcome);
        Receive<TableAnswered>(OnTableAnswered);
        Receive<GuardianGone>(_ => OnGuardianGone());
        Receive<PeerChanged>(peer => Change(_state.OnPeer(peer)));
        Receive<ChannelChanged>(OnChannel);
        Receive<TermChanged>(OnTerm);
        Receive<VotingChanged>(changed => Change(_state.OnVoting(changed)));
        Receive<GrantChanged>(OnGrant);
        Receive<Superseded>(OnSuperseded);
        Receive<ChannelLate>(OnLate);
        Receive<ChannelDevice>(device => Change(_state.OnDevice(device)));
        Receive<StallReport>(OnStall);
        Receive<BeatsLate>(late => _events.Tell(ConditionEvents.Of(late)));
        Receive<FenceArmed>(armed => _events.Tell(ConditionEvents.Of(armed)));
        Receive<FenceMissing>(missing => _events.Tell(ConditionEvents.Of(missing)));
        Receive<AddressConflict>(conflict => _events.Tell(CaEvents.AddressRival(conflict.Address.ToString(), conflict.Rival)));
        Receive<ServerLinked>(OnLinked);
        Receive<ServerUnlinked>(OnUnlinked);
        Receive<ServerReport>(OnReport);
        Receive<OwnGroups>(own => { _own = own; Report(); });
        Receive<Leaving>(leaving => { _leaving = leaving; Report(); });
        Receive<StartupWaitChanged>(OnStartupWait);
        Receive<ViewReaders>(OnReaders);
        Receive<RaiseTermFor>(OnRaiseTerm);
        Receive<WishesKnown>(OnWishes);
        Receive<TableFailed>(OnTableFailed);
        Receive<AskTable>(ask => FetchTable(ask.Incarnation));
        Receive<TableWanted>(_ => FetchTable(_state.View.Own.Incarnation));
        Receive<ReportTick>(_ => Report());
        Receive<StillMissing>(still => Change(PassingOver(_state.PassedOver.Add(still.Server))));
        Receive<Status.Failure>(failure => Context.GetLogger().Warning(failure.Cause, "a question to the guardian failed"));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeManagerSettings settings) => Actors.Props.Create(() => new NodeManager(settings));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("report", ReportTick.Instance, ReportEvery);
        GiveSign();
    }

    /// <summary>The next one is asked for only now: a mailbox that lags gives its signs as much farther apart, and none pile up in it.</summary>
    private void GiveSign()
    {
        _guardian.GiveSign();
        Timers.StartSingleTimer("sign", SignDue.Instance, _signInterval);
    }

    private void OnWelcome(Welcome welcome)
    {
        _guardianThere = true;
        Change(_state.OnWelcome(welcome));
        FetchTable(welcome.Incarnation);
    }

    /// <summary>The table comes in order with the notes, on the link's thread: it replaces what is known, so it must be neither older nor newer.</summary>
    private void FetchTable(Incarnation incarnation)
    {
        if (!_guardianThere || _state.View.Own.Incarnation != incarnation)
            return;
        var self = Self;
        Task asked = _guardian.AskAsync(new GetTable(), AnswerLimit, inOrder: reply => self.Tell(new TableAnswered(incarnation, reply)));
        asked.PipeTo(self, failure: e => new TableFailed(incarnation, e));
    }

    private void OnTableAnswered(TableAnswered answered)
    {
        if (answered.Reply.Succeeded)
            OnTable(answered.Incarnation, answered.Reply.Table);
        else
            OnTableFailed(new TableFailed(answered.Incarnation, new IOException(answered.Reply.Sentence)));
    }

    /// <summary>Without the table nothing can be adopted, so the daemon would wait without end: asked again while the guardian is there.</summary>
    private void OnTableFailed(TableFailed failed)
    {
        Context.GetLogger().Warning(failed.Cause, "the guardian did not tell what it holds; asked again");
        Timers.StartSingleTimer("table", new AskTable(failed.Incarnation), AskAgainAfter);
    }

    private void OnTable(Incarnation incarnation, GuardianTable table)
    {
        if (!_guardianThere || _state.View.Own.Incarnation != incarnation)
            return;
        var before = _state;
        _state = _state.OnTable(table);
        Announce(before);
        // Before the view: a group must know what the guardian ended before it hears of the term in which that happened.
        _readers.ResourceControl.Tell(new GuardianKnown(incarnation, table, _state.View.WasExcluded, _guardianLossId));
        Report();
    }

    private void OnGuardianGone()
    {
        var lost = _ids.Sign(CaEvents.GuardianLost("the connection to the guardian ended"));
        _events.Tell(lost);
        _guardianLossId = lost.EventId;
        _guardianThere = false;
        Change(_state.OnGuardianLost());
        Report();
    }

    private void OnTerm(TermChanged changed)
    {
        _events.Tell(new TermKnown(changed.Term));
        var told = _ids.Sign(CaEvents.TermRaised(changed.Term.ToString(), changed.Reason));
        _events.Tell(told);
        var before = _state.View;
        _state = _state.OnTerm(changed);
        // Of one that was never heard nothing else here tells why it is out.
        foreach (var unknown in _state.View.Members.Where(m => m is { IsExcluded: true, CauseId: null }))
            _state = _state.WithCause(unknown.Server, told.EventId!);
        // One that said "down and clean" had no vow left, and one that was out already lost nothing by this term.
        foreach (var gone in _state.View.Members.Where(m => m is { IsExcluded: true, State: ServerState.Down } && !before.Find(m.Server).IsExcluded))
            _events.Tell(CaEvents.TakeoverAllowed(gone.Server.Value, changed.Term.ToString()).FollowingFrom(gone.CauseId));
        Report();
    }

    private void OnGrant(GrantChanged changed)
    {
        if (changed.State is GrantState.Expired or GrantState.Ended)
        {
            var ended = _ids.Sign(CaEvents.GrantEnded(changed.Reason));
            _events.Tell(ended);
            if (changed.State == GrantState.Expired)
                _readers.ResourceControl.Tell(new EverythingKilled($"the grant of {_self} ran out: {changed.Reason}", ended.EventId));
        }

        Change(_state.OnGrant(changed));
    }

    private void OnSuperseded(Superseded superseded)
    {
        var winner = _config.Servers[superseded.ByServer].Name;
        string? cause = null;

        // Where the peer's record came first, over the link, the group itself has said so and given way.
        foreach (var group in _own.Groups.Where(g => g.ActiveHere && g.Record.Owner == _self))
        {
            var twice = _ids.Sign(RcEvents.GroupActiveTwice(group.Record.Group.Value));
            cause ??= twice.EventId;
            _events.Tell(twice);
            _events.Tell(RcEvents.BothActiveLoser(group.Record.Group.Value, _self.Value));
        }

        _readers.ResourceControl.Tell(new EverythingKilled($"term {superseded.NewTerm} of {winner} ended the claims of {_self}", cause));
    }

    private void OnChannel(ChannelChanged channel)
    {
        var before = _state.Channels;
        Change(_state.OnChannel(channel));
        if (ReferenceEquals(before, _state.Channels) || channel.Hearer != _config.IndexOf(_self))
            return;
        _losses.OnChannel(HeartbeatName(channel.Network), _config.Servers[channel.Heard].Name, channel.State);
        var (heartbeat, server) = (HeartbeatName(channel.Network), _config.Servers[channel.Heard].Name.Value);
        before.TryGetValue(new(channel.Network, channel.Heard), out var old);
        if (channel.State == ChannelState.Up && old?.State is not (ChannelState.Up or ChannelState.Late))
            _events.Tell(NmEvents.HeartbeatUp(heartbeat, server));
        else if (channel.State == ChannelState.Down && old?.State != ChannelState.Down)
            _events.Tell(NmEvents.HeartbeatDown(heartbeat, server));
    }

    private void OnLate(ChannelLate late)
    {
        if (late.Network >= _config.Heartbeats.Count)
            return;
        var server = late.Server < _config.Servers.Count ? _config.Servers[late.Server].Name.Value : null;
        _events.Tell(HeartbeatEvents.OfLate(_config.Heartbeats[late.Network], _self, server, late));
    }

    private void OnStall(StallReport stall)
    {
        _events.Tell(CaEvents.OwnStall($"{stall.Gap.TotalMilliseconds:0} ms"));
        foreach (var told in HeartbeatEvents.OfStall(_config, _self, stall.Gap))
            _events.Tell(told);
    }

    private string HeartbeatName(int network) => network < _config.Heartbeats.Count ? _config.Heartbeats[network].Name.Value : $"lanhb{network}";

    private void OnLinked(ServerLinked linked)
    {
        _events.Tell(CaEvents.LinkUp(linked.Server.Value));
        if (linked.ConfigHash != _config.Hash)
            _events.Tell(CaEvents.ConfigurationDiffers(_self.Value, ConfigHash.Short(_config.Hash), linked.Server.Value, ConfigHash.Short(linked.ConfigHash)));
        var differed = _state.ConfigurationsDiffer;
        Change(_state.OnLinkUp(linked.Server, linked.ConfigHash));
        if (differed && !_state.ConfigurationsDiffer)
            _events.Tell(CaEvents.ConfigurationAgrees(ConfigHash.Short(_config.Hash)));
        Send(linked.Server, Compose());
    }

    private void OnUnlinked(ServerUnlinked unlinked)
    {
        _events.Tell(CaEvents.LinkDown(unlinked.Server.Value, unlinked.Reason));
        Change(_state.OnLinkDown(unlinked.Server));
    }

    private void OnReport(ServerReport report)
    {
        // The first one over a link: its sender has the link up by now and may not have had when ours was sent.
        var isFirst = _state.Members.Any(m => m.Server == report.Server && m is { IsSelf: false, LinkUp: true, Report: null });
        Change(_state.OnReport(report, _time.GetTimestamp()));
        if (isFirst)
            Send(report.Server, Compose());
        _readers.ResourceControl.Tell(report);
        foreach (var heartbeat in _losses.OnReport(report))
            _events.Tell(CaEvents.OneWayLoss(report.Server.Value, _self.Value, heartbeat));
        if (report.Wishes is { } wishes && wishes.IsNewerThan(_state.Wishes))
            _readers.Wishes.Tell(new PeerWishes(wishes));
    }

    /// <summary>Until the keeper has told what was stored, a suspension or a standby may be in force: the planner must not take silence for "none".</summary>
    private void OnReaders(ViewReaders readers)
    {
        _readers = readers;
        _state = _state with { WishesLoaded = _wishesHeard || readers.Wishes.Equals(ActorRefs.Nobody) };
        Publish();
    }

    private void OnWishes(WishesKnown known)
    {
        _wishesHeard = true;
        _state = _state with { Wishes = known.Wishes, WishesLoaded = true };
        Report();
    }

    /// <summary>The others say that this server is up; here the end of its wait does. What comes to it from now on follows from that.</summary>
    private void OnStartupWait(StartupWaitChanged changed)
    {
        var next = _state with { StartupWait = changed.Wait };
        Change(changed.CauseId is { } over ? next.WithCause(_self, over) : next);
    }

    /// <summary>A coordinator's wish to raise the term; the guardian decides.</summary>
    private void OnRaiseTerm(RaiseTermFor wish)
    {
        var mask = wish.Servers.Aggregate(0u, (bits, server) => bits | (1u << _config.IndexOf(server)));
        var confirmed = wish.Confirmed.Aggregate(0u, (bits, server) => bits | (1u << _config.IndexOf(server)));
        _guardian.AskAsync(new RaiseTerm(wish.Decided, mask, confirmed, wish.Reason) { ArbiterVote = wish.ArbiterVote }, AnswerLimit)
            .PipeTo(Sender, success: reply => new RaiseTermAnswer(reply.Succeeded, reply.Sentence), failure: e => new RaiseTermAnswer(false, e.Message));
    }

    private void Change(MembershipState next)
    {
        var before = _state;
        _state = next;
        Announce(before);
        WatchMissing();
        // The others follow only who says so, and a third server takes nobody for gone whom this one hears or meets.
        if (_state.View.Decides(_config) != _decides || (_config.Servers.Count > 2 && (HearsOthers(before) || !_state.View.Meets.SequenceEqual(_meets ?? []))))
            Report();
        else
            Publish();
    }

    /// <summary>Servers meet each other one by one: who misses another one only for so long is not passed over.</summary>
    private void WatchMissing()
    {
        if (_config.Servers.Count < 3)
            return;
        var missing = _state.View.MissingSomebody;
        foreach (var again in _missingSomebody.Except(missing).ToList())
        {
            _missingSomebody.Remove(again);
            Timers.Cancel($"missing {again}");
            _state = PassingOver(_state.PassedOver.Remove(again));
        }

        foreach (var server in missing.Where(_missingSomebody.Add))
            Timers.StartSingleTimer($"missing {server}", new StillMissing(server), _config.Heartbeat.Timeout);
    }

    private MembershipState PassingOver(ImmutableHashSet<ServerName> servers)
    {
        if (servers != _state.PassedOver)
            Context.System.EventStream.Publish(new PassedOverChanged(servers));
        return _state with { PassedOver = servers };
    }

    private bool HearsOthers(MembershipState before) => before.Members.Zip(_state.Members).Any(pair => pair.First.IsHeard != pair.Second.IsHeard);

    private void Announce(MembershipState before)
    {
        // By the state, not by the note: a table may have told it first.
        foreach (var device in _state.Devices.Values.Where(d => before.Devices.GetValueOrDefault(d.Network)?.State != d.State))
        {
            if (HeartbeatEvents.OfDevice(_config.Heartbeats[device.Network], _self, device) is { } told)
                _events.Tell(told);
            AnnounceUsability(device);
        }

        foreach (var (old, now) in before.Members.Zip(_state.Members).Where(pair => !pair.First.IsSelf && pair.First.State != pair.Second.State))
        {
            var wasThere = old.State is ServerState.Up or ServerState.Suspected or ServerState.DaemonRestarting;
            var isThere = now.State is ServerState.Up or ServerState.Suspected or ServerState.DaemonRestarting;
            if (isThere && !wasThere)
                Tell(now, NmEvents.ServerUp(now.Server.Value), null);
            else if (now.State == ServerState.Down)
                Tell(now, NmEvents.ServerDown(now.Server.Value), old.State == ServerState.Suspected ? now.CauseId : CauseOfLeaving(now));
            else if (now.State == ServerState.Clean)
                Tell(now, CaEvents.ServerClean(now.Server.Value, now.Term.ToString()), CauseOfLeaving(now));
            else if (now.State == ServerState.Suspected && old.State == ServerState.Up)
                Tell(now, CaEvents.ServerSuspected(now.Server.Value, LateHeartbeatsOf(now.Server)), null);
        }
    }

    /// <summary>The guardian tells the channels before the server.</summary>
    private string LateHeartbeatsOf(ServerName server)
    {
        var late = _state.Channels.Values.Where(c => c.Heard == server && c.State is ChannelState.Late or ChannelState.Down).Select(c => HeartbeatName(c.Network)).ToList();
        return late.Count > 0 ? string.Join(", ", late) : "a heartbeat";
    }

    private static string? CauseOfLeaving(Member member) => member.LastReport is { Leaving: true } last ? last.LeavingCauseId : null;

    /// <summary>What follows from the server's new state names this event.</summary>
    private void Tell(Member member, EventDraft about, string? causeId)
    {
        var told = _ids.Sign(about.FollowingFrom(causeId));
        _events.Tell(told);
        _state = _state.WithCause(member.Server, told.EventId!);
    }

    /// <summary>A device that is tried again and fails again was never of use in between.</summary>
    private void AnnounceUsability(ChannelDevice device)
    {
        if (device.State == DeviceState.Ready)
            _blind.Remove(device.Network);
        else if (device.State != DeviceState.Opening && _blind.Add(device.Network))
        {
            foreach (var unknown in HeartbeatEvents.OfUnknown(_config.Heartbeats[device.Network], _config, _self))
                _events.Tell(unknown);
        }
    }

    private void Publish()
    {
        // rc first: it checks orders against the view, and the coordinator's come from the same one.
        var view = _state.View;
        _readers.ResourceControl.Tell(view);
        foreach (var reader in _readers.Readers.Where(r => !r.Equals(_readers.ResourceControl)))
            reader.Tell(view);
    }

    private void Report()
    {
        var decides = _state.View.Decides(_config);
        // Of a server that decides again, after another one has in the same term, nobody may seem to have followed it all the time.
        if (decides && !_decides && _config.Servers.Count > 2)
            BeginLife();
        _decides = decides;
        _meets = _config.Servers.Count > 2 ? _state.View.Meets : null;
        var report = Compose();
        Change(_state.OnOwnReport(report, _time.GetTimestamp()));
        foreach (var member in _state.Members.Where(m => m.LinkUp && !m.IsSelf))
            Send(member.Server, report);
    }

    private void BeginLife() => _life = Math.Max(_life + 1, _time.GetTimestamp());

    private ServerReport Compose()
    {
        var view = _state.View;
        var own = view.Own;
        // rc has not seen a term that is new here; without this the first report in it would invite those it was raised over to decide.
        IReadOnlyList<ServerName> isOut = [.. _own.Out.Union(view.Members.Where(m => m.IsExcluded).Select(m => m.Server))];
        var hears = _state.Channels.Values.Select(c => new HeardChannel(HeartbeatName(c.Network), c.Heard, c.State.ToString())).ToList();
        // On itself: whether the heartbeat can be used here at all.
        hears.AddRange(_config.Heartbeats.Select((h, i) => new HeardChannel(h.Name.Value, _self, _state.View.Usable(h, i).ToString())));
        return new(_self, own.Incarnation, _state.Term, _config.Hash, ++_sequence, _own.Ready && _state.GuardianConnected, _leaving is not null, _state.View.GrantReason, _own.Groups, hears)
        {
            Life = _life,
            Decides = _decides,
            Meets = _meets,
            Follows = Follows(),
            Out = isOut,
            OutCauses = CausesOf(view, isOut),
            Wishes = _state.Wishes,
            LeavingCauseId = _leaving?.CauseId,
        };
    }

    /// <summary>What rc told before it knew of this term says nothing of the orders it has accepted by then, and so cannot be its word in this one.</summary>
    private Following? Follows() => _own.Term == _state.Term ? _own.Follows : _own.Follows is { } before ? before with { Coordinator = null } : null;

    private static IReadOnlyList<OutCause>? CausesOf(MembershipView view, IReadOnlyList<ServerName> servers)
    {
        List<OutCause> known = [.. view.Members.Where(m => m.OutCauseId is not null && servers.Contains(m.Server)).Select(m => new OutCause(m.Server, m.OutCauseId!))];
        return known.Count > 0 ? known : null;
    }

    private void Send(ServerName server, ServerReport report) => _nmOf(server).Tell(report, Self);

    private sealed record TableAnswered(Incarnation Incarnation, Reply Reply);

    private sealed record TableFailed(Incarnation Incarnation, Exception Cause);

    private sealed record AskTable(Incarnation Incarnation);

    /// <summary>The server has missed one that takes part here for as long as meeting may take.</summary>
    private sealed record StillMissing(ServerName Server);

    private sealed class SignDue
    {
        public static readonly SignDue Instance = new();
    }

    private sealed class ReportTick
    {
        public static readonly ReportTick Instance = new();
    }
}

/// <summary>What nm needs from the composition root.</summary>
/// <param name="NodeManagerOf">How to reach nm of another server.</param>
public sealed record NodeManagerSettings(
    ClusterConfig Config, ServerName Self, IGuardianLink Guardian, IActorRef Events, EventIds Ids, Func<ServerName, ICanTell> NodeManagerOf, TimeProvider Time)
{
    /// <summary>Time between two signs of life for the guardian.</summary>
    public TimeSpan SignInterval { get; init; } = GuardianSettings.UsualSignInterval;
}
