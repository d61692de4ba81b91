using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Configuration;

/// <summary>
/// The configuration in force as text, one value a line, for comparing servers. It depends on the meaning only: comments, order of
/// keys, ways to write a duration, and what is written or left to a default make no difference; the order of servers, of
/// heartbeats of one priority, of groups and of resources does, because it has a meaning.
/// </summary>
public static class CanonicalConfig
{
    /// <summary>SHA-256 of the text, 64 hexadecimal digits.</summary>
    public static string Hash(ClusterConfig config) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Render(config))));

    /// <summary>The text.</summary>
    public static string Render(ClusterConfig config)
    {
        var text = new StringBuilder();
        Line(text, "cluster.name", config.Name);
        Line(text, "cluster.on-partition", config.OnPartition);
        Line(text, "cluster.fence", config.Fence);
        Line(text, "cluster.heartbeat.interval", config.Heartbeat.Interval);
        Line(text, "cluster.heartbeat.timeout", config.Heartbeat.Timeout);
        Line(text, "cluster.heartbeat.grant", config.Heartbeat.Grant);
        Line(text, "cluster.wait-for-servers", config.Startup.WaitForServers);
        Line(text, "cluster.daemon-restart-limit", config.Daemon.RestartLimit);
        Line(text, "cluster.daemon-stop-limit", config.Daemon.StopLimit);
        Line(text, "cluster.ports", $"{config.Ports.NodeLink} {config.Ports.Heartbeat} {config.Ports.Manager}");
        // Only another one than the default, so that a release without a starter finds the same text.
        if (config.Ports.Starter != PortsConfig.DefaultStarter) Line(text, "cluster.ports.starter", config.Ports.Starter);
        if (config.Watchdog is { } watchdog) Line(text, "cluster.watchdog", watchdog.Device, watchdog.Timeout);
        foreach (var server in config.Servers) Line(text, "server", server.Name.Value.ToLowerInvariant(), server.Addresses);
        foreach (var heartbeat in config.Heartbeats) Append(text, heartbeat);
        if (config.OnPartition == PartitionPolicy.AskArbiters) AppendArbiters(text, config);
        foreach (var group in config.Groups) Append(text, group);
        return text.ToString();
    }

    /// <summary>Nothing under the other policies, so that a release without arbiters finds the same text.</summary>
    private static void AppendArbiters(StringBuilder text, ClusterConfig config)
    {
        if (config.Partition is { } times) Line(text, "cluster.partition", times.ArbiterLostAfter, times.FenceDelay);
        foreach (var arbiter in config.Arbiters)
        {
            Line(text, "arbiter", arbiter.Name, arbiter.Type);
            switch (arbiter)
            {
                case WitnessArbiterConfig witness:
                    Line(text, "arbiter.witness", witness.Addresses, witness.Port, witness.RoundTrip);
                    break;
                case PingArbiterConfig ping:
                    Line(text, "arbiter.ping", ping.Targets, ping.Timeout, ping.Tries);
                    break;
                case FenceArbiterConfig fence:
                    Line(text, "arbiter.fence", fence.Action, fence.Timeout, fence.Retries, fence.CheckInterval);
                    foreach (var device in fence.Levels) Append(text, device);
                    break;
                case EtcdArbiterConfig etcd:
                    Line(text, "arbiter.etcd", etcd.Endpoints, etcd.Prefix, etcd.Timeout, etcd.RoundTrip, etcd.CaFile, etcd.CertificateFile, etcd.KeyFile, etcd.User, etcd.PasswordFile);
                    break;
                case PostgreSqlArbiterConfig postgreSql:
                    Line(text, "arbiter.postgresql", postgreSql.Connection, postgreSql.PasswordFile, postgreSql.Table, postgreSql.Timeout, postgreSql.RoundTrip);
                    break;
                default:
                    throw new InvalidOperationException($"arbiter type {arbiter.Type} has no canonical text");
            }
        }
    }

    private static void Append(StringBuilder text, FenceDevice device)
    {
        Line(text, "arbiter.fence.device", device.Agent, device.Level ?? -1, device.Options);
        foreach (var (server, options) in device.PerServer.OrderBy(p => p.Key)) Line(text, "arbiter.fence.server", server.Value.ToLowerInvariant(), options);
    }

    private static void Append(StringBuilder text, HeartbeatChannelConfig heartbeat)
    {
        switch (heartbeat)
        {
            case LanHeartbeatConfig lan:
                Line(text, "heartbeat", lan.Name, lan.Network, lan.Priority);
                break;
            case DiskHeartbeatConfig disk:
                Line(text, "heartbeat.disk", disk.Name, Devices(disk), disk.Interval, disk.Priority);
                break;
            case SerialHeartbeatConfig serial:
                Line(text, "heartbeat.com", serial.Name, Devices(serial), serial.Speed, serial.Priority);
                break;
        }
    }

    private static Dictionary<string, string> Devices(DeviceHeartbeatConfig heartbeat) =>
        heartbeat.Devices.ToDictionary(d => d.Key.Value.ToLowerInvariant(), d => d.Value);

    private static void Append(StringBuilder text, GroupConfig group)
    {
        Line(text, "group", group.Name, group.StartUp, group.Failover, group.Failback, group.Exclusion, group.WaitTimeout, group.FailoverThreshold);
        Line(text, "group.servers", group.Servers.Select(s => s.Value.ToLowerInvariant()));
        Line(text, "group.wait-for", group.WaitFor);

        // Only where it differs from the default, so that a release without the key takes an untouched configuration for the same.
        if (group.Failback == FailbackMode.Auto) Line(text, "group.failback-hold-down", group.FailbackHoldDown);
        if (!group.BothActivationCheck) Line(text, "group.both-activation-check", Switch.Off);
        foreach (var resource in group.Resources)
        {
            Line(
                text, "resource", resource.Name, resource.Type, resource.Depth, resource.StartRetries, resource.Restarts,
                resource.StartFinalAction, resource.StopRetries, resource.StopFinalAction);
            Line(text, "resource.depends-on", resource.DependsOn.Select(d => d.Value).Order(StringComparer.Ordinal));
            foreach (var key in resource.Parameters.Values.Keys.Order(StringComparer.Ordinal)) Line(text, "resource.parameter", key, resource.Parameters.Values[key]);
        }
    }

    private static void Line(StringBuilder text, string key, params object[] values)
    {
        text.Append(key);
        foreach (var value in values) Append(text.Append(' '), value);
        text.Append('\n');
    }

    /// <summary>Texts are quoted, so that no value can look like two, or like a line of its own.</summary>
    private static void Append(StringBuilder text, object value)
    {
        switch (value)
        {
            case TimeSpan time:
                text.Append(CultureInfo.InvariantCulture, $"{time.Ticks}t");
                break;
            case bool or int or long or Enum:
                text.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
            case IReadOnlyDictionary<string, string> map:
                Append(text, map.OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => new[] { p.Key, p.Value }));
                break;
            case string word:
                text.Append('"').Append(word.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
                break;
            case System.Collections.IEnumerable list:
                text.Append('[');
                foreach (var element in list) Append(text.Append(' '), element);
                text.Append(" ]");
                break;
            default:
                Append(text, value.ToString() ?? "");
                break;
        }
    }
}
