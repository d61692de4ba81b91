using System.Globalization;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Process;
using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Status;

/// <summary>Local knowledge to the status answer: pure, so that the screens can be tested from values.</summary>
internal static class StatusMapper
{
    public static ClusterStatus Map(ClusterConfig config, ServerName self, PlanShown shown, PhaseShown phase, TimeProvider time)
    {
        var membership = shown.Membership;
        var members = membership?.Members ?? [];
        return new ClusterStatus(
            config.Name, self.Value, phase.Phase.ToString(),
            phase.Phase == DaemonPhase.WaitingForServers ? string.Join(", ", phase.WaitingFor) : null,
            phase.Left?.TotalSeconds,
            (membership?.Term ?? Term.Zero).ToString(),
            shown.Plan?.Coordinator?.Value,
            config.OnPartition switch { PartitionPolicy.TakeOver => "take-over", PartitionPolicy.AskArbiters => "ask-arbiters", _ => "hold" },
            config.Hash,
            members.Any(m => m.LinkConfigHash is { } hash && hash != config.Hash),
            membership?.Wishes.Suspended ?? false,
            [.. members.Select(m => Server(config, membership!, m, time))],
            [.. config.Groups.Select(g => Group(g, shown, members))],
            [.. config.Heartbeats.Select((h, i) => Heartbeat(config, self, membership, h, i))])
        {
            Hold = membership?.Hold,
            Ratio = membership?.Wishes.RatioAt(time.GetUtcNow()) ?? 1,
            RatioUntil = membership?.Wishes is { RatioUntil: { } until } wishes && wishes.RatioAt(time.GetUtcNow()) > 1 ? until.ToString("u", CultureInfo.InvariantCulture) : null,
        };
    }

    public static string StateWords(GroupState state) => state switch
    {
        GroupState.OnlinePending => "Online Pending",
        GroupState.OfflinePending => "Offline Pending",
        GroupState.OnlineFailure => "Online Failure",
        GroupState.OfflineFailure => "Offline Failure",
        _ => state.ToString(),
    };

    private static ServerStatus Server(ClusterConfig config, MembershipView membership, Member member, TimeProvider time)
    {
        var age = member.IsSelf || member.LastReport is null ? 0 : time.GetElapsedTime(member.ReportedAt).TotalSeconds;
        var grant = member.IsSelf ? membership.GrantReason : member.LastReport?.Grant ?? "unknown";
        return new ServerStatus(member.Server.Value, StateOf(member), member.Detail, member.Incarnation.ToString(), grant, Math.Round(age, 1), member.IsSelf,
            [.. config.Heartbeats.Select((h, i) => Channel(membership, member, h, i))])
        {
            Mode = membership.Wishes.Of(member.Server)?.Mode.ToString(),
            ModeReason = membership.Wishes.Of(member.Server)?.Reason,
        };
    }

    private static string StateOf(Member member) => member.State switch
    {
        ServerState.Up => "Online",
        ServerState.Suspected or ServerState.DaemonRestarting => "Caution",
        ServerState.Unknown => "Unknown",
        _ => "Offline",
    };

    private static HeartbeatChannelStatus Channel(MembershipView membership, Member member, HeartbeatChannelConfig heartbeat, int index)
    {
        if (member.IsSelf)
        {
            if (membership.Usable(heartbeat, index) == ChannelState.Down)
                return new(heartbeat.Name.Value, "Error", 0) { Detail = membership.Devices.FirstOrDefault(d => d.Network == index)?.Detail ?? "" };
            var own = membership.Channels.Where(c => c.Network == index).ToList();
            var worst = own.Count == 0 ? ChannelState.Unknown : own.Max(c => c.State);
            return new(heartbeat.Name.Value, own.Any(c => c.State == ChannelState.Up) ? "Normal" : Words(worst), 0);
        }

        var channel = membership.Channels.FirstOrDefault(c => c.Network == index && c.Heard == member.Server);
        return new(heartbeat.Name.Value, Words(channel?.State ?? ChannelState.Unknown), Math.Round(channel?.SilentFor.TotalSeconds ?? 0, 2));
    }

    private static string Words(ChannelState state) => state switch
    {
        ChannelState.Up => "Normal",
        ChannelState.Late => "Caution",
        ChannelState.Down => "Error",
        _ => "Unknown",
    };

    private static GroupStatus Group(GroupConfig group, PlanShown shown, IReadOnlyList<Member> members)
    {
        var reports = members.Select(m => m.LastReport?.Groups.FirstOrDefault(g => g.Record.Group == group.Name)).OfType<GroupReport>().ToList();
        var record = reports.Aggregate(GroupRecord.Initial(group.Name), (merged, report) => merged.Merge(report.Record));
        var owner = members.FirstOrDefault(m => m.Server == record.Owner);
        var runs = owner?.LastReport?.Groups.FirstOrDefault(g => g.Record.Group == group.Name)?.ActiveHere ?? false;
        var lost = runs && owner is not null && !owner.IsSelf && owner.State is ServerState.Down or ServerState.Unknown;
        var details = owner?.LastReport?.Groups.FirstOrDefault(g => g.Record.Group == group.Name)?.Resources ?? [];
        return new GroupStatus(
            group.Name.Value,
            lost ? "Unknown" : StateWords(record.State),
            runs ? record.Owner?.Value : null,
            shown.Plan?.For(group.Name)?.Because.Sentence ?? record.Reason,
            record.Wish.ToString(),
            record.UnforgivenFailovers,
            group.FailoverThreshold,
            [.. group.Servers.Select(s => s.Value)],
            [.. group.Resources.Select(r => Resource(r, details.FirstOrDefault(d => d.Resource == r.Name), lost))]);
    }

    private static ResourceStatusDto Resource(ResourceConfig resource, ResourceStatus? status, bool lost) => new(
        resource.Name.Value, resource.Type,
        lost ? "Unknown" : StateWords((GroupState)(int)(status?.State ?? ResourceState.Offline)),
        status?.Restarts ?? 0, resource.Restarts, status?.Detail ?? "");

    private static HeartbeatStatus Heartbeat(ClusterConfig config, ServerName self, MembershipView? membership, HeartbeatChannelConfig heartbeat, int index)
    {
        var hears =
            from observer in config.Servers
            from subject in config.Servers
            select new HearsDto(observer.Name.Value, subject.Name.Value, Hears(membership, heartbeat, index, observer.Name, subject.Name));
        var pace = HeartbeatWords.Pace(config, heartbeat);
        var extends = pace.ExtendsGrant(config.Heartbeat.Grant);
        return new(
            heartbeat.Name.Value, heartbeat.Module, HeartbeatWords.Where(heartbeat, self), heartbeat.Priority, [.. hears],
            extends, extends ? "" : HeartbeatWords.Slow(pace, config.Heartbeat.Grant));
    }

    private static string Hears(MembershipView? membership, HeartbeatChannelConfig heartbeat, int index, ServerName observer, ServerName subject)
    {
        if (membership is null)
            return "-";
        if (observer == membership.Self && subject == observer)
            return Mark(membership.Usable(heartbeat, index).ToString());
        if (observer == membership.Self)
            return Mark(membership.Channels.FirstOrDefault(c => c.Network == index && c.Heard == subject)?.State.ToString());
        var report = membership.Find(observer).Report;
        return Mark(report?.Hears.FirstOrDefault(h => h.Heartbeat == heartbeat.Name.Value && h.Heard == subject)?.State);
    }

    private static string Mark(string? state) => state switch
    {
        nameof(ChannelState.Up) or nameof(ChannelState.Late) => "o",
        nameof(ChannelState.Down) => "x",
        _ => "-",
    };
}
