using System.Buffers.Binary;
using ClusterActors.Control.Identity;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Composition;

/// <summary>Turns cluster.conf and the server's identity into the resolved record the guardian beats from.</summary>
internal static class GuardianSettingsMaker
{
    public static GuardianSettings Make(ClusterConfig config, ServerName self, ClusterIdentity identity, string daemonPath, IReadOnlyList<string> daemonArguments) => new()
    {
        ClusterName = config.Name,
        ClusterId = identity.ClusterId,
        Key = identity.ClusterKey,
        OwnIndex = (byte)config.IndexOf(self),
        Servers = [.. config.Servers.Select((s, i) => new GuardianServer((byte)i, s.Name.Value))],
        Networks = [.. config.Heartbeats.Select((h, i) => Network(config, self, h, i))],
        Interval = config.Heartbeat.Interval,
        Timeout = config.Heartbeat.Timeout,
        Grant = config.Heartbeat.Grant,
        Policy = config.OnPartition,
        Fence = config.Fence,
        ConfigHash = BinaryPrimitives.ReadUInt64LittleEndian(Convert.FromHexString(config.Hash)),
        DaemonPath = daemonPath,
        DaemonArguments = daemonArguments,
        DaemonRestartLimit = config.Daemon.RestartLimit,
        StopLimit = config.Daemon.StopLimit,
        WatchdogDevice = config.Watchdog?.Device ?? "",
        WatchdogTimeout = config.Watchdog?.Timeout ?? TimeSpan.Zero,
    };

    private static GuardianNetwork Network(ClusterConfig config, ServerName self, LanHeartbeatConfig heartbeat, int index)
    {
        var own = config.FindServer(self)!.Addresses.First(heartbeat.Network.Contains);
        var peers = config.Servers.Select((s, i) => (Server: s, Index: i))
            .Where(s => s.Server.Name != self)
            .SelectMany(s => s.Server.Addresses.Where(heartbeat.Network.Contains).Take(1).Select(a => new GuardianPeerAddress((byte)s.Index, a)));
        return new((byte)index, heartbeat.Name.Value, own, (ushort)config.Ports.Heartbeat, [.. peers]);
    }
}
