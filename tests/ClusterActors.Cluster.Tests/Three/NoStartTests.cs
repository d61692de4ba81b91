using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>Server1 is between server2 and server3, which miss each other: whom it gives no group, and why.</summary>
public sealed class NoStartTests : IDisposable
{
    private const string NextTerm = "starts nothing before the next term, and that waits until all meet again";
    private static readonly ClusterConfig Config = ThreeServers.Config(PartitionPolicy.TakeOver, Configs.Server2, ThreeServers.Server3, Configs.Server1);
    private static readonly GroupName Web = new("web");
    private static readonly MembershipState All = ThreeServers.Meeting(Config, Configs.Server1);
    private static readonly MembershipState Missing = All.Between(Configs.Server2, ThreeServers.Server3);
    private static readonly MembershipState Passed = Missing with { PassedOver = [Configs.Server2, ThreeServers.Server3] };
    private readonly CoordinatorBench _bench = new(Config);

    public void Dispose() => _bench.Dispose();

    private static IEnumerable<string?> Whys(MembershipState state) => state.View.ToClusterView(Config).Servers.Select(s => s.WhyNoStart);

    [Fact]
    public void Server_that_misses_another_must_be_given_nothing_because_of_the_one_it_misses()
    {
        Assert.Equal([null, "does not meet server3, so it accepts no start", "does not meet server2, so it accepts no start"], Whys(Passed));
        Assert.Equal([null, null, null], Whys(Missing));
        Assert.Equal([null, null, "does not meet server2, so it accepts no start"], Whys(Missing with { PassedOver = [ThreeServers.Server3] }));
    }

    [Fact]
    public void Server_that_meets_all_again_must_be_given_groups_though_it_was_passed_over() =>
        Assert.Equal([null, null, "does not meet server2, so it accepts no start"], Whys(Passed.Tells(Configs.Server2, r => r with { Meets = [.. Config.Servers.Select(s => s.Name)] })));

    [Fact]
    public void Server_that_promised_to_start_nothing_in_this_term_must_be_given_nothing_while_no_term_can_be_raised()
    {
        Assert.Equal([NextTerm, "does not meet server3, so it accepts no start", "does not meet server2, so it accepts no start"], Whys(Promised(Passed)));
        Assert.Equal([null, null, null], Whys(Promised(All)));
        Assert.All(Promised(Passed).View.IfRaised(Config, []).Servers, s => Assert.Null(s.WhyNoStart));
    }

    private static MembershipState Promised(MembershipState state) => state
        .OnTable(ThreeServers.Table with { Flags = GuardianFlags.DownAndClean })
        .OnPeer(ThreeServers.Beats(Configs.Server2, PeerState.Up) with { Flags = GuardianFlags.DownAndClean });

    [Fact]
    public void Server_that_refused_a_start_since_it_misses_another_must_not_be_chosen_again()
    {
        _bench.See(All);
        var order = _bench.Rc(Configs.Server2).ExpectMsg<StartGroupOrder>();
        _bench.Tell(new OrderReply(order.OrderId, Web, false, "the view of server2 is not valid"));
        _bench.See(Passed);
        _bench.Pass(1);
        Assert.Equal(Web, _bench.Rc(Configs.Server1).ExpectMsg<StartGroupOrder>().Group);
        Assert.False(_bench.Rc(Configs.Server2).HasMessages);
        Assert.False(_bench.Rc(ThreeServers.Server3).HasMessages);
        Assert.Equal(
            [
                new Candidate(Configs.Server2, false, CandidateRule.AcceptsNoStart, "does not meet server3, so it accepts no start"),
                new Candidate(ThreeServers.Server3, false, CandidateRule.AcceptsNoStart, "does not meet server2, so it accepts no start"),
                new Candidate(Configs.Server1, true, CandidateRule.None, "first fit server in the order"),
            ],
            _bench.Plan().Plan!.For(Web)!.Because.Candidates);
    }

    /// <summary>The start may still arrive at server2, and be carried out when it meets all again: after any time, since server2 may have stood still.</summary>
    [Fact]
    public void Start_under_way_to_a_server_that_misses_another_must_be_over_before_the_next_one_gets_the_group()
    {
        _bench.See(All);
        _bench.Rc(Configs.Server2).ExpectMsg<StartGroupOrder>();
        _bench.See(Passed);
        _bench.Pass(9);
        _bench.See(Reported());
        Assert.False(_bench.NodeManager.HasMessages);
        for (var i = 0; i < 2; i++)
        {
            _bench.Pass(90);
            _bench.See(Reported());
            _bench.NodeManager.ExpectMsg<DecideAnew>();
            _bench.See(Reported());
            Assert.False(_bench.NodeManager.HasMessages);
            Assert.False(_bench.Rc(Configs.Server1).HasMessages);
        }

        _bench.See(Reported(number: 2));
        _bench.Rc(Configs.Server1).ExpectMsg<StartGroupOrder>();
        Assert.False(_bench.Rc(Configs.Server2).HasMessages);
    }

    /// <summary>What refuses the second order may be the start that the first one has begun.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Refusal_must_not_answer_for_an_earlier_order_to_the_same_server(bool sentAgain)
    {
        _bench.See(All);
        var order = _bench.Rc(Configs.Server2).ExpectMsg<StartGroupOrder>();
        if (sentAgain)
        {
            _bench.Pass(5.1);
            order = _bench.Rc(Configs.Server2).ExpectMsg<StartGroupOrder>();
        }

        _bench.Tell(new OrderReply(order.OrderId, Web, false, "web is active on server2 already"));
        _bench.See(Reported());
        _bench.Pass(0.3);
        Assert.Equal(!sentAgain, _bench.Rc(Configs.Server1).HasMessages);
        Assert.Equal(sentAgain, _bench.NodeManager.HasMessages);
        _bench.See(Reported(number: 2));
        _bench.Rc(Configs.Server1).ExpectMsg<StartGroupOrder>();
    }

    /// <summary>Reports come from another actor than answers: one that arrives later may have been made before the start was accepted.</summary>
    [Fact]
    public void Report_that_comes_after_an_answer_must_not_tell_that_nothing_came_of_the_start()
    {
        _bench.See(All);
        var order = _bench.Rc(Configs.Server2).ExpectMsg<StartGroupOrder>();
        _bench.Tell(new OrderReply(order.OrderId, Web, true, ""));
        _bench.See(Passed);
        _bench.Pass(2);
        _bench.See(Reported());
        _bench.NodeManager.ExpectMsg<DecideAnew>();
        Assert.False(_bench.Rc(Configs.Server1).HasMessages);
        _bench.See(Reported(number: 2));
        _bench.Rc(Configs.Server1).ExpectMsg<StartGroupOrder>();
    }

    /// <summary>A report of server2 that comes now, from behind the change if it follows under another number.</summary>
    private MembershipState Reported(long number = 1) => Passed.Tells(Configs.Server2, r => r with { Follows = r.Follows! with { Number = number } }, _bench.Now);
}
