using ClusterActors.Cluster.Wire;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>A resource operation that ends in a way nobody planned for is a failed one, not one that is under way for ever.</summary>
public sealed class UnforeseenFailureTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Start_that_throws_must_be_stopped_and_fail_over_like_any_failed_start()
    {
        _world.StartsThatThrow.Add((0, "app"));
        _world.Boot(0, 1);
        _world.Settled(1, "web", 30);

        Assert.Contains(_world[0].EventTexts, t => t.Contains("InvalidOperationException: not foreseen", StringComparison.Ordinal));
        Assert.Contains("stop web.app on server1", _world.LogLines);
        Assert.Contains("stop web.ip on server1", _world.LogLines);
    }

    [Fact]
    public void Group_whose_start_throws_everywhere_must_not_stay_pending()
    {
        _world.StartsThatThrow.UnionWith([(0, "app"), (1, "app")]);
        _world.Boot(0, 1);
        _world.Until(() => _world[0].RecordOf("web") is { State: GroupState.OnlineFailure }, 60, "web has failed");

        _world.StartsThatThrow.Clear();
        Assert.Equal(0, _world.Command(0, AdminVerb.Start, "web").Code);
        _world.Run(1);
        Assert.False(_world.RunsNowhere("web"));
    }
}
