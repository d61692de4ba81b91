using System.Net;

namespace ClusterActors.Model.Guardian;

/// <summary>A configured server.</summary>
/// <param name="Index">Position in the configured order, 0..31.</param>
/// <param name="Name">Configured name.</param>
public sealed record GuardianServer(byte Index, string Name);

/// <summary>Where a peer listens on one network.</summary>
public sealed record GuardianPeerAddress(byte ServerIndex, IPAddress Address);

/// <summary>One LAN heartbeat network.</summary>
/// <param name="Index">0..7, the bit of the network in the who-hears-whom matrix; in order of priority.</param>
/// <param name="Name">Name of the heartbeat in the configuration.</param>
/// <param name="OwnAddress">Address this server sends from and listens on.</param>
/// <param name="Port">UDP port, 29002 by default.</param>
/// <param name="Peers">Where each other server listens on this network; a server may be missing.</param>
public sealed record GuardianNetwork(
    byte Index, string Name, IPAddress OwnAddress, ushort Port, IReadOnlyList<GuardianPeerAddress> Peers);

/// <summary>Where the right to run groups, and to take over from a silent server, comes from.</summary>
public enum VotingMode : byte
{
    /// <summary>Nobody is asked: policies hold and take-over.</summary>
    None = 0,

    /// <summary>Policy ask-arbiters with three or more voters: the grant rests on the vows of a majority, a takeover by silence on its votes.</summary>
    Vows = 1,

    /// <summary>Policy ask-arbiters, a pair with fence agents and no voting arbiter: the grant follows the guardian's life; silence needs fence success as well.</summary>
    FenceOnly = 2,
}

/// <summary>The voter that is not a server.</summary>
public enum VotingArbiter : byte
{
    /// <summary>Only servers vote.</summary>
    None = 0,

    /// <summary>A witness: the guardian asks it by datagram.</summary>
    Witness = 1,

    /// <summary>A store (etcd, PostgreSQL): <c>clpd</c> asks it and hands vows and votes on.</summary>
    Store = 2,
}

/// <summary>
/// All a guardian needs to beat, to keep its grant and to supervise the daemon, resolved: no defaults are filled in later.
/// Written by <c>clpd</c> (<c>ApplySettings</c>), kept by the guardian in <c>/var/lib/clp/guardian.bin</c> and used from
/// there at boot, before <c>clpd</c> is up.
/// </summary>
public sealed record GuardianSettings
{
    /// <summary>Most servers a cluster can have: the matrix and the sets of excluded servers are 32 bits wide.</summary>
    public const int MaxServers = 32;

    /// <summary>Most heartbeat channels (networks, disks and serial lines together): one bit each in a byte of the matrix.</summary>
    public const int MaxNetworks = 8;

    /// <summary>Most addresses of one witness.</summary>
    public const int MaxWitnessEndpoints = 8;

    /// <summary>Name of the cluster.</summary>
    public required string ClusterName { get; init; }

    /// <summary>Random id made by <c>clp cluster init</c>; beats of another id are refused.</summary>
    public required Guid ClusterId { get; init; }

    /// <summary>Cluster key for HMAC-SHA256, 32 bytes.</summary>
    public required byte[] Key { get; init; }

    /// <summary>Index of this server in <see cref="Servers"/>.</summary>
    public required byte OwnIndex { get; init; }

    /// <summary>All servers in configured order; 1..32.</summary>
    public required IReadOnlyList<GuardianServer> Servers { get; init; }

    /// <summary>The LAN heartbeat networks; at most 8 channels of all kinds, none at all only for a single server.</summary>
    public required IReadOnlyList<GuardianNetwork> Networks { get; init; }

    /// <summary>The disk heartbeats; their indices and those of the networks and serial lines are one range.</summary>
    public IReadOnlyList<GuardianDisk> Disks { get; init; } = [];

    /// <summary>The serial heartbeats.</summary>
    public IReadOnlyList<GuardianSerial> Serials { get; init; } = [];

    /// <summary>Time between two beats (I).</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Silence after which a peer is down, and length of a vow (V).</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Length of the grant after the sending of a beat (L); must leave room below V, see <see cref="Validate"/>.</summary>
    public required TimeSpan Grant { get; init; }

    /// <summary>How long after the grant's end the kernel kills the guardian itself; 10 ms by default.</summary>
    public TimeSpan KillDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Worst lateness of a beat that the times above count with (E); a later one is told. Zero = nothing is judged.</summary>
    public TimeSpan SchedulingError { get; init; }

    /// <summary>Factor in force for interval-independent timeouts V and L (<c>clptoratio</c>); 1 = normal.</summary>
    public int Ratio { get; init; } = 1;

    /// <summary>What silence on all channels allows.</summary>
    public required PartitionPolicy Policy { get; init; }

    /// <summary>How votes count; <see cref="VotingMode.None"/> exactly when the policy is not ask-arbiters.</summary>
    public VotingMode Voting { get; init; }

    /// <summary>The voting arbiter; only with an even number of servers.</summary>
    public VotingArbiter Arbiter { get; init; }

    /// <summary>Configured name of the voting arbiter; empty when there is none.</summary>
    public string ArbiterName { get; init; } = "";

    /// <summary>Where the witness listens, one for each network it is on; 1..8 for a witness, else none.</summary>
    public IReadOnlyList<IPEndPoint> WitnessEndpoints { get; init; } = [];

    /// <summary>Voting arbiter silent for this long while the peers are up: a pair goes on by hold promise (<c>arbiter-lost-after</c>).</summary>
    public TimeSpan ArbiterLostAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Kernel mechanism that closes group addresses.</summary>
    public FenceChoice Fence { get; init; }

    /// <summary>First eight bytes (little-endian) of the SHA-256 of <c>cluster.conf</c>; shown to the peers in beats.</summary>
    public ulong ConfigHash { get; init; }

    /// <summary>Program of the node daemon; empty = the guardian starts none (tests, or the daemon is started by hand).</summary>
    public string DaemonPath { get; init; } = "";

    /// <summary>Arguments for <see cref="DaemonPath"/>.</summary>
    public IReadOnlyList<string> DaemonArguments { get; init; } = [];

    /// <summary>Time between two signs of life of the daemon, unless settings say otherwise.</summary>
    public static readonly TimeSpan UsualSignInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Time between two signs of life of the daemon.</summary>
    public TimeSpan SignInterval { get; init; } = UsualSignInterval;

    /// <summary>Without a sign of life for this long the daemon counts as hung: it is killed and started again.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Not back and connected after this long (<c>daemon-restart-limit</c>): the server is made safe.</summary>
    public TimeSpan DaemonRestartLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time the daemon gets to stop all groups when the guardian is told to end.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Hardware watchdog that is fed while the beats go on; empty = none.</summary>
    public string WatchdogDevice { get; init; } = "";

    /// <summary>Its timeout; whole seconds, at least the timeout V. Without a watchdog it has no meaning.</summary>
    public TimeSpan WatchdogTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Index bits of all servers except this one.</summary>
    public uint PeerMask()
    {
        uint mask = 0;
        foreach (GuardianServer server in Servers)
            mask |= server.Index == OwnIndex ? 0u : 1u << server.Index;
        return mask;
    }

    /// <summary>N: every server, and the voting arbiter.</summary>
    public int Voters => Servers.Count + (Arbiter == VotingArbiter.None ? 0 : 1);

    /// <summary>m: votes, one's own included, that make a majority of the voters.</summary>
    public int Majority => (Voters / 2) + 1;

    /// <summary>Name of a server, or <c>server#index</c> when it is not configured.</summary>
    public string NameOf(int index)
    {
        foreach (GuardianServer server in Servers)
        {
            if (server.Index == index)
                return server.Name;
        }

        return $"server#{index}";
    }

    /// <summary>Every problem of the record in one pass, as sentences; empty when it may be used.</summary>
    public IReadOnlyList<string> Validate() => GuardianSettingsRules.Check(this);
}
