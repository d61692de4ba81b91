using System.Text;
using ClusterActors.Control;

namespace ClusterActors.Cli.Screens;

/// <summary><c>clpstat -s</c>: servers with heartbeats, groups with resources, and a sentence wherever something is not as it should be.</summary>
internal static class StatusScreen
{
    public static string Render(ClusterStatus status)
    {
        var text = new StringBuilder(2048).Title("CLUSTER STATUS");
        Cluster(text, status);
        Warnings(text, status);
        text.Append("  <server>\n");
        foreach (var server in status.Servers)
            Server(text, server, status);
        text.Append("  <group>\n");
        foreach (var group in status.Groups)
            Group(text, group);
        return text.End().ToString();
    }

    private static void Cluster(StringBuilder text, ClusterStatus status)
    {
        text.Append("  Cluster : ").Append(status.Cluster).Append('\n');
        text.Append("  Term    : ").Append(status.Term).Append("   coordinator ").Append(status.Coordinator ?? "none yet")
            .Append("   on partition ").Append(status.OnPartition).Append('\n');
        if (status.Phase != "Running")
            text.Append("  Phase   : ").Append(Phase(status.Phase)).Append('\n');
        if (status.WaitingFor is { } waiting)
            text.Append("  Waiting : ").Append(waiting)
                .Append(status.WaitSecondsLeft is { } left ? $" ({Layout.Seconds(left)} s left; clp cluster start --alone --reason TEXT ends the wait)" : "").Append('\n');
        if (status.Suspended)
            text.Append("  Suspend : monitoring and automatic failover are suspended\n");
        if (status.RatioUntil is { } until)
            text.Append("  Ratio   : timeouts are stretched by ").Append(status.Ratio).Append(" until ").Append(until).Append('\n');
        if (status.ConfigDiffers)
            text.Append("  Config  : cluster.conf differs between the servers: no automatic takeover until it is equal\n");
    }

    private static void Warnings(StringBuilder text, ClusterStatus status)
    {
        foreach (var warning in status.Warnings)
            text.Append("  WARNING : ").Append(warning).Append('\n');
    }

    private static string Phase(string phase) => phase switch
    {
        "Starting" => "starting",
        "WaitingForServers" => "waiting for servers",
        "Stopping" => "stopping",
        _ => phase,
    };

    private static void Server(StringBuilder text, ServerStatus server, ClusterStatus status)
    {
        var age = server.IsSelf ? "" : $"as of {Layout.Seconds(server.AgeSeconds)} s ago";
        text.Head(server.Name, server.IsSelf, server.State, age);
        if (server.State != "Online" && server.Detail.Length > 0)
            text.Part("reason", server.Detail);
        if (server.Mode is { } mode)
            text.Part("mode", mode, server.ModeReason ?? "");
        if (server.Grant.Length > 0)
            text.Part("grant", server.Grant);
        foreach (var heartbeat in server.Heartbeats)
            text.Part(heartbeat.Name, heartbeat.State, Heartbeat(heartbeat, status));
    }

    private static string Heartbeat(HeartbeatChannelStatus channel, ClusterStatus status)
    {
        var kind = Kind(channel, status);
        var words = kind is null ? "" : $"{kind.Type.ToUpperInvariant()} Heartbeat {kind.Network}".TrimEnd();
        if (channel.Detail.Length > 0)
            return $"{words}: {channel.Detail}";
        return channel.State is "Normal" or "Unknown" ? words : $"{words}, silent for {Layout.Seconds(channel.SilentForSeconds)} s".TrimStart(',', ' ');
    }

    private static HeartbeatStatus? Kind(HeartbeatChannelStatus channel, ClusterStatus status)
    {
        foreach (var candidate in status.Heartbeats)
        {
            if (candidate.Name == channel.Name)
                return candidate;
        }

        return null;
    }

    private static void Group(StringBuilder text, GroupStatus group)
    {
        text.Head(group.Name, star: false, group.State, group.Failovers > 0 ? $"failover {group.Failovers} of {group.FailoverThreshold}" : "");
        text.Part("current", group.CurrentServer ?? "none");
        if (group.Reason.Length > 0)
            text.Part("reason", group.Reason);
        foreach (var resource in group.Resources)
            text.Part(resource.Name, resource.State, Resource(resource));
    }

    private static string Resource(ResourceStatusDto resource)
    {
        var words = resource.Type;
        if (resource.Restarts > 0)
            words += $", restart {resource.Restarts} of {resource.RestartLimit}";
        return resource.State is "Online" or "Offline" || resource.Detail.Length == 0 ? words : $"{words}: {resource.Detail}";
    }
}
