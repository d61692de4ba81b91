using System.Buffers.Binary;
using System.Net;
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
        Networks = [.. Of<LanHeartbeatConfig>(config).Select(h => Network(config, self, h.Item, h.Index))],
        Disks = [.. Of<DiskHeartbeatConfig>(config).SelectMany(h => Disk(config, self, h.Item, h.Index))],
        Serials = [.. Of<SerialHeartbeatConfig>(config).SelectMany(h => Serial(config, self, h.Item, h.Index))],
        Interval = config.Heartbeat.Interval,
        Timeout = config.Heartbeat.Timeout,
        Grant = config.Heartbeat.Grant,
        SchedulingError = config.Heartbeat.SchedulingError,
        Policy = config.OnPartition,
        Voting = Voting(config),
        Arbiter = config.VotingArbiter switch { null => VotingArbiter.None, WitnessArbiterConfig => VotingArbiter.Witness, _ => VotingArbiter.Store },
        ArbiterName = config.VotingArbiter?.Name.Value ?? "",
        WitnessEndpoints = config.VotingArbiter is WitnessArbiterConfig witness ? [.. witness.Addresses.Select(a => new IPEndPoint(a, witness.Port))] : [],
        ArbiterLostAfter = config.Partition!.ArbiterLostAfter,
        Fence = config.Fence,
        ConfigHash = BinaryPrimitives.ReadUInt64LittleEndian(Convert.FromHexString(config.Hash)),
        DaemonPath = daemonPath,
        DaemonArguments = daemonArguments,
        DaemonRestartLimit = config.Daemon.RestartLimit,
        StopLimit = config.Daemon.StopLimit,
        WatchdogDevice = config.Watchdog?.Device ?? "",
        WatchdogTimeout = config.Watchdog?.Timeout ?? TimeSpan.Zero,
    };

    /// <summary>Fence success alone decides only for a pair without a voter; everybody else counts votes.</summary>
    private static VotingMode Voting(ClusterConfig config)
    {
        if (config.OnPartition != PartitionPolicy.AskArbiters) return VotingMode.None;
        return config.VotingArbiter is null && config.Servers.Count == 2 ? VotingMode.FenceOnly : VotingMode.Vows;
    }

    /// <summary>The heartbeats of a type with their indices among all.</summary>
    private static IEnumerable<Indexed<T>> Of<T>(ClusterConfig config)
        where T : HeartbeatChannelConfig
    {
        for (var i = 0; i < config.Heartbeats.Count; i++)
        {
            if (config.Heartbeats[i] is T heartbeat)
                yield return new(heartbeat, (byte)i);
        }
    }

    private static IEnumerable<Indexed<ServerConfig>> Others(ClusterConfig config, ServerName self)
    {
        for (var i = 0; i < config.Servers.Count; i++)
        {
            if (config.Servers[i].Name != self)
                yield return new(config.Servers[i], (byte)i);
        }
    }

    /// <summary>With the number that it has in the guardian's settings.</summary>
    private sealed record Indexed<T>(T Item, byte Index);

    private static IEnumerable<GuardianDisk> Disk(ClusterConfig config, ServerName self, DiskHeartbeatConfig heartbeat, byte index)
    {
        var peers = Peers(config, self, heartbeat);
        if (heartbeat.DeviceOf(self) is { } device && peers.Length > 0)
            yield return new(index, heartbeat.Name.Value, device, heartbeat.Interval, peers);
    }

    private static IEnumerable<GuardianSerial> Serial(ClusterConfig config, ServerName self, SerialHeartbeatConfig heartbeat, byte index)
    {
        var pace = ChannelPace.OfSerial(config.Heartbeat.Interval, heartbeat.Speed);
        foreach (var peer in Peers(config, self, heartbeat))
        {
            if (heartbeat.DeviceOf(self) is { } device)
                yield return new(index, heartbeat.Name.Value, device, heartbeat.Speed, pace.Interval, peer);
        }
    }

    private static byte[] Peers(ClusterConfig config, ServerName self, DeviceHeartbeatConfig heartbeat) =>
        [.. Others(config, self).Where(s => heartbeat.DeviceOf(s.Item.Name) is not null).Select(s => s.Index)];

    private static GuardianNetwork Network(ClusterConfig config, ServerName self, LanHeartbeatConfig heartbeat, byte index)
    {
        var own = config.FindServer(self)!.Addresses.First(heartbeat.Network.Contains);
        var peers = Others(config, self)
            .SelectMany(s => s.Item.Addresses.Where(heartbeat.Network.Contains).Take(1).Select(a => new GuardianPeerAddress(s.Index, a)));
        return new(index, heartbeat.Name.Value, own, (ushort)config.Ports.Heartbeat, [.. peers]);
    }
}
