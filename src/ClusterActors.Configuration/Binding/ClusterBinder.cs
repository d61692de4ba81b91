using ClusterActors.Hocon;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Configuration.Binding;

/// <summary>
/// Binds the whole file. Every part is bound as far as it can be, whatever is wrong elsewhere, so that one run reports everything;
/// the record that comes out is only handed on when nothing was wrong.
/// </summary>
internal sealed class ClusterBinder(BindingReport report, ClusterConfigOptions options)
{
    private static readonly string[] LaterSections = ["arbiters", "monitors", "alerts"];

    public (ClusterConfig? Config, ServerName? Self) Bind(ConfigObject written)
    {
        var start = written.Origin with { Line = Math.Max(1, written.Origin.Line) };
        var root = new Section(written, Reference.Config.Root, ConfigPath.Root, ConfigPath.Root, start, report);
        ReportForeignSections(root);

        var cluster = root.Child("cluster");
        var heartbeat = new HeartbeatBinder(report).Bind(cluster);
        var servers = new ServerBinder(report, root).Bind();
        var heartbeats = new ChannelBinder(report, root).Bind(servers, heartbeat);
        var groups = new GroupBinder(report, options, root, [.. servers.Select(s => s.Name.Value)]).Bind();
        var self = FindSelf(servers, root);
        var config = BindCluster(cluster, heartbeat, servers, heartbeats, groups);
        if (config is null) return (null, self);

        new CrossChecks(report, options, config, cluster).Run();
        return (config with { Hash = CanonicalConfig.Hash(config) }, self);
    }

    private void ReportForeignSections(Section root)
    {
        foreach (var name in LaterSections.Where(root.IsWritten))
            root.Complain(name, $"{name} is not available in this version; remove the section");
        if (root.IsWritten("profiles"))
            root.Complain("profiles", "profiles is part of the product and cannot be changed; write own numbers to cluster.heartbeat.interval and timeout");
        root.ReportUnknownKeys(refused: [.. LaterSections, "profiles"]);
    }

    private static ClusterConfig? BindCluster(
        Section cluster,
        HeartbeatConfig? heartbeat,
        IReadOnlyList<ServerConfig> servers,
        IReadOnlyList<HeartbeatChannelConfig> heartbeats,
        IReadOnlyList<GroupConfig> groups)
    {
        cluster.ReportUnknownKeys();
        var name = BindName(cluster);
        var policy = BindPolicy(cluster);
        var fence = cluster.Choice<FenceChoice>("fence");
        var wait = cluster.Duration("wait-for-servers", TimeSpan.Zero, TimeSpan.FromHours(24));
        var restart = cluster.Duration("daemon-restart-limit", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        var stop = cluster.Duration("daemon-stop-limit", TimeSpan.FromSeconds(1), TimeSpan.FromHours(24));
        var ports = BindPorts(cluster.Child("ports"));

        // With a problem in a single value the rest is still checked against each other: what is only checked further on does not
        // depend on the times and ports, so any stand-in will do, and the record is dropped because of the problem reported above.
        return servers.Count == 0 ? null : new ClusterConfig(
            name ?? "",
            "",
            policy ?? PartitionPolicy.Hold,
            heartbeat ?? new HeartbeatConfig("", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
            fence ?? FenceChoice.Auto,
            new StartupConfig(wait ?? TimeSpan.Zero),
            new DaemonConfig(restart ?? TimeSpan.Zero, stop ?? TimeSpan.Zero),
            ports ?? new PortsConfig(0, 0, 0),
            servers,
            heartbeats,
            groups);
    }

    private static string? BindName(Section cluster)
    {
        if (!cluster.Require("name", "write name = a word of 1 to 32 letters, digits, '-' or '_'") || cluster.Text("name") is not { } name) return null;
        if (name.Length <= 32 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return name;
        cluster.Complain("name", $"{cluster.FullPath("name")} is '{name}'; it must be 1 to 32 letters, digits, '-' or '_'");
        return null;
    }

    private static PartitionPolicy? BindPolicy(Section cluster)
    {
        const string Explanation = "write on-partition = hold (a silent server is taken over only by an administrator or on proof that it is down) "
            + "or on-partition = take-over (silence for the timeout is enough; when only the network was cut, both sides run until they meet again)";
        if (!cluster.Require("on-partition", Explanation)) return null;
        var policy = cluster.Choice<PartitionPolicy>("on-partition");
        if (policy == PartitionPolicy.AskArbiters)
            cluster.Complain("on-partition", $"{cluster.FullPath("on-partition")} is 'ask-arbiters', but arbiters are not available in this version; {Explanation}");
        return policy;
    }

    private static PortsConfig? BindPorts(Section ports)
    {
        ports.ReportUnknownKeys();
        var nodeLink = ports.Integer("node-link", 1, 65535);
        var heartbeat = ports.Integer("heartbeat", 1, 65535);
        var manager = ports.Integer("manager", 1, 65535);
        if (nodeLink is not null && nodeLink == manager)
            ports.Complain("manager", $"{ports.FullPath("manager")} and {ports.FullPath("node-link")} are both TCP port {nodeLink}; they must differ");
        return nodeLink is { } link && heartbeat is { } beats && manager is { } control ? new PortsConfig(link, beats, control) : null;
    }

    private ServerName? FindSelf(IReadOnlyList<ServerConfig> servers, Section root)
    {
        if (options.HostName is not { Length: > 0 } host || servers.Count == 0) return null;
        var shortName = host.Split('.')[0];
        var self = servers.FirstOrDefault(s => s.Name == new ServerName(host)) ?? servers.FirstOrDefault(s => s.Name == new ServerName(shortName));
        if (self is not null) return self.Name;
        root.Complain(
            "servers",
            $"this host is named '{host}', but the servers are {Words.List(servers.Select(s => s.Name.Value))}{Words.DidYouMean(shortName, servers.Select(s => s.Name.Value))}; "
            + "name the server as its host, or rename the host");
        return null;
    }

    /// <summary>Most servers and heartbeats that the beats' matrix has room for.</summary>
    internal static readonly int MaxServers = GuardianSettings.MaxServers;

    /// <summary>See <see cref="MaxServers"/>.</summary>
    internal static readonly int MaxNetworks = GuardianSettings.MaxNetworks;
}
