using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>
/// A view reaches the coordinator and the receiver of its orders at the same time, so that the receiver may have gone on counting whose orders it accepts
/// before the coordinator knows. No time passes here: what is sent anew does not wait for it.
/// </summary>
public sealed class RefusedOrderTests : IDisposable
{
    private static readonly ClusterConfig Config = ThreeServers.Config();
    private static readonly GroupName Web = new("web");
    private readonly CoordinatorBench _bench = new(Config);
    private readonly long _start;
    private long _generation;
    private MembershipState _state = ThreeServers.Meeting(Config, Configs.Server1);

    public RefusedOrderTests() => _start = _bench.Now;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Order_must_be_sent_anew_when_its_refusal_came_before_the_newer_view()
    {
        _bench.See(_state);
        var first = Sent();
        Assert.Equal(1, first!.Under);

        Refuse(first);
        Assert.Null(Sent());
        CountOn();
        AssertAnew(first, Sent());
    }

    [Fact]
    public void Order_must_be_sent_anew_when_its_refusal_came_after_the_newer_view()
    {
        _bench.See(_state);
        var first = Sent();

        CountOn();
        Assert.Null(Sent());
        Refuse(first!);
        AssertAnew(first!, Sent());
    }

    /// <summary>The address was given up a moment ago: a start of any other cause would ask the network for it first.</summary>
    [Fact]
    public void Start_of_a_move_must_stay_one_when_it_was_refused()
    {
        SeeWeb(GroupState.Online, wished: ThreeServers.Server3);
        AcceptStop();
        SeeWeb(GroupState.Offline, wished: ThreeServers.Server3);
        var first = _bench.Rc(ThreeServers.Server3).ExpectMsg<StartGroupOrder>();
        Assert.Equal(StartCause.Move, first.Cause);

        Refuse(first);
        CountOn(ThreeServers.Server3);
        Assert.Equal(StartCause.Move, _bench.Rc(ThreeServers.Server3).ExpectMsg<StartGroupOrder>().Cause);
        Assert.Equal(_start, _bench.Now);
    }

    [Fact]
    public void Start_after_a_move_that_was_given_up_must_be_an_ordinary_one()
    {
        SeeWeb(GroupState.Online, wished: ThreeServers.Server3);
        var stop = _bench.Rc(Configs.Server1).ExpectMsg<StopGroupOrder>();
        _bench.Tell(new OrderReply(stop.OrderId, stop.Group, false, "not now"));
        SeeWeb(GroupState.Online, wished: null);
        _bench.Pass(1);
        SeeWeb(GroupState.Offline, wished: null);
        Assert.Equal(StartCause.Start, Sent()!.Cause);
    }

    /// <summary>Server1 tells the next state of the group, which it owns.</summary>
    private void SeeWeb(GroupState state, ServerName? wished)
    {
        var record = GroupRecord.Initial(Web) with
        {
            State = state,
            Owner = Configs.Server1,
            Term = ThreeServers.Term,
            Generation = ++_generation,
            Wish = GroupWish.Started,
            WishedServer = wished,
            WishTerm = ThreeServers.Term,
            WishGeneration = _generation,
        };
        _state = _state.Tells(Configs.Server1, r => r with { Groups = [new GroupReport(record, state == GroupState.Online, [])] });
        _bench.See(_state);
    }

    private void AcceptStop()
    {
        var stop = _bench.Rc(Configs.Server1).ExpectMsg<StopGroupOrder>();
        _bench.Tell(new OrderReply(stop.OrderId, stop.Group, true, ""));
    }

    private void Refuse(StartGroupOrder order) => _bench.Tell(new OrderReply(order.OrderId, order.Group, false, "it was decided before that"));

    private void CountOn() => CountOn(Configs.Server1);

    private void CountOn(ServerName server)
    {
        _state = _state.Tells(server, r => r with { Follows = r.Follows! with { Number = 3 } });
        _bench.See(_state);
    }

    private StartGroupOrder? Sent() => _bench.Rc(Configs.Server1) is { HasMessages: true } rc ? rc.ExpectMsg<StartGroupOrder>() : null;

    private void AssertAnew(StartGroupOrder first, StartGroupOrder? again)
    {
        Assert.Equal((first.Group, 3L), (again!.Group, again.Under!.Value));
        Assert.True(again.OrderId > first.OrderId);
        Assert.Null(Sent());
        Assert.Equal(_start, _bench.Now);
    }
}
