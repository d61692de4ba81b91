using System.Net;

namespace ClusterActors.Model;

/// <summary>Where a value stands in the configuration, for error messages: <c>cluster.conf:14</c>.</summary>
public readonly record struct SourceLocation(string File, int Line)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}" : File ?? "";
}

/// <summary>What happens when a peer is silent on every channel. It must be written: there is no safe value to guess.</summary>
public enum PartitionPolicy
{
    /// <summary>No automatic takeover on silence; only proof (down and clean, fence, administrator) leads to one.</summary>
    Hold = 1,

    /// <summary>Silence for the timeout leads to takeover: a cut network makes both sides run, and the side with the lower term stops on reunion (rc 92).</summary>
    TakeOver = 2,

    /// <summary>A takeover needs a majority of voters (servers, and at most one voting arbiter) or a successful fence; ping may forbid it.</summary>
    AskArbiters = 3,
}

/// <summary>Which address fence the floating IPs use (safety.md section 3).</summary>
public enum FenceChoice
{
    /// <summary>BPF where it loads, else nftables.</summary>
    Auto = 0,
    Bpf = 1,
    Nft = 2,

    /// <summary>No kernel fence: only by the administrator's explicit word.</summary>
    None = 3,
}

/// <summary>The whole of cluster.conf, bound once, immutable. Defaults come from reference.conf alone.</summary>
/// <param name="Hash">SHA-256 (hex) of the canonical rendering; servers compare it at link-up.</param>
/// <param name="Heartbeats">In order of priority; the index in this list is the channel's index everywhere (beats, matrix).</param>
/// <param name="Servers">In configured order; the index in this list is the server's index everywhere (terms, beats).</param>
public sealed record ClusterConfig(
    string Name,
    string Hash,
    PartitionPolicy OnPartition,
    HeartbeatConfig Heartbeat,
    FenceChoice Fence,
    StartupConfig Startup,
    DaemonConfig Daemon,
    PortsConfig Ports,
    IReadOnlyList<ServerConfig> Servers,
    IReadOnlyList<HeartbeatChannelConfig> Heartbeats,
    IReadOnlyList<GroupConfig> Groups)
{
    /// <summary>Where this server's daemon keeps its journal. A matter of each server alone: not part of <see cref="Hash"/>.</summary>
    public JournalConfig Journal { get; init; } = JournalConfig.LocalFile;

    /// <summary>The hardware watchdog; null = none is used.</summary>
    public WatchdogConfig? Watchdog { get; init; }

    /// <summary>Third parties that are asked, in the order of the file; empty unless <see cref="OnPartition"/> is ask-arbiters.</summary>
    public IReadOnlyList<ArbiterConfig> Arbiters { get; init; } = [];

    /// <summary>Times that count when arbiters are asked; null in a record that was not read from a file.</summary>
    public PartitionConfig? Partition { get; init; }

    /// <summary>The one arbiter that votes, or null.</summary>
    public ArbiterConfig? VotingArbiter => Arbiters.FirstOrDefault(a => a.Votes);

    /// <summary>The heartbeats over IP networks, in order of priority.</summary>
    public IEnumerable<LanHeartbeatConfig> LanHeartbeats => Heartbeats.OfType<LanHeartbeatConfig>();

    /// <summary>Index of a server in the configured order, or -1.</summary>
    public int IndexOf(ServerName server)
    {
        for (var i = 0; i < Servers.Count; i++)
            if (Servers[i].Name == server)
                return i;
        return -1;
    }

    /// <summary>Where a server is reached: its addresses that lie on a heartbeat network, the most preferred network first.</summary>
    public IReadOnlyList<IPAddress> HeartbeatAddresses(ServerName server) =>
        [.. LanHeartbeats.OrderBy(h => h.Priority).SelectMany(h => FindServer(server)?.Addresses.Where(h.Network.Contains) ?? []).Distinct()];

    public ServerConfig? FindServer(ServerName server) => IndexOf(server) is >= 0 and var i ? Servers[i] : null;

    public GroupConfig? FindGroup(GroupName group) => Groups.FirstOrDefault(g => g.Name == group);
}

/// <param name="Profile">default, fast, instant, manual-3.0 or custom.</param>
/// <param name="Interval">Time between two beats on one channel (I).</param>
/// <param name="Timeout">Silence on every channel after which a server is down (V).</param>
/// <param name="Grant">How long a server may run groups after the newest beat it sent (L); below the timeout by the inequalities.</param>
public sealed record HeartbeatConfig(string Profile, TimeSpan Interval, TimeSpan Timeout, TimeSpan Grant)
{
    /// <summary>Worst lateness of a beat that the inequalities count with (E); a later one is told by an event.</summary>
    public TimeSpan SchedulingError { get; init; }
}

/// <param name="Device">Such as /dev/watchdog, on every server.</param>
/// <param name="Timeout">After so long without a feed the machine is reset; at least the heartbeat timeout.</param>
public sealed record WatchdogConfig(string Device, TimeSpan Timeout);

/// <param name="WaitForServers">How long a server that starts alone waits for the others before it asks for a verdict.</param>
public sealed record StartupConfig(TimeSpan WaitForServers);

/// <param name="RestartLimit">How long a daemon may take to come back before its guardian makes the server safe.</param>
/// <param name="StopLimit">How long an ordered stop of everything may take before containments are killed.</param>
public sealed record DaemonConfig(TimeSpan RestartLimit, TimeSpan StopLimit);

/// <param name="NodeLink">TCP port of the link between daemons.</param>
/// <param name="Heartbeat">UDP port of the LAN heartbeats.</param>
/// <param name="Manager">TCP port of the control API for remote administrators.</param>
/// <param name="Starter">TCP port where a server hears that it is to be started, while no daemon runs on it.</param>
public sealed record PortsConfig(int NodeLink, int Heartbeat, int Manager, int Starter = PortsConfig.DefaultStarter)
{
    /// <summary>That of <c>clp-starter.socket</c>.</summary>
    public const int DefaultStarter = 29006;

    /// <summary>Those of reference.conf, for who has no configuration yet.</summary>
    public static readonly PortsConfig Defaults = new(29001, 29002, 29003);
}

public sealed record ServerConfig(ServerName Name, IReadOnlyList<IPAddress> Addresses, SourceLocation Location);
