using ClusterActors.Model;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Arbiters.Tests;

public sealed class ArbiterFactoryTests
{
    [Fact]
    public async Task Store_without_its_password_file_must_answer_with_the_reason()
    {
        var etcd = new EtcdArbiterConfig(
            new("etcd"), [new Uri("http://127.0.0.1:1")], "/clp", TimeSpan.FromSeconds(1), TimeSpan.Zero, "", "", "", "root", "/nonexistent/password", default);
        var store = Assert.IsAssignableFrom<IVoteStore>(Assert.Single(Make(etcd)));
        var answer = await store.ExchangeAsync(null, TestContext.Current.CancellationToken);
        Assert.Contains("/nonexistent/password", answer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Witness_must_be_left_to_the_guardian_and_the_others_be_made_in_order()
    {
        var witness = new WitnessArbiterConfig(new("third-box"), [], 29080, TimeSpan.Zero, default);
        var ping = new PingArbiterConfig(new("gateway"), [], TimeSpan.FromSeconds(1), 1, default);
        var fence = new FenceArbiterConfig(new("power"), [], FenceAction.Off, TimeSpan.FromSeconds(1), 0, TimeSpan.FromMinutes(1), default);
        Assert.Equal(["gateway", "power"], Make(witness, ping, fence).Select(a => a.Name));
    }

    [Fact]
    public void Devices_with_one_number_must_make_one_level()
    {
        var none = new Dictionary<string, string>();
        var servers = new Dictionary<ServerName, IReadOnlyDictionary<string, string>>();
        FenceDevice Device(string agent, int? level) => new(agent, none, servers) { Level = level };
        var fence = new FenceArbiterConfig(
            new("power"), [Device("a", 0), Device("b", 0), Device("c", 1)], FenceAction.Off, TimeSpan.FromSeconds(1), 0, TimeSpan.FromMinutes(1), default);
        Assert.Equal(["a b", "c"], fence.DevicesByLevel.Select(level => string.Join(' ', level.Select(d => d.Agent))));
        var apart = fence with { Levels = [Device("a", null), Device("b", null)] };
        Assert.Equal(2, apart.DevicesByLevel.Count);
    }

    private static IReadOnlyList<IArbiter> Make(params ArbiterConfig[] arbiters)
    {
        var config = new ClusterConfig(
            "test", "hash", PartitionPolicy.AskArbiters, new HeartbeatConfig("default", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), FenceChoice.None,
            new StartupConfig(TimeSpan.Zero), new DaemonConfig(TimeSpan.Zero, TimeSpan.Zero), new PortsConfig(1, 2, 3), [], [], [])
        { Arbiters = arbiters };
        return ArbiterFactory.Create(config, new("server1"), Guid.Empty, TimeProvider.System, _ => { });
    }
}
