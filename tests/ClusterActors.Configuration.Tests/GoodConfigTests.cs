using System.Net;
using ClusterActors.Hocon;
using ClusterActors.Model;

namespace ClusterActors.Configuration.Tests;

public sealed class GoodConfigTests
{
    [Fact]
    public void Pair_example_must_bind_with_the_reference_defaults()
    {
        var result = ClusterConfigLoader.Parse(Golden.Hocon("examples/pair.conf"), "pair.conf", Sample.Options("Server2.example.org"));
        Assert.Empty(result.Problems);
        var config = result.Config!;
        Assert.Equal(new ServerName("server2"), result.Self);
        Assert.Equal("pair", config.Name);
        Assert.Equal(PartitionPolicy.TakeOver, config.OnPartition);
        Assert.Equal(FenceChoice.Auto, config.Fence);
        Assert.Equal(new HeartbeatConfig("default", Ms(200), Ms(2000), Ms(1970)) { SchedulingError = Ms(10) }, config.Heartbeat);
        Assert.Equal(TimeSpan.FromMinutes(5), config.Startup.WaitForServers);
        Assert.Equal(new DaemonConfig(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60)), config.Daemon);
        Assert.Equal(new PortsConfig(29001, 29002, 29003, 29006), config.Ports);
        Assert.Equal(PortsConfig.Defaults, config.Ports);
        Assert.Equal(["server1", "server2"], config.Servers.Select(s => s.Name.Value));
        Assert.Equal([IPAddress.Parse("10.0.0.2"), IPAddress.Parse("192.168.10.2")], config.Servers[1].Addresses);
        Assert.Equal(9, config.Servers[1].Location.Line);
        Assert.Equal(["private", "public"], config.Heartbeats.Select(h => h.Name.Value));

        var group = Assert.Single(config.Groups);
        Assert.Equal((StartUp.Auto, FailoverMode.Auto, FailbackMode.Manual, Exclusion.None), (group.StartUp, group.Failover, group.Failback, group.Exclusion));
        Assert.Equal((TimeSpan.FromSeconds(1800), 1), (group.WaitTimeout, group.FailoverThreshold));
        Assert.True(group.BothActivationCheck);
        Assert.Equal(["address 0 fip 5 3", "database 1 exec 0 3"], group.Resources.Select(r => $"{r.Name} {r.Depth} {r.Type} {r.StartRetries} {r.Restarts}"));
        Assert.Equal(FinalAction.StopDaemonAndShutDown, group.Resources[0].StopFinalAction);
        Assert.Equal(FinalAction.NoOperation, group.Resources[0].StartFinalAction);
        Assert.Equal("10.0.0.100/24", group.Resources[0].Parameters.Text("ip"));
        Assert.True(group.Resources[0].Parameters.Boolean("probe"));
        var database = group.Resources[1].Parameters;
        Assert.Equal(["/etc/clp/payroll/database", "--foreground"], database.TextList("start"));
        Assert.Equal(TimeSpan.FromSeconds(1800), database.Duration("start-timeout"));
        Assert.Equal(1_000_000, database.Integer("log-limit"));
        Assert.Equal([new ResourceName("address")], group.Resources[1].DependsOn);
    }

    [Fact]
    public void Hold_example_must_bind()
    {
        var result = ClusterConfigLoader.Parse(Golden.Hocon("examples/hold.conf"), "hold.conf", Sample.Options("server1"));
        Assert.Empty(result.Problems);
        Assert.Equal(PartitionPolicy.Hold, result.Config!.OnPartition);
        Assert.Equal("fast", result.Config.Heartbeat.Profile);
    }

    [Theory]
    [InlineData("profile = default", "default 200 2000 1970")]
    [InlineData("profile = fast", "fast 50 300 275")]
    [InlineData("profile = instant", "instant 10 80 65")]
    [InlineData("profile = manual-3.0", "manual-3.0 3000 90000 88000")]
    [InlineData("interval = 100ms, timeout = 1s", "custom 100 1000 973")]
    [InlineData("interval = 100ms, timeout = 1s, grant = 900ms", "custom 100 1000 900")]
    [InlineData("interval = 10ms, timeout = 40ms, scheduling-error = 2ms, tolerated-losses = 1", "custom 10 40 27.4")]
    public void Heartbeat_times_must_come_from_profile_or_own_numbers(string written, string expected)
    {
        var heartbeat = Sample.Good($"cluster.heartbeat {{ {written} }}").Heartbeat;
        Assert.Equal(expected, $"{heartbeat.Profile} {heartbeat.Interval.TotalMilliseconds} {heartbeat.Timeout.TotalMilliseconds} {heartbeat.Grant.TotalMilliseconds}");
    }

    [Fact]
    public void Nftables_fence_must_shorten_the_grant() =>
        Assert.Equal(Ms(1390), Sample.Good("cluster.fence = nft").Heartbeat.Grant);

    [Fact]
    public void Included_file_and_definitions_must_work()
    {
        var files = new MemoryConfigFiles()
            .With("/etc/clp/cluster.conf", Sample.Text + "\ninclude \"site.conf\"\ndefinitions { net = 10.0.0 }\ngroups.web.resources.address.ip = ${definitions.net}.77/24")
            .With("/etc/clp/site.conf", "groups.web.failback = auto");
        var result = ClusterConfigLoader.Load("/etc/clp/cluster.conf", files, Sample.Options());
        Assert.Empty(result.Problems);
        Assert.Equal(FailbackMode.Auto, result.Config!.Groups[0].Failback);
        Assert.Equal("10.0.0.77/24", result.Config.Groups[0].Resources[0].Parameters.Text("ip"));
    }

    [Theory]
    [InlineData("", "a:0 p:1")]
    [InlineData("groups.web.resources.program.depends-on = []", "a:0 p:0")]
    [InlineData("groups.web.resources.address.depends-on = [program]", "a:1 p:0")]
    [InlineData("groups.web.resources.later { type = exec, start = /bin/x, depends-on = [program] }", "a:0 p:1 l:2")]
    public void Start_order_must_follow_types_unless_written(string more, string expected) =>
        Assert.Equal(expected, string.Join(' ', Sample.Good(more).Groups[0].Resources.Select(r => $"{r.Name.Value[0]}:{r.Depth}")));

    [Theory]
    [InlineData("on", true)]
    [InlineData("off", false)]
    public void Both_activation_check_must_be_what_is_written(string written, bool isOn) =>
        Assert.Equal(isOn, Sample.Good($"groups.web.both-activation-check = {written}").Groups[0].BothActivationCheck);

    [Fact]
    public void Hash_must_depend_on_meaning_only()
    {
        var hash = Sample.Good().Hash;
        Assert.Matches("^[0-9a-f]{64}$", hash);
        Assert.Equal(hash, Sample.Good("# a comment").Hash);
        Assert.Equal(hash, Sample.Good("groups.web.both-activation-check = on").Hash);
        Assert.Equal(hash, Sample.Good("cluster.ports.starter = 29006").Hash);
        // Each server keeps its journal where it likes.
        Assert.Equal(hash, Sample.Good("cluster.journal { type = postgresql, connection = \"Host=db1;Database=clp\" }").Hash);
        Assert.Equal(hash, Sample.Good("cluster { fence = auto, heartbeat { profile = default, grant = 1.97s }, wait-for-servers = 300s }").Hash);
        Assert.Equal(hash, Sample.Bind("groups.web.resources.address.ip = 10.0.0.9/24\n" + Sample.Text).Config!.Hash);

        string[] changes =
        [
            "cluster.name = other", "cluster.on-partition = take-over", "cluster.fence = bpf", "cluster.heartbeat.profile = fast", "cluster.wait-for-servers = 6m",
            "cluster.ports.manager = 29004", "cluster.ports.starter = 29016", "servers.server2.addresses = [\"10.0.0.3\"]", "heartbeats.lan.priority = 1", "groups.web.failback = auto",
            "groups.web.servers = [server2, server1]", "groups.web.resources.address.ip = 10.0.0.101/24", "groups.web.resources.program.mode = sync",
            "groups.web.resources.program.environment { A = b }", "groups.web.resources.program.restarts = 4", "groups.other { servers = [server1], resources {} }",
        ];
        var hashes = changes.Select(c => Sample.Good(c).Hash).Append(hash).ToList();
        Assert.Equal(hashes.Count, hashes.Distinct().Count());

        var swapped = Sample.Text.Replace("server1 { addresses = [\"10.0.0.1\"] }", "", StringComparison.Ordinal)
            .Replace("server2 { addresses = [\"10.0.0.2\"] }", "server2 { addresses = [\"10.0.0.2\"] }\n  server1 { addresses = [\"10.0.0.1\"] }", StringComparison.Ordinal);
        Assert.NotEqual(hash, Sample.Bind(swapped).Config!.Hash);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public void Witness_example_must_bind_with_the_reference_defaults()
    {
        var result = ClusterConfigLoader.Parse(Golden.Hocon("examples/pair-witness.conf"), "pair-witness.conf", Sample.Options("server1"));
        Assert.Empty(result.Problems);
        var config = result.Config!;
        Assert.Equal(PartitionPolicy.AskArbiters, config.OnPartition);
        Assert.Equal(new PartitionConfig(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)), config.Partition);
        var witness = Assert.IsType<WitnessArbiterConfig>(config.VotingArbiter);
        Assert.Equal((29080, Ms(5)), (witness.Port, witness.RoundTrip));
        Assert.Equal([IPAddress.Parse("10.0.0.200"), IPAddress.Parse("192.168.10.200")], witness.Addresses);
        var ping = Assert.IsType<PingArbiterConfig>(config.Arbiters[1]);
        Assert.Equal((Ms(500), 3, false), (ping.Timeout, ping.Tries, ping.Grants));
    }

    [Fact]
    public void Fence_must_bind_its_levels_and_lay_the_options_of_a_server_over_the_others()
    {
        var config = Sample.Good(
            """
            cluster { on-partition = ask-arbiters, fence-delay = 0s }
            arbiters.power {
              type = fence, agent = fence_ipmilan, options { lanplus = 1, ip = none }, per-server { Server1 { ip = "10.0.9.1" } }, action = reboot
              levels { pdu { agent = /opt/pdu, per-server { server2 { port = 2 } } } }
            }
            """);
        var fence = Assert.IsType<FenceArbiterConfig>(Assert.Single(config.Arbiters));
        Assert.True(fence.Grants);
        Assert.False(fence.Votes);
        Assert.Null(config.VotingArbiter);
        Assert.Equal((FenceAction.Reboot, TimeSpan.FromSeconds(60), 2, TimeSpan.FromMinutes(1)), (fence.Action, fence.Timeout, fence.Retries, fence.CheckInterval));
        Assert.Equal(["fence_ipmilan", "/opt/pdu"], fence.Levels.Select(l => l.Agent));
        Assert.Equal(new Dictionary<string, string> { ["lanplus"] = "1", ["ip"] = "10.0.9.1" }, fence.Levels[0].OptionsFor(new ServerName("server1")));
        Assert.Equal(new Dictionary<string, string> { ["lanplus"] = "1", ["ip"] = "none" }, fence.Levels[0].OptionsFor(new ServerName("server2")));
        Assert.Equal(new Dictionary<string, string> { ["port"] = "2" }, fence.Levels[1].OptionsFor(new ServerName("server2")));
    }

    [Theory]
    [InlineData("arbiters.e { type = etcd, endpoints = [\"https://10.0.0.8:2379\"], prefix = /x, user = u, password-file = /p, ca-file = /c }")]
    [InlineData("arbiters.p { type = postgresql, connection = \"Host=h\", table = t, timeout = 2s, round-trip = 9ms }")]
    [InlineData("arbiters.e { type = etcd, endpoints = [\"https://10.0.0.8:2379\"], round-trip = 462ms }")]
    [InlineData("arbiters.e { type = etcd, endpoints = [\"https://10.0.0.8:2379\"] }, cluster.heartbeat.profile = fast")]
    [InlineData("servers.server3.addresses = [\"10.0.0.3\"]")]
    [InlineData("servers.server3.addresses = [\"10.0.0.3\"], arbiters.g { type = ping, targets = [\"10.0.0.254\"] }")]
    [InlineData("arbiters.w { type = witness, addresses = [\"10.0.0.9\"] }, cluster.heartbeat.profile = fast")]
    [InlineData("arbiters.w { type = witness, addresses = [\"10.0.0.9\"] }, cluster.heartbeat.profile = instant")]
    public void Arbiters_that_can_decide_must_be_taken_and_change_the_canonical_text(string more)
    {
        var config = Sample.Good("cluster.on-partition = ask-arbiters\n" + more);
        Assert.All(config.Arbiters, a => Assert.Contains($"arbiter.{a.Type} ", CanonicalConfig.Render(config), StringComparison.Ordinal));
        Assert.Contains("cluster.partition ", CanonicalConfig.Render(config), StringComparison.Ordinal);
        Assert.DoesNotContain("cluster.partition ", CanonicalConfig.Render(Sample.Good()), StringComparison.Ordinal);
    }
}
