using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>
/// A view reaches the coordinator and the receiver of its orders at the same time, so that the receiver may have gone on counting whose orders it accepts
/// before the coordinator knows. No time passes here: what is sent anew does not wait for it.
/// </summary>
public sealed class RefusedOrderTests : IDisposable
{
    private static readonly ClusterConfig Config = ThreeServers.Config();
    private readonly CoordinatorBench _bench = new(Config);
    private readonly long _start;
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

    private void Refuse(StartGroupOrder order) => _bench.Tell(new OrderReply(order.OrderId, order.Group, false, "it was decided before that"));

    private void CountOn()
    {
        _state = _state.Tells(Configs.Server1, r => r with { Follows = r.Follows! with { Number = 3 } });
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
