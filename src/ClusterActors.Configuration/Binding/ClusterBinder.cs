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
    private static readonly string[] LaterSections = ["monitors", "alerts"];

    /// <summary>No server has the name of this host.</summary>
    public bool HostIsUnknown { get; private set; }

    public (ClusterConfig? Config, ServerName? Self) Bind(ConfigObject written)
    {
        var start = written.Origin with { Line = Math.Max(1, written.Origin.Line) };
        var root = new Section(written, Reference.Config.Root, ConfigPath.Root, ConfigPath.Root, start, report);
        ReportForeignSections(root);

        var cluster = root.Child("cluster");
        var servers = new ServerBinder(report, root).Bind();
        var binder = new ArbiterBinder(report, root);
        var arbiters = binder.Bind(servers);
        var policy = BindPolicy(cluster);
        new ArbiterChecks(report, cluster).Run(policy, arbiters, servers.Count, binder.IsComplete);
        var heartbeat = new HeartbeatBinder(report).Bind(cluster, policy, arbiters, servers.Count);
        var heartbeats = new ChannelBinder(report, root).Bind(servers, heartbeat);
        var groups = new GroupBinder(report, options, root, [.. servers.Select(s => s.Name.Value)]).Bind();
        var self = FindSelf(servers, root);
        var config = BindCluster(cluster, policy, heartbeat, servers, heartbeats, groups);
        var partition = BindPartition(cluster);
        if (config is null) return (null, self);
        config = config with { Arbiters = arbiters, Partition = partition };

        new ArbiterChecks(report, cluster).CheckTimes(config);
        var known = new KnownParts(heartbeats.Count == root.CountOf("heartbeats"), binder.IsComplete);
        new CrossChecks(report, options, config, cluster, known).Run();
        if (!report.HasProblems && !(known is { Heartbeats: true, Arbiters: true } && heartbeat is not null && policy is not null && partition is not null && config.Ports.NodeLink > 0))
            root.Complain("cluster", "a part of the configuration was left out although nothing is wrong with it; this is a fault of the program, please report it");
        return (config with { Hash = CanonicalConfig.Hash(config) }, self);
    }

    private void ReportForeignSections(Section root)
    {
        foreach (var name in LaterSections.Where(root.IsWritten))
            root.Complain(name, $"{name} is not available in this version; remove the section");
        if (root.IsWritten("profiles"))
            root.Complain("profiles", "profiles is part of the product and cannot be changed; write own numbers to cluster.heartbeat.interval and timeout");
        if (root.IsWritten("arbiter-types"))
            root.Complain("arbiter-types", "arbiter-types is part of the product and cannot be changed; write the keys to arbiters.NAME");
        root.ReportUnknownKeys(refused: [.. LaterSections, "profiles", "arbiter-types"]);
    }

    private static ClusterConfig? BindCluster(
        Section cluster,
        PartitionPolicy? policy,
        HeartbeatConfig? heartbeat,
        IReadOnlyList<ServerConfig> servers,
        IReadOnlyList<HeartbeatChannelConfig> heartbeats,
        IReadOnlyList<GroupConfig> groups)
    {
        cluster.ReportUnknownKeys();
        var name = BindName(cluster);
        var fence = cluster.Choice<FenceChoice>("fence");
        var wait = cluster.Duration("wait-for-servers", TimeSpan.Zero, TimeSpan.FromHours(24));
        var restart = cluster.Duration("daemon-restart-limit", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        var stop = cluster.Duration("daemon-stop-limit", TimeSpan.FromSeconds(1), TimeSpan.FromHours(24));
        var ports = BindPorts(cluster.Child("ports"));
        var journal = JournalBinder.Bind(cluster.Child("journal"));

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
            groups)
        {
            Watchdog = BindWatchdog(cluster, heartbeat),
            Journal = journal,
        };
    }

    private static WatchdogConfig? BindWatchdog(Section cluster, HeartbeatConfig? heartbeat)
    {
        var timeout = cluster.Duration("watchdog-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (cluster.Text("watchdog") is not { } device || timeout is not { } w) return null;
        if (!device.StartsWith('/'))
            cluster.Complain("watchdog", $"{cluster.FullPath("watchdog")} is '{device}'; write the device's whole path, such as /dev/watchdog");
        if (w.Ticks % TimeSpan.TicksPerSecond != 0)
            cluster.Complain("watchdog-timeout", $"{cluster.FullPath("watchdog-timeout")} is {Words.Duration(w)}; watchdogs count whole seconds, write such a time");
        if (heartbeat is not null && SafetyInequalities.BrokenByWatchdog(heartbeat.Timeout, w) is { } broken)
            cluster.Complain(cluster.IsWritten("watchdog-timeout") ? "watchdog-timeout" : "watchdog", $"{cluster.FullPath("watchdog-timeout")}: {broken}");
        return new WatchdogConfig(device, w);
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
            + "or on-partition = take-over (silence for the timeout is enough; when only the network was cut, both sides run until they meet again) "
            + "or on-partition = ask-arbiters (a third party decides: see arbiters)";
        return cluster.Require("on-partition", Explanation) ? cluster.Choice<PartitionPolicy>("on-partition") : null;
    }

    private static PartitionConfig? BindPartition(Section cluster)
    {
        var lost = cluster.Duration("arbiter-lost-after", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        var delay = cluster.Duration("fence-delay", TimeSpan.Zero, TimeSpan.FromMinutes(5));
        return lost is { } l && delay is { } d ? new PartitionConfig(l, d) : null;
    }

    private static PortsConfig? BindPorts(Section ports)
    {
        ports.ReportUnknownKeys();
        var nodeLink = ports.Integer("node-link", 1, 65535);
        var heartbeat = ports.Integer("heartbeat", 1, 65535);
        var manager = ports.Integer("manager", 1, 65535);
        var starter = ports.Integer("starter", 1, 65535);
        MustDiffer(ports, ("manager", manager), ("node-link", nodeLink));
        MustDiffer(ports, ("starter", starter), ("node-link", nodeLink));
        MustDiffer(ports, ("starter", starter), ("manager", manager));
        return nodeLink is { } link && heartbeat is { } beats && manager is { } control && starter is { } start ? new PortsConfig(link, beats, control, start) : null;
    }

    private static void MustDiffer(Section ports, (string Key, int? Port) one, (string Key, int? Port) other)
    {
        if (one.Port is { } port && port == other.Port)
            ports.Complain(one.Key, $"{ports.FullPath(one.Key)} and {ports.FullPath(other.Key)} are both TCP port {port}; they must differ");
    }

    private ServerName? FindSelf(IReadOnlyList<ServerConfig> servers, Section root)
    {
        if (options.HostName is not { } host || servers.Count == 0) return null;
        var shortName = host.Split('.')[0];
        var self = servers.FirstOrDefault(s => s.Name == new ServerName(host)) ?? servers.FirstOrDefault(s => s.Name == new ServerName(shortName));
        if (self is not null) return self.Name;
        HostIsUnknown = true;
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
