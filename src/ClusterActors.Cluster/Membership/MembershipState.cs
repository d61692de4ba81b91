using System.Collections.Immutable;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Membership;

/// <summary>
/// What nm has been told, as pure steps: the guardian's notes about beats, the links' comings and goings, and the reports of the
/// servers. It decides nothing.
/// </summary>
public sealed record MembershipState(
    ClusterConfig Config,
    ServerName Self,
    bool GuardianConnected,
    Term Term,
    uint Excluded,
    GrantState Grant,
    string GrantReason,
    ImmutableArray<Member> Members,
    ImmutableSortedDictionary<ChannelKey, OwnChannel> Channels,
    StartupWait? StartupWait)
{
    /// <summary>
    /// Held in a term whose own note is still to come, as after a raise: what is decided until then is decided in the old term, and for that one
    /// this grant says nothing.
    /// </summary>
    public GrantChanged? EarlyGrant { get; init; }

    /// <summary>Devices of the disk and serial heartbeats, by index of the heartbeat.</summary>
    public ImmutableDictionary<int, ChannelDevice> Devices { get; init; } = ImmutableDictionary<int, ChannelDevice>.Empty;

    /// <summary>Servers that another server says it receives over a network; told with every beat of the hearer.</summary>
    public ImmutableHashSet<HeardElsewhere> Elsewhere { get; init; } = [];

    /// <summary>Servers that have missed one of the others for longer than it takes to meet.</summary>
    public ImmutableHashSet<ServerName> PassedOver { get; init; } = [];

    /// <summary>What administrators want of the cluster as a whole, as far as this server has stored it.</summary>
    public ClusterWishes Wishes { get; init; } = ClusterWishes.None;

    /// <summary>False while the keeper of wishes has not told yet what this server has stored.</summary>
    public bool WishesLoaded { get; init; } = true;

    public static MembershipState Create(ClusterConfig config, ServerName self)
    {
        ArgumentNullException.ThrowIfNull(config);
        var members = config.Servers.Select((s, i) => new Member(
            s.Name, i, s.Name == self, s.Name == self ? ServerState.Up : ServerState.Unknown, default, Term.Zero, s.Name == self, false,
            false, false, false, null, null, 0, null, s.Name == self ? "starting" : "never heard")).ToImmutableArray();
        return new(config, self, false, Term.Zero, 0, GrantState.None, "no word from the guardian yet", members,
            ImmutableSortedDictionary<ChannelKey, OwnChannel>.Empty, NotYetDecided(config, self));
    }

    /// <summary>Until pm has looked, nothing may be started: the first complete view would else be taken for the end of the wait.</summary>
    private static StartupWait? NotYetDecided(ClusterConfig config, ServerName self) => config.Servers.Count < 2
        ? null
        : new([.. config.Servers.Select(s => s.Name).Where(s => s != self)], config.Startup.WaitForServers);

    /// <summary>A server is known to have another configuration than this one.</summary>
    public bool ConfigurationsDiffer => Members.Any(m => !m.IsSelf && m.LinkConfigHash is { } hash && hash != Config.Hash);

    /// <summary>What the grant rests on where votes count.</summary>
    public VotingState Voting { get; init; } = VotingState.None;

    public MembershipView View => new(Self, GuardianConnected, Term, Grant, GrantWords.Of(Voting, Grant, GrantReason, Config), [.. Members.Select(Judged)], [.. Channels.Values], StartupWait, Wishes)
    {
        IsAdopted = GrantTerm == Term,
        WasExcluded = (Excluded & (1u << Config.IndexOf(Self))) != 0,
        Hold = GrantWords.Hold(Voting),
        Devices = [.. Devices.Values],
        Elsewhere = Elsewhere,
        PassedOver = PassedOver,
        WishesLoaded = WishesLoaded,
    };

    /// <summary>
    /// Term in which the grant was last said to be held. A term that is raised or adopted is in force before every live server has shown it, and the
    /// guardian starts nothing until then; it says "held" anew when they have.
    /// </summary>
    public Term GrantTerm { get; init; }

    /// <summary>A greeting names the term but not whom it excludes: nothing is decided in it before the table says both.</summary>
    public MembershipState OnWelcome(Welcome welcome)
    {
        ArgumentNullException.ThrowIfNull(welcome);
        return (this with { Grant = welcome.Grant, GrantTerm = welcome.Term, GrantReason = Words(welcome.Grant) })
            .Change(Self, m => m with { Incarnation = welcome.Incarnation, IsUnclean = welcome.Flags.HasFlag(GuardianFlags.Unclean), HasPromised = welcome.Flags.HasFlag(GuardianFlags.DownAndClean), Detail = "running" });
    }

    public MembershipState OnGuardianLost() => this with { GuardianConnected = false, Grant = GrantState.None, GrantReason = "the guardian is not connected", EarlyGrant = null };

    public MembershipState OnTable(GuardianTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var next = (this with { GuardianConnected = true, Term = table.Term, Excluded = table.ExcludedServers, Grant = table.Grant, GrantTerm = table.Term, GrantReason = Words(table.Grant), EarlyGrant = null, Voting = table.Voting, Elsewhere = [] })
            .Change(Self, m => m with { Term = table.Term, IsUnclean = table.Flags.HasFlag(GuardianFlags.Unclean), HasPromised = table.Flags.HasFlag(GuardianFlags.DownAndClean) });
        next = table.Peers.Aggregate(next, (state, peer) => state.OnPeer(peer));
        next = table.Devices.Aggregate(next, (state, device) => state.OnDevice(device));
        return table.Channels.Aggregate(next, (state, channel) => state.OnChannel(channel));
    }

    /// <summary>The same state again changes nothing.</summary>
    public MembershipState OnDevice(ChannelDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Network >= Config.Heartbeats.Count || (Devices.TryGetValue(device.Network, out var known) && known.State == device.State))
            return this;
        return this with { Devices = Devices.SetItem(device.Network, device) };
    }

    public MembershipState OnTerm(TermChanged changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var next = (this with { Term = changed.Term, Excluded = changed.ExcludedServers }).Change(Self, m => m with { Term = changed.Term, HasPromised = false });
        return EarlyGrant is { } early && early.Term == changed.Term ? next.OnGrant(early) : next;
    }

    public MembershipState OnGrant(GrantChanged changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        if (changed.State == GrantState.Held && changed.Term > Term)
            return this with { EarlyGrant = changed };
        var next = this with { Grant = changed.State, GrantTerm = changed.Term, GrantReason = changed.Reason, EarlyGrant = null };
        return changed.State switch
        {
            GrantState.Ended => next.Change(Self, m => m with { HasPromised = true }),
            // No guardian holds a grant before it has cleaned up; that it has is told by nothing else.
            GrantState.Held => next.Change(Self, m => m with { IsUnclean = false }),
            _ => next,
        };
    }

    public MembershipState OnVoting(VotingChanged changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        return this with { Voting = changed.State };
    }

    public MembershipState OnPeer(PeerChanged peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.Server >= Members.Length)
            return this;
        return Change(Config.Servers[peer.Server].Name, m => m with
        {
            State = StateOf(peer),
            // A new life of its guardian killed all that ran there: what its daemon said before is of the past.
            Report = m.Report is { } report && report.Incarnation == peer.Incarnation ? report : null,
            Incarnation = peer.Incarnation,
            Term = peer.Term,
            IsUnclean = peer.Flags.HasFlag(GuardianFlags.Unclean),
            HasPromised = peer.Flags.HasFlag(GuardianFlags.DownAndClean),
            MayExclude = peer.MayExclude,
            Detail = Detail(peer),
        });
    }

    public MembershipState WithCause(ServerName server, string eventId) =>
        Change(server, m => m with { CauseId = eventId, LossId = m.State is ServerState.Down or ServerState.Clean ? eventId : m.LossId });

    public MembershipState OnChannel(ChannelChanged channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        if (channel.Heard >= Members.Length)
            return this;
        if (channel.Hearer != Config.IndexOf(Self))
            return OnOtherChannel(channel);
        var entry = new OwnChannel(channel.Network, Config.Servers[channel.Heard].Name, channel.State, channel.SilentFor);
        return this with { Channels = Channels.SetItem(new(channel.Network, channel.Heard), entry) };
    }

    /// <summary>Not by disk or serial line: their limits are longer than the timeout, and say for longer that a dead server is heard.</summary>
    private MembershipState OnOtherChannel(ChannelChanged channel)
    {
        if (channel.Heard == Config.IndexOf(Self) || (channel.Network < Config.Heartbeats.Count && Config.Heartbeats[channel.Network] is DeviceHeartbeatConfig))
            return this;
        var cell = new HeardElsewhere(channel.Network, channel.Hearer, channel.Heard);
        var next = channel.State is ChannelState.Up or ChannelState.Late ? Elsewhere.Add(cell) : Elsewhere.Remove(cell);
        return ReferenceEquals(next, Elsewhere) ? this : this with { Elsewhere = next };
    }

    public MembershipState OnLinkUp(ServerName server, string configHash) =>
        Change(server, m => m with { LinkUp = true, LinkConfigHash = configHash, Report = null });

    public MembershipState OnLinkDown(ServerName server) => Change(server, m => m with { LinkUp = false, Report = null });

    /// <summary>Ignores a report of another life of its guardian, or an older one of the same.</summary>
    public MembershipState OnReport(ServerReport report, long now)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Change(report.Server, m =>
            m.IsSelf || (m.LinkUp && (m.Report is null || m.Report.Sequence < report.Sequence))
                ? m with { Report = report, LastReport = report, ReportedAt = now }
                : m);
    }

    public MembershipState OnOwnReport(ServerReport report, long now) => Change(Self, m => m with { Report = report, LastReport = report, ReportedAt = now });

    private Member Judged(Member member) => member with
    {
        IsExcluded = !member.IsSelf && (Excluded & (1u << member.Index)) != 0 && (member.State == ServerState.Clean || (member.Term < Term && !MayHaveAdopted(member))),
        Report = member.Report is { } report && !member.IsSelf && report.Incarnation != member.Incarnation ? null : member.Report,
    };

    /// <summary>
    /// An excluded server that was never heard may have adopted the term before this guardian's life began, and run groups in it. A life that adopts the term
    /// relies on whom its maker counts as out; the next life of the maker, which promises to start nothing in that term, knows no more than anybody, however
    /// long the silence lasts.
    /// </summary>
    private bool MayHaveAdopted(Member member) => member.Incarnation == default && Members[Config.IndexOf(Self)].HasPromised;

    private MembershipState Change(ServerName server, Func<Member, Member> change)
    {
        var index = Config.IndexOf(server);
        return index < 0 ? this : this with { Members = Members.SetItem(index, change(Members[index])) };
    }

    private static ServerState StateOf(PeerChanged peer) => peer.State switch
    {
        PeerState.Clean => ServerState.Clean,
        PeerState.Down => ServerState.Down,
        PeerState.Up when peer.Daemon != DaemonState.Running => ServerState.DaemonRestarting,
        PeerState.Up => ServerState.Up,
        PeerState.Suspected when peer.Daemon != DaemonState.Running => ServerState.DaemonRestarting,
        PeerState.Suspected => ServerState.Suspected,
        _ => ServerState.Unknown,
    };

    private static string Detail(PeerChanged peer) => peer.State switch
    {
        PeerState.Clean => $"down and clean in term {peer.Term}",
        PeerState.Down => $"silent for {peer.SilentFor.TotalSeconds:0.0} s",
        PeerState.Unknown => "never heard",
        _ when peer.Flags.HasFlag(GuardianFlags.Unclean) => "its guardian is cleaning up",
        _ when peer.Daemon == DaemonState.Restarting => $"daemon restarting for {peer.DaemonSince.TotalSeconds:0.0} s",
        _ when peer.Daemon != DaemonState.Running => "its daemon does not run",
        PeerState.Suspected => $"some beats late, last heard {peer.SilentFor.TotalSeconds:0.0} s ago",
        _ => "running",
    };

    private static string Words(GrantState grant) => grant switch
    {
        GrantState.Held => "held, renewed with every beat",
        GrantState.Expired => "ran out in a stall of this server",
        GrantState.Ended => "ended by a higher term, by leaving or by making the server safe",
        _ => "not given yet",
    };
}
