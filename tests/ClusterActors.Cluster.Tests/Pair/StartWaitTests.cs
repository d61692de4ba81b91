using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>The limit of a group's wait for another one.</summary>
public sealed class StartWaitTests : IDisposable
{
    private readonly World _world = new(Configs.Pair(
        PartitionPolicy.TakeOver,
        Configs.WebGroup() with { WaitFor = [new("db")], WaitTimeout = TimeSpan.FromSeconds(30) },
        Configs.DbGroup() with { StartUp = StartUp.Manual }));

    public StartWaitTests() => _world.Boot(0, 1);

    [Fact]
    public void Group_must_start_when_the_other_one_comes_online_in_time()
    {
        _world.Run(20);
        Assert.True(_world.RunsNowhere("web"));
        Assert.Equal(0, _world.Command(0, AdminVerb.Start, "db").Code);

        _world.Settled(0, "web", 20);
        Assert.Equal(1, _world[0].EventCount("the wait of group web is over"));
    }

    [Fact]
    public void Wait_must_end_for_good_at_its_limit_until_an_administrator_asks_again()
    {
        _world.Until(() => _world[0].Plan().Plan?.For(new("web")) is Wait, 20, "web waits");
        _world.Run(31);
        Assert.IsType<Hold>(_world[0].Plan().Plan!.For(new("web")));
        Assert.Equal(1, _world[0].EventCount("was given up"));
        Assert.Equal(0, _world.Command(0, AdminVerb.Start, "db").Code);
        _world.Run(5);
        Assert.True(_world.RunsNowhere("web"));

        Assert.Equal(0, _world.Command(0, AdminVerb.Start, "web").Code);
        _world.Settled(0, "web", 20);
    }

    public void Dispose() => _world.Dispose();
}
