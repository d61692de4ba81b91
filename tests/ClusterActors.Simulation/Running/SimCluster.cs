using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;

namespace ClusterActors.Simulation.Running;

/// <summary>The configuration of the simulated cluster, in versions: an administrator's change makes the next one.</summary>
internal sealed class SimCluster
{
    public static readonly Guid Id = new("5a5a5a5a-0000-4000-8000-000000000001");
    public static readonly byte[] Key = SHA256.HashData("a key for simulation"u8);
    public const string FenceName = "switch";

    public const string StoreName = "key-store";

    /// <summary>Longest time for one request on a new connection.</summary>
    public static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Longest time that the agent waits for the switch.</summary>
    public static readonly TimeSpan FenceTimeout = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan FenceDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FenceCheckInterval = TimeSpan.FromSeconds(60);
    private const string WitnessName = "third-box";
    private const int WitnessPort = 29080;
    private readonly SimulationOptions _options;
    private readonly Dictionary<int, ClusterConfig> _configs = [];

    public SimCluster(SimulationOptions options)
    {
        _options = options;
        Names = [.. Enumerable.Range(1, options.Nodes).Select(i => new ServerName($"server{i}"))];
        Groups = [.. MakeGroups()];
    }

    public IReadOnlyList<ServerName> Names { get; }

    public IReadOnlyList<GroupConfig> Groups { get; }

    private TimeSpan ArbiterLostAfter => 5 * _options.Profile.Timeout;

    private IReadOnlyList<IPAddress> WitnessAddresses => [.. Enumerable.Range(0, _options.Networks).Select(n => AddressIn(n, Names.Count))];

    /// <summary>Usual time of a request that the timeouts leave room for.</summary>
    public static TimeSpan StoreRoundTrip(HeartbeatConfig heartbeat) => heartbeat.Interval * 0.4 < TimeSpan.FromMilliseconds(50) ? heartbeat.Interval * 0.4 : TimeSpan.FromMilliseconds(50);

    /// <summary>Address of a floating IP resource.</summary>
    public static IPAddress AddressOf(GroupName group) => new([10, 77, 0, (byte)(100 + (group.Value[^1] % 100))]);

    public ClusterConfig Config(int version)
    {
        if (!_configs.TryGetValue(version, out ClusterConfig? config))
            _configs[version] = config = Make(version);
        return config;
    }

    public GuardianSettings Settings(int server, int version)
    {
        ClusterConfig config = Config(version);
        return new GuardianSettings
        {
            ClusterName = config.Name,
            ClusterId = Id,
            Key = Key,
            OwnIndex = (byte)server,
            Servers = [.. Names.Select((name, i) => new GuardianServer((byte)i, name.Value))],
            Networks = [.. Enumerable.Range(0, _options.Networks).Select(n => Network(server, n))],
            Interval = config.Heartbeat.Interval,
            Timeout = config.Heartbeat.Timeout,
            Grant = config.Heartbeat.Grant,
            SchedulingError = TimeSpan.FromMilliseconds(10),
            Policy = config.OnPartition,
            Voting = config.OnPartition != PartitionPolicy.AskArbiters ? VotingMode.None
                : config.VotingArbiter is null && Names.Count == 2 ? VotingMode.FenceOnly : VotingMode.Vows,
            Arbiter = _options.HasWitness ? VotingArbiter.Witness : _options.HasStore ? VotingArbiter.Store : VotingArbiter.None,
            ArbiterName = config.VotingArbiter?.Name.Value ?? "",
            WitnessEndpoints = _options.HasWitness ? [.. WitnessAddresses.Select(a => new IPEndPoint(a, WitnessPort))] : [],
            ArbiterLostAfter = ArbiterLostAfter,
            Fence = FenceChoice.Bpf,
            ConfigHash = BinaryPrimitives.ReadUInt64LittleEndian(Convert.FromHexString(config.Hash)),
            DaemonPath = "clpd",
            SignInterval = _options.Profile.Sign,
            HangLimit = _options.Profile.Hang,
            DaemonRestartLimit = config.Daemon.RestartLimit,
            StopLimit = config.Daemon.StopLimit,
        };
    }

    private GuardianNetwork Network(int server, int network) => new(
        (byte)network, $"lan{network + 1}", AddressIn(network, server), 29002,
        [.. Enumerable.Range(0, Names.Count).Where(i => i != server).Select(i => new GuardianPeerAddress((byte)i, AddressIn(network, i)))]);

    private static IPAddress AddressIn(int network, int server) => new([10, 77, (byte)(network + 1), (byte)(server + 1)]);

    private ClusterConfig Make(int version)
    {
        // Odd versions have longer timeouts, so that a change reaches the servers at different times with different vows.
        double factor = version % 2 == 0 ? 1 : 1.5;
        SimProfile profile = _options.Profile;
        TimeSpan timeout = profile.Timeout * factor;
        TimeSpan grant = version % 2 == 0 ? profile.Grant : (timeout * 0.985) - TimeSpan.FromMilliseconds(12);
        string hash = Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes($"version {version}"))).ToLowerInvariant();
        return new ClusterConfig(
            "simulated", hash, _options.Policy, new HeartbeatConfig(profile.Name, profile.Interval, timeout, grant), FenceChoice.Bpf,
            new StartupConfig(TimeSpan.FromSeconds(60) * Math.Max(1, _options.Scale / 10)),
            new DaemonConfig(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30)), new PortsConfig(29001, 29002, 29003),
            [.. Names.Select((name, i) => new ServerConfig(name, [.. Enumerable.Range(0, _options.Networks).Select(n => AddressIn(n, i))], default))],
            [], Groups)
        {
            Arbiters = [.. Arbiters(profile)],
            Partition = new PartitionConfig(ArbiterLostAfter, FenceDelay),
        };
    }

    private IEnumerable<ArbiterConfig> Arbiters(SimProfile profile)
    {
        if (_options.HasStore)
        {
            TimeSpan roundTrip = StoreRoundTrip(new HeartbeatConfig(profile.Name, profile.Interval, profile.Timeout, profile.Grant));
            yield return new EtcdArbiterConfig(new ArbiterName(StoreName), [new Uri("https://10.99.0.1:2379")], "/clp/", StoreTimeout, roundTrip, "", "", "", "", "", default);
        }

        if (_options.HasWitness)
            yield return new WitnessArbiterConfig(new ArbiterName(WitnessName), WitnessAddresses, WitnessPort, _options.Profile.Interval, default);
        if (_options.HasFence)
            yield return new FenceArbiterConfig(new ArbiterName(FenceName), [], FenceAction.Reboot, FenceTimeout, 0, FenceCheckInterval, default);
    }

    private IEnumerable<GroupConfig> MakeGroups()
    {
        yield return Group("g1", 0, FailbackMode.Manual, Resource("ip", "fip", 0), Resource("app", "exec", 1));
        yield return Group("g2", 1, FailbackMode.Manual, Resource("data", "exec", 0));
        if (_options.Nodes > 2)
            yield return Group("g3", 2, FailbackMode.Auto, Resource("ip", "fip", 0), Resource("app", "exec", 1));
    }

    private GroupConfig Group(string name, int first, FailbackMode failback, params ResourceConfig[] resources) => new(
        new GroupName(name), [.. Enumerable.Range(0, Names.Count).Select(i => Names[(first + i) % Names.Count])], StartUp.Auto, FailoverMode.Auto,
        failback, Exclusion.None, [], TimeSpan.FromMinutes(30), 3, resources, default);

    private static ResourceConfig Resource(string name, string type, int depth) => new(
        new ResourceName(name), type, depth, [], 1, 1, FinalAction.StopGroup, 1, FinalAction.StopDaemonAndShutDown, ResourceParameters.Empty, default);
}
