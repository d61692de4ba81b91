using ClusterActors.Actors;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Resources;
using ClusterActors.Persistence;
using ClusterActors.Persistence.InMemory;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>Orders that server1 has sent to server3 in one life as the coordinator, and that arrive in its next one, all in one term.</summary>
public sealed class LateOrderTests : IDisposable
{
    private const string Late = "server3 carries out the orders of server1 now, the order was decided before that by server1";
    private static readonly ClusterConfig Config = ThreeServers.Config();
    private static readonly GroupName Web = new("web");
    private readonly TestKitBase _kit = new(new VirtualDriver(), "clpd3");
    private readonly TestProbe _nm;
    private readonly TestProbe _coordinator;
    private readonly IActorRef _rc;
    private Following? _follows;
    private MembershipState _state = ThreeServers.Meeting(Config, ThreeServers.Server3);

    public LateOrderTests()
    {
        (_nm, _coordinator) = (_kit.CreateTestProbe("nm"), _kit.CreateTestProbe("coordinator"));
        var registry = new EventRegistry();
        ClusterMessages.RegisterIn(registry);
        var store = new InMemoryStore();
        var ids = new EventIds(ThreeServers.Server3, DateTimeOffset.UnixEpoch);
        _rc = _kit.ActorOf(ResourceControl.Props(
            new(Config, ThreeServers.Server3, ids, new EventStore(store, store, registry), _ => null!), _nm.Ref, _kit.CreateTestProbe("pm").Ref, _kit.CreateTestProbe("evt").Ref), "rc");
        _kit.Settle();
        _rc.Tell(new GroupReady(Web, false));
    }

    public void Dispose() => _kit.Dispose();

    /// <summary>Over a one-way loss nothing may be seen of the stand-in.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Order_of_an_earlier_life_of_the_coordinator_must_be_refused_in_its_next_one(bool standInSeen)
    {
        var first = See(_state);
        Assert.Equal((Configs.Server1, 1), (first.Coordinator!, first.Life));
        if (standInSeen)
            Assert.Equal(Configs.Server2, See(_state.Tells(Configs.Server1, r => r with { Decides = false }).Tells(Configs.Server2, r => r with { Decides = true })).Coordinator);
        var again = See(_state.Tells(Configs.Server2, r => r with { Decides = false }).Tells(Configs.Server1, r => r with { Decides = true, Life = 2 }));
        Assert.Equal((Configs.Server1, 2), (again.Coordinator!, again.Life));
        Assert.True(again.Number > first.Number);

        Assert.Equal((false, Late), Start(first));
        Assert.Equal((false, Late), Stop(first));
        Assert.Equal((true, ""), Stop(again));
        Assert.Equal((true, ""), Start(again));
    }

    [Fact]
    public void Order_of_the_stand_in_must_be_refused_when_the_coordinator_decides_again()
    {
        See(_state);
        var standIn = See(_state.Tells(Configs.Server1, r => r with { Decides = false }).Tells(Configs.Server2, r => r with { Decides = true }));
        See(_state.Tells(Configs.Server2, r => r with { Decides = false }).Tells(Configs.Server1, r => r with { Decides = true, Life = 2 }));
        Assert.False(Start(standIn, Configs.Server2).Accepted);
        Assert.False(Stop(standIn, Configs.Server2).Accepted);
    }

    /// <summary>Whom server3 tells that it follows from this view on.</summary>
    private Following See(MembershipState state)
    {
        _state = state;
        _rc.Tell(state.View);
        _kit.Settle();
        while (_nm.HasMessages)
            _follows = _nm.ExpectMsg<OwnGroups>().Follows;
        return _follows!;
    }

    private (bool Accepted, string Sentence) Start(Following under, ServerName? by = null) =>
        Order(new StartGroupOrder(1, Web, ThreeServers.Term, 9, StartCause.Start, "test") { By = by ?? Configs.Server1, Under = under.Number });

    private (bool Accepted, string Sentence) Stop(Following under, ServerName? by = null) =>
        Order(new StopGroupOrder(2, Web, ThreeServers.Term, false, "test") { By = by ?? Configs.Server1, Under = under.Number });

    private (bool Accepted, string Sentence) Order(object order)
    {
        _coordinator.Send(_rc, order);
        var reply = _coordinator.ExpectMsg<OrderReply>();
        return (reply.Accepted, reply.Sentence);
    }
}
