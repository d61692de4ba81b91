using System.Collections.Immutable;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Membership;

/// <summary>State of one heartbeat channel that ends at this server.</summary>
public sealed record OwnChannel(int Network, ServerName Heard, ChannelState State, TimeSpan SilentFor);

/// <summary>
/// Everything nm knows at one instant, as an immutable value: what the coordinator decides from and what status shows.
/// </summary>
/// <param name="GuardianConnected">False while the guardian is not reachable: nothing may be decided then.</param>
/// <param name="StartupWait">The count-down while it runs.</param>
public sealed record MembershipView(
    ServerName Self,
    bool GuardianConnected,
    Term Term,
    GrantState Grant,
    string GrantReason,
    IReadOnlyList<Member> Members,
    IReadOnlyList<OwnChannel> Channels,
    StartupWait? StartupWait,
    ClusterWishes Wishes)
{
    /// <summary>Every live server has shown the term in force; until then the guardian starts nothing in it.</summary>
    public bool IsAdopted { get; init; } = true;

    /// <summary>The term in force ended this server's own claims of earlier terms.</summary>
    public bool WasExcluded { get; init; }

    /// <summary>This server's hold promise and what it costs; null while none is in force.</summary>
    public string? Hold { get; init; }

    /// <summary>Servers that others receive over a network, by the hearer's beats.</summary>
    public ImmutableHashSet<HeardElsewhere> Elsewhere { get; init; } = [];

    /// <summary>Servers that have missed one of the others for longer than it takes to meet, while this one meets both: the next one decides instead.</summary>
    public ImmutableHashSet<ServerName> PassedOver { get; init; } = [];

    /// <summary>Devices of the disk and serial heartbeats of this server.</summary>
    public IReadOnlyList<ChannelDevice> Devices { get; init; } = [];

    /// <summary>False while it is not known what administrators want of the cluster: nothing automatic happens then, as if they had suspended it.</summary>
    public bool WishesLoaded { get; init; } = true;

    /// <summary>Whether a heartbeat can be used on this server at all: a network always, a device when it works.</summary>
    public ChannelState Usable(HeartbeatChannelConfig heartbeat, int index) =>
        !GuardianConnected || heartbeat is DeviceHeartbeatConfig device && device.DeviceOf(Self) is null ? ChannelState.Unknown
        : heartbeat is not DeviceHeartbeatConfig ? ChannelState.Up
        : Devices.FirstOrDefault(d => d.Network == index)?.State switch
        {
            DeviceState.Ready => ChannelState.Up,
            null or DeviceState.Opening => ChannelState.Unknown,
            _ => ChannelState.Down,
        };

    public Member Own => Find(Self);

    public Member Find(ServerName server) => Members.First(m => m.Server == server);

    /// <summary>
    /// The planner's view. It is valid when each configured server either takes part or is provably out: then nobody who is not asked
    /// can run anything.
    /// </summary>
    /// <param name="proven">Servers that are proven to run nothing, each with the sentence.</param>
    public ClusterView ToClusterView(ClusterConfig config, IReadOnlyDictionary<ServerName, string>? proven = null) =>
        Build(config, Term, m => m.IsExcluded, grantIsGiven: Grant == GrantState.Held, proven);

    /// <summary>
    /// The view as it would be if the term were raised over every server that is gone and may be excluded; used to find out whether
    /// raising it would let anything start.
    /// </summary>
    /// <param name="confirmed">Servers that an administrator has confirmed to be off.</param>
    /// <param name="proven">Servers that are proven to run nothing, each with the sentence.</param>
    public ClusterView IfRaised(ClusterConfig config, IReadOnlyCollection<ServerName> confirmed, IReadOnlyDictionary<ServerName, string>? proven = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        var excluded = ToExclude(confirmed).Select(m => m.Server).ToHashSet();
        return Build(config, new Term(Term.Number + 1, Own.Index), m => excluded.Contains(m.Server),
            // Where votes count, a grant that ran out is given again by the votes behind the new term.
            grantIsGiven: Grant is GrantState.Held or GrantState.None or GrantState.Ended || (Grant == GrantState.Expired && config.OnPartition == PartitionPolicy.AskArbiters),
            proven);
    }

    /// <summary>Servers the term would be raised over: those that are gone and may be excluded, and those that already are.</summary>
    public IReadOnlyList<Member> ToExclude(IReadOnlyCollection<ServerName> confirmed) =>
        [.. Members.Where(m => !m.IsSelf && (MayBeLeftOut(m) || confirmed.Contains(m.Server)))];

    /// <summary>The first server, in configured order, that takes part, whose daemon runs, and that is not passed over; for one that cannot know that of itself, the one that says it decides.</summary>
    public ServerName? Coordinator(ClusterConfig config) => ToClusterView(config).Coordinator;

    /// <summary>This server is the coordinator and could decide as soon as the others follow it.</summary>
    public bool Decides(ClusterConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var (taking, open) = Sides(m => m.IsExcluded);
        return First(taking) is { IsSelf: true } && Standing(Term, taking, open, m => m.IsExcluded, Grant == GrantState.Held).IsValid;
    }

    /// <summary>Servers that take part, as this one sees it, itself included.</summary>
    public IReadOnlyList<ServerName> Meets => [.. Sides(m => m.IsExcluded).Taking.Select(m => m.Server)];

    /// <summary>
    /// Servers that take part here and miss one that does so too, as the ends of a chain do: their own views cannot be valid, so they neither decide nor accept a
    /// start. Empty while one is of a release that does not tell whom it meets.
    /// </summary>
    public IReadOnlyList<ServerName> MissingSomebody
    {
        get
        {
            var taking = Sides(m => m.IsExcluded).Taking;
            return taking.Any(m => m.Report!.Meets is null) ? [] : [.. taking.Where(m => !m.IsSelf && MissedBy(m, taking) is not null).Select(m => m.Server)];
        }
    }

    /// <summary>
    /// Ends of a chain know not of everybody; and a term, which would let those start something that have promised not to, is not raised by a stand-in. Otherwise a server
    /// that cannot start yet soon can, and refuses meanwhile.
    /// </summary>
    private string? WhyNoStart(Member member, List<Member> taking) =>
        PassedOver.IsEmpty ? null
        : PassedOver.Contains(member.Server) && MissedBy(member, taking) is { } missed ? $"does not meet {missed}, so it accepts no start"
        : member.HasPromised ? "starts nothing before the next term, and that waits until all meet again"
        : null;

    private static ServerName? MissedBy(Member member, List<Member> taking) => taking.Find(other => member.Report!.Meets?.Contains(other.Server) == false)?.Server;

    /// <summary>
    /// Whose orders this server should carry out: the first one that takes part and says itself that it decides. One that is first but
    /// cannot decide, as it does not meet all others, must not keep the next one from it.
    /// </summary>
    public Member? ToFollow() => Sides(m => m.IsExcluded).Taking.FirstOrDefault(m => m.Report?.Decides ?? true);

    /// <summary>Members that promised to start nothing in this term: a life that has just begun, or one that was made safe.</summary>
    public IReadOnlyList<Member> Promised => [.. Members.Where(m => m.HasPromised && m.TakesPart(Term) && m.Report is { Leaving: false })];

    /// <summary>
    /// One whose daemon has just told of a later term, over a link that healed before its beats came, is not gone but ahead: to raise the
    /// term over it would end what it has taken over. When it is gone after all, the link says so soon.
    /// </summary>
    private bool MayBeLeftOut(Member member) => member.IsExcluded
        || (member.MayExclude && !member.IsAhead(Term)
            && (member.State == ServerState.Clean || (member.State is (ServerState.Down or ServerState.Unknown) && !IsReceivedElsewhere(member))));

    /// <summary>
    /// Where another server that takes part hears it, silence is the fault of a link between two: of three servers in such a chain the two ends would
    /// else take everything over from each other again and again, each with the help of the one between. That server's report comes at once when it
    /// hears no more, and its beats tell the same where a report is out of date: so both must say that it hears.
    /// </summary>
    public bool IsReceivedElsewhere(Member member) => Members.Any(m => !m.IsSelf && m.TakesPart(Term) && m.Report!.Receives(member.Server)
        && Elsewhere.Any(cell => cell.Hearer == m.Index && cell.Heard == member.Index));

    private ClusterView Build(ClusterConfig config, Term term, Func<Member, bool> isOut, bool grantIsGiven, IReadOnlyDictionary<ServerName, string>? proven)
    {
        ArgumentNullException.ThrowIfNull(config);
        var (taking, open) = Sides(isOut);
        var standing = Standing(term, taking, open, isOut, grantIsGiven);
        if (!standing.IsValid && term == Term && Decider(taking) is { } decider)
            standing = standing with { Sentence = $"{standing.Sentence}; {decider.Server} meets all and decides" };
        if (standing.IsValid && term == Term && First(taking) is { IsSelf: true } && taking.FirstOrDefault(m => !FollowsThis(m)) is { } other)
            standing = new(false, $"{other.Server} does not carry out the orders of {Self} yet") { SettlesSoon = true };
        var servers = Members.Select(m => new ServerView(
            m.Server,
            m.State,
            isOut(m) ? $"term {term} was raised over {m.Server}" : null,
            m.IsSelf ? config.Hash : m.LinkConfigHash,
            m.Report?.Leaving ?? false,
            m.Report is { Leaving: true } leaving ? leaving.LeavingCauseId : isOut(m) ? m.LossId ?? ToldCause(taking, m.Server) ?? m.CauseId : m.CauseId)
        {
            Proof = proven?.GetValueOrDefault(m.Server),
            Mode = Wishes.Of(m.Server)?.Mode ?? ServerMode.Normal,
            ModeReason = Wishes.Of(m.Server)?.Reason ?? "",
            ModeCauseId = Wishes.Of(m.Server)?.CauseId,
            WhyNoStart = term == Term ? WhyNoStart(m, taking) : null,
        }).ToList();
        var groups = config.Groups.Select(g => Forgiven(BeingStarted(GroupView.From(g.Name, Reports(taking, g.Name)), taking))).ToList();
        return new ClusterView(term, [.. taking.Select(m => m.Server)], standing, servers, groups, StartupWait, Wishes.Suspended || !WishesLoaded)
        {
            WishesUnknown = WishesLoaded ? null : $"{Self} cannot read from its journal what administrators want of the cluster",
            // A term is not raised by one that decides in the place of another: those that miss each other would not adopt it.
            Coordinator = (term == Term ? Decider(taking) ?? First(taking) : taking.FirstOrDefault())?.Server,
        };
    }

    private Member? First(List<Member> taking) => taking.FirstOrDefault(m => !PassedOver.Contains(m.Server)) ?? taking.FirstOrDefault();

    /// <summary>One that misses somebody cannot tell by itself who decides in its place, but that one says so.</summary>
    private Member? Decider(List<Member> taking) => Own.Report?.Decides == false ? taking.FirstOrDefault(m => m.Report!.Decides == true) : null;

    private (List<Member> Taking, List<Member> Open) Sides(Func<Member, bool> isOut)
    {
        var taking = Members.Where(m => m.TakesPart(Term) && !isOut(m) && (m.IsSelf || !m.Report!.Out.Contains(Self))).ToList();
        return (taking, [.. Members.Where(m => !taking.Contains(m) && !isOut(m))]);
    }

    /// <summary>
    /// A term ended what the servers it excludes ran before, not what they run since they have adopted it. A server that came later and has not heard one
    /// of them cannot know which it is; those that were there can, and tell whom they count as out.
    /// </summary>
    private string? WhyNotAllOut(List<Member> taking, Func<Member, bool> isOut)
    {
        foreach (var gone in Members.Where(isOut))
        {
            if (taking.FirstOrDefault(m => !m.IsSelf && !m.Report!.Out.Contains(gone.Server)) is { } other)
                return $"{other.Server} does not count {gone.Server} as out";
        }

        return null;
    }

    /// <summary>A life that began after the loss of a server has seen nothing of it; those that were there have, and tell.</summary>
    private static string? ToldCause(List<Member> taking, ServerName gone) =>
        taking.Where(m => !m.IsSelf).SelectMany(m => m.Report!.OutCauses ?? []).FirstOrDefault(c => c.Server == gone)?.CauseId;

    private bool FollowsThis(Member member) => member.Report!.Follows is not { } follows || (follows.Coordinator == Self && follows.Life == Own.Report!.Life);

    /// <summary>A start that was accepted and is not in the record yet is one all the same: the older state would ask for other orders.</summary>
    private static GroupView BeingStarted(GroupView group, List<Member> taking) => group with
    {
        Sightings = [.. group.Sightings.Select(s => s is { ActiveHere: true, State: GroupState.Offline or GroupState.OnlineFailure }
            && taking.First(m => m.Server == s.Server).Report!.Groups.First(g => g.Record.Group == group.Record.Group)
                .Resources.Any(r => r.State == ResourceState.OnlinePending) ? s with { State = GroupState.OnlinePending } : s)],
    };

    /// <summary>
    /// For the planner failures that an administrator has forgiven did not happen: it would count them for ever otherwise.
    /// </summary>
    private static GroupView Forgiven(GroupView group)
    {
        var record = group.Record;
        if (record.FailedOn.Count == record.UnforgivenFailures.Count && record.Failovers == record.UnforgivenFailovers && record.FoundActive == record.UnforgivenFinding())
            return group;
        var state = record.State == GroupState.OnlineFailure && !group.Sightings.Any(s => s.MayRun) ? GroupState.Offline : record.State;
        return group with { Record = record with { State = state, FailedOn = record.UnforgivenFailures, Failovers = record.UnforgivenFailovers, FoundActive = record.UnforgivenFinding() } };
    }

    private ViewStanding Standing(Term term, List<Member> taking, List<Member> open, Func<Member, bool> isOut, bool grantIsGiven)
    {
        if (!GuardianConnected)
            return new(false, "the guardian of this server is not connected");
        if (!grantIsGiven)
            return new(false, $"this server may not run groups: {GrantReason}");
        if (term == Term && !IsAdopted)
            return new(false, $"not every live server has adopted term {term} yet");
        if (open.Count > 0)
            return new(false, "not known to be out: " + string.Join(", ", open.Select(m => $"{m.Server} ({m.Detail})")));
        return term == Term && WhyNotAllOut(taking, isOut) is { } disagreement
            ? new(false, disagreement)
            : new(true, $"every server takes part in term {term} or is provably out");
    }

    private static List<MemberReport> Reports(List<Member> taking, GroupName group) =>
        [.. taking.SelectMany(m => m.Report!.Groups.Where(g => g.Record.Group == group).Select(g => new MemberReport(m.Server, g)))];
}
