namespace ClusterActors.Model.Tests.Planning;

/// <summary>A configuration around the servers and groups that a test is about.</summary>
internal static class PlannerGiven
{
    public static ClusterConfig Config(string hash, PartitionPolicy policy, IEnumerable<ServerName> servers, IReadOnlyList<GroupConfig> groups) =>
        new(
            "test",
            hash,
            policy,
            new HeartbeatConfig("default", TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(1390)),
            FenceChoice.Auto,
            new StartupConfig(TimeSpan.FromMinutes(5)),
            new DaemonConfig(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(90)),
            new PortsConfig(29001, 29002, 29003),
            [.. servers.Select(s => new ServerConfig(s, [], new SourceLocation("test", 0)))],
            [],
            groups);
}
