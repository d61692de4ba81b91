using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>Small configurations for tests.</summary>
internal static class Configs
{
    public static readonly ServerName Server1 = new("server1");
    public static readonly ServerName Server2 = new("server2");

    public static ResourceConfig Resource(
        string name, int depth = 0, int startRetries = 0, int restarts = 3, FinalAction startFinal = FinalAction.NoOperation,
        int stopRetries = 0, FinalAction stopFinal = FinalAction.StopDaemonAndShutDown) =>
        new(new(name), "fake", depth, [], startRetries, restarts, startFinal, stopRetries, stopFinal, ResourceParameters.Empty, default);

    public static GroupConfig Group(string name, IReadOnlyList<ServerName> servers, params ResourceConfig[] resources) =>
        new(new(name), servers, StartUp.Auto, FailoverMode.Auto, FailbackMode.Manual, Exclusion.None, [], TimeSpan.FromMinutes(30), 1,
            resources, default);

    public static ClusterConfig Pair(PartitionPolicy policy = PartitionPolicy.TakeOver, params GroupConfig[] groups) => new(
        "test", "hash-1", policy,
        new HeartbeatConfig("default", TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(1390)),
        FenceChoice.None, new StartupConfig(TimeSpan.FromSeconds(60)), new DaemonConfig(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)),
        new PortsConfig(1, 2, 3),
        [new ServerConfig(Server1, [], default), new ServerConfig(Server2, [], default)], [],
        groups.Length > 0 ? groups : [WebGroup(), DbGroup()]);

    public static ClusterConfig Asking(ArbiterConfig arbiter, params ArbiterConfig[] more) => Pair(PartitionPolicy.AskArbiters) with
    {
        Arbiters = [arbiter, .. more],
        Partition = new PartitionConfig(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)),
    };

    public static FenceArbiterConfig Fence() =>
        new(new("power"), [], FenceAction.Off, TimeSpan.FromSeconds(60), 0, TimeSpan.FromMinutes(1), default);

    public static PingArbiterConfig Ping() => new(new("gateway"), [], TimeSpan.FromMilliseconds(500), 3, default);

    public static EtcdArbiterConfig Store() =>
        new(new("etcd"), [], "clp/", TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(100), "", "", "", "", "", default);

    /// <summary>Prefers server1; an address below a program.</summary>
    public static GroupConfig WebGroup() => Group("web", [Server1, Server2], Resource("ip"), Resource("app", depth: 1));

    /// <summary>Prefers server2.</summary>
    public static GroupConfig DbGroup() => Group("db", [Server2, Server1], Resource("data"));
}
