using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Planning;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>A pair beside a host that has the address of a group.</summary>
public sealed class AddressInUseTests : IDisposable
{
    private readonly World _world = new(Configs.Pair(PartitionPolicy.TakeOver, Configs.Group("web", [Configs.Server1, Configs.Server2],
        Configs.Resource("ip") with { Exclusion = ExclusionClass.Lease }, Configs.Resource("app", depth: 1)) with
    { StartUp = StartUp.Manual }));

    public void Dispose() => _world.Dispose();

    private void BothUp()
    {
        _world.Boot(0, 1);
        _world.Until(() => new[] { 0, 1 }.All(i => _world[i].Plan().View is { Members.Count: 2, Standing.IsValid: true, StartupWait: null }), 10, "the pair is formed");
    }

    [Fact]
    public void Start_must_be_refused_on_every_server_until_the_address_is_free_and_somebody_asks_again()
    {
        BothUp();
        _world.InUse.Add("ip");
        var refused = _world.Command(0, AdminVerb.Start, "web");
        Assert.Equal(4, refused.Code);
        Assert.Equal("web.ip was not started on server1: 10.0.0.100 is in use on eth0; no server is tried before clpgrp -s web", Assert.Single(refused.Lines).Message);
        _world.Run(20);
        Assert.True(_world.RunsNowhere("web"));
        Assert.DoesNotContain(_world.LogLines, l => l.StartsWith("start web.ip on server2", StringComparison.Ordinal));
        Assert.Equal(1, _world[0].EventCount("rc 352"));
        Assert.Equal(1, _world[0].EventCount("ca 39 address 10.0.0.100 is already used by 02:00:00:00:00:09"));
        var planned = _world[0].Plan().Plan!.For(new("web"))!;
        Assert.Contains("10.0.0.100 is in use by somebody else, so no server is tried", planned.Because.Sentence, StringComparison.Ordinal);

        // Not even the death of the server that was refused makes the other one try.
        _world.PowerOff(0);
        _world.Run(20);
        Assert.DoesNotContain(_world.LogLines, l => l.StartsWith("start web.ip on server2", StringComparison.Ordinal));
        _world.InUse.Clear();
        Assert.Equal(0, _world.Command(1, AdminVerb.Start, "web").Code);
        _world.Settled(1, "web");
    }

    /// <summary>On both sides of a cut, where the clients' network still works: what answered was the other server, and it gives way afterwards.</summary>
    [Fact]
    public void Group_must_be_asked_for_again_by_itself_when_the_peer_that_answered_has_given_way()
    {
        BothUp();
        _world.IsCut = true;
        _world.Until(() => new[] { 0, 1 }.All(i => _world[i].Plan().View is { Members.Count: 1 }), 10, "the servers do not hear each other");
        Assert.Equal(0, _world.Command(0, AdminVerb.Start, "web").Code);
        _world.InUse.Add("ip");
        Assert.Equal(4, _world.Command(1, AdminVerb.Start, "web").Code);
        Assert.False(_world.RunsOn(1, "web"));
        _world.IsCut = false;
        _world.InUse.Clear();
        _world.Run(5);
        _world.Settled(0, "web", 20);
        Assert.Equal("start web.app on server1 (Start)", _world.LogLines[^1]);
    }

    /// <summary>The old owner's fence has closed; what answers now is not the cluster's, and an outage would help nobody.</summary>
    [Fact]
    public void Takeover_must_not_ask()
    {
        BothUp();
        Assert.Equal(0, _world.Command(0, AdminVerb.Start, "web").Code);
        _world.InUse.Add("ip");
        _world.PowerOff(0);
        var died = _world.Now;
        _world.Until(() => _world.RunsOn(1, "web"), 4, "takeover");
        Assert.True(_world.Now - died < FakeGuardian.Timeout + TimeSpan.FromMilliseconds(350), $"takeover took {_world.Now - died}");
        Assert.Equal(0, _world[1].EventCount("rc 35"));
    }

    [Fact]
    public void Move_must_not_ask()
    {
        BothUp();
        Assert.Equal(0, _world.Command(0, AdminVerb.Start, "web").Code);
        _world.InUse.Add("ip");
        Assert.Equal(0, _world.Command(0, AdminVerb.Move, "web").Code);
        _world.Settled(1, "web");
    }
}
