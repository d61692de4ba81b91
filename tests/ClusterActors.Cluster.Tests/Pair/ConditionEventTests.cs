using System.Net;
using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>What the guardian says about its own conditions must reach the event journal.</summary>
public sealed class ConditionEventTests : IDisposable
{
    private static readonly IPAddress Address = IPAddress.Parse("10.0.0.100");
    private readonly World _world = new(WithDisk());

    [Fact]
    public void Late_beats_must_be_told_with_their_lateness_and_the_limit() => Tells(
        new BeatsLate(TimeSpan.FromMilliseconds(12.34), TimeSpan.FromMilliseconds(0.1), TimeSpan.FromSeconds(5)), "own beats ran 12.3 ms late (limit 0.1 ms)");

    [Theory]
    [InlineData(FenceChoice.Bpf, "bpf")]
    [InlineData(FenceChoice.Nft, "nftables")]
    public void Armed_fence_must_be_told_with_its_kind(FenceChoice kind, string word) =>
        Tells(new FenceArmed("web", "ip", Address, kind), $"address 10.0.0.100 is fenced by {word}");

    [Fact]
    public void Missing_fence_must_be_told_with_its_reason() =>
        Tells(new FenceMissing("web", "ip", Address, "no kernel support"), "no fence for address 10.0.0.100: no kernel support");

    [Fact]
    public void Heartbeat_whose_own_device_fails_must_be_told_as_unknown_until_it_works_again()
    {
        _world.Boot(0, 1);
        _world.Run(5);
        DeviceIs(DeviceState.Ready);
        Assert.Equal(0, Unknown());
        DeviceIs(DeviceState.Missing);
        DeviceIs(DeviceState.Opening);
        DeviceIs(DeviceState.Failed);
        Assert.Equal(1, Unknown());
        DeviceIs(DeviceState.Ready);
        DeviceIs(DeviceState.Hanging);
        Assert.Equal(2, Unknown());
    }

    private static ClusterConfig WithDisk()
    {
        var config = Configs.Pair();
        var devices = config.Servers.ToDictionary(s => s.Name, _ => "/dev/shared");
        return config with { Heartbeats = [.. config.Heartbeats, new DiskHeartbeatConfig(new("disk1"), devices, TimeSpan.FromMilliseconds(200), 1, default)] };
    }

    private int Unknown() => _world[0].EventCount("state of heartbeat disk1 of server server2 cannot be told");

    private void DeviceIs(DeviceState state)
    {
        _world[0].Nm.Tell(new ChannelDevice((byte)(_world.Config.Heartbeats.Count - 1), state, ""), ActorRefs.NoSender);
        _world.Run(1);
    }

    public void Dispose() => _world.Dispose();

    private void Tells(GuardianNote note, string text)
    {
        _world.Boot(0, 1);
        _world.Run(5);
        Assert.Equal(0, _world[0].EventCount(text));
        _world[0].Nm.Tell(note, ActorRefs.NoSender);
        _world.Run(1);
        Assert.Equal(1, _world[0].EventCount(text));
        Assert.Equal(0, _world[1].EventCount(text));
    }
}
