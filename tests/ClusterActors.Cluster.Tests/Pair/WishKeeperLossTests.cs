using ClusterActors.Actors;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Persistence;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>The keeper of wishes stops when its journal fails: it comes back, and until it has nothing is done that a wish may forbid.</summary>
public sealed class WishKeeperLossTests : IDisposable
{
    private readonly World _world = new();

    public WishKeeperLossTests()
    {
        _world.Boot(0, 1);
        _world.Settled(0, "web", 20);
        _world.Settled(1, "db", 20);
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Wishes_must_be_stored_again_once_the_journal_takes_writes_again()
    {
        Assert.Equal(0, _world.Wish(0, WishVerb.Stretch, null, 10, 120).Code);
        LoseAWish();

        Assert.Equal(0, _world.Wish(0, WishVerb.Standby, Configs.Server1).Code);
        _world.Settled(1, "web");

        // The end of the stretch was a timer of the keeper that is gone.
        Assert.Equal((10, 10), (_world[0].Ratio, _world[1].Ratio));
        _world.Run(130);
        Assert.Equal((1, 1), (_world[0].Ratio, _world[1].Ratio));
    }

    [Fact]
    public void Suspended_cluster_must_not_take_over_while_the_suspension_cannot_be_read()
    {
        Assert.Equal(0, _world.Wish(0, WishVerb.Suspend).Code);
        _world.StoreOf(0).Fault = (_, id) => id == "cluster-wishes" ? new JournalException(JournalFault.Storage, "bad sector") : null;
        _world.RestartDaemon(0);
        _world.Settled(0, "web", 20);
        _world.PowerOff(1);
        _world.Run(20);
        Assert.True(_world.RunsNowhere("db"));
        Assert.Equal("server1 cannot read from its journal what administrators want of the cluster", _world[0].Plan().View!.WhySuspended);
        Assert.Equal(9, _world.Wish(0, WishVerb.Resume).Code);

        _world.StoreOf(0).Fault = null;
        _world.Run(10);
        Assert.True(_world.RunsNowhere("db"));
        Assert.Equal("the cluster is suspended", _world[0].Plan().View!.WhySuspended);
        Assert.Equal(0, _world.Wish(0, WishVerb.Resume).Code);
        _world.Settled(0, "db", 20);
    }

    private void LoseAWish()
    {
        _world.FullDisks.Add(0);
        _world[0].Coordinator.Tell(new WishCommand("lost", WishVerb.Suspend, null, 1, 0, false, "test", "root"), ActorRefs.NoSender);
        _world.Run(15);
        _world.FullDisks.Remove(0);
        _world.Run(10);
        Assert.False(_world[0].Plan().View!.Suspended);
    }
}
