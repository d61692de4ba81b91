using ClusterActors.Actors;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Planning;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>Server1 decides, then server2 in its place, then server1 again, all in one term and one life of each guardian and daemon.</summary>
public sealed class DecidingAgainTests : IDisposable
{
    private static readonly ClusterConfig Pair = Configs.Pair();
    private readonly TestKitBase _kit = new(new VirtualDriver(), "clpd1");
    private readonly TestProbe _others;
    private readonly TestProbe _rc;
    private readonly Dictionary<ServerName, ServerReport> _last = [];
    private IActorRef _nm = ActorRefs.Nobody;
    private ClusterConfig _config = Pair;
    private MembershipView? _view;

    public DecidingAgainTests() => (_others, _rc) = (_kit.CreateTestProbe("others"), _kit.CreateTestProbe("rc"));

    public void Dispose() => _kit.Dispose();

    /// <summary>No time passes: the clock alone would not make another life of it.</summary>
    [Fact]
    public void Server_of_three_that_decides_again_must_do_so_under_a_new_life()
    {
        MeetAll(ThreeServers.Config());
        var first = Newest();
        Assert.True(first.Decides);

        Lose(ThreeServers.Server3);
        Tell(Configs.Server2, r => r with { Decides = true, Follows = new(Configs.Server2, 1, 2) });
        var between = Newest();
        Assert.False(between.Decides);

        Meet(ThreeServers.Server3);
        Tell(Configs.Server2, r => r with { Decides = false });
        var again = Newest();
        Assert.True(again.Decides);
        Assert.True(again.Life > first.Life, $"life {again.Life} after {first.Life}");
        Assert.True(again.Life > between.Life, $"life {again.Life} after {between.Life}");
    }

    [Fact]
    public void Server_must_keep_its_life_while_it_goes_on_deciding()
    {
        MeetAll(ThreeServers.Config());
        var first = Newest();
        _kit.Advance(TimeSpan.FromSeconds(12));
        var later = Newest();
        Assert.True(later.Sequence > first.Sequence);
        Assert.Equal(first.Life, later.Life);
    }

    /// <summary>In a pair nobody decides in its place.</summary>
    [Fact]
    public void Server_of_a_pair_that_decides_again_must_keep_its_life()
    {
        MeetAll(Pair);
        var first = Newest();
        Lose(Configs.Server2);
        _kit.Advance(TimeSpan.FromSeconds(12));
        Meet(Configs.Server2);
        var again = Newest();
        Assert.True(again.Decides);
        Assert.Equal(first.Life, again.Life);
    }

    /// <summary>Server3's report that it follows server1 is of the time before server2 decided; a one-way loss has kept all later ones away.</summary>
    [Fact]
    public void Server_that_decides_again_must_decide_nothing_before_all_follow_its_new_life()
    {
        MeetAll(ThreeServers.Config());
        FollowAll(Newest().Life);
        Assert.True(Standing.IsValid, Standing.Sentence);

        Lose(ThreeServers.Server3);
        Meet(ThreeServers.Server3);
        var again = Newest();
        Assert.True(again.Decides);
        Follow(Configs.Server1, again.Life);
        Follow(Configs.Server2, again.Life);
        Assert.Equal("server3 does not carry out the orders of server1 yet", Standing.Sentence);
        Follow(ThreeServers.Server3, again.Life);
        Assert.True(Standing.IsValid, Standing.Sentence);
    }

    /// <summary>nm hears of a term first. Until rc knows of it, too, it may still accept an order of the one before.</summary>
    [Fact]
    public void Report_in_a_new_term_must_follow_nobody_before_rc_knows_of_the_term()
    {
        MeetAll(Pair);
        var follows = new Following(Configs.Server1, Newest().Life, 1);
        _nm.Tell(Own(ThreeServers.Term, follows));
        Assert.Equal(follows, Newest().Follows);

        Term next = new(ThreeServers.Term.Number + 1, 0);
        _nm.Tell(new TermChanged(ThreeServers.Term, next, 0, "test"));
        var between = Newest();
        Assert.Equal((next, null, 1), (between.Term, between.Follows!.Coordinator, between.Follows.Number));
        _nm.Tell(Own(next, follows));
        var known = Newest();
        Assert.Equal((next, follows), (known.Term, known.Follows));
    }

    private ViewStanding Standing
    {
        get
        {
            _kit.Settle();
            while (_rc.HasMessages)
                _view = _rc.ExpectMsg<object>() as MembershipView ?? _view;
            return _view!.ToClusterView(_config).Standing;
        }
    }

    private void MeetAll(ClusterConfig config)
    {
        _config = config;
        var ids = new EventIds(Configs.Server1, _kit.Clock.GetUtcNow());
        _nm = _kit.ActorOf(NodeManager.Props(new(config, Configs.Server1, new QuietGuardian(), _kit.CreateTestProbe("evt").Ref, ids, _ => _others.Ref, _kit.Clock)), "nm");
        _nm.Tell(new ViewReaders([], _rc.Ref));
        _nm.Tell(ThreeServers.Welcome(Configs.Server1));
        _nm.Tell(new StartupWaitChanged(null));
        Follow(Configs.Server1, 0);
        foreach (var other in config.Servers.Skip(1))
            Meet(other.Name);
    }

    private void Meet(ServerName server)
    {
        _nm.Tell(ThreeServers.Beats(server, PeerState.Up));
        _nm.Tell(new ServerLinked(server, _config.Hash));
        Tell(server, r => r);
    }

    private void Lose(ServerName server)
    {
        _nm.Tell(ThreeServers.Beats(server, PeerState.Down));
        _nm.Tell(new ServerUnlinked(server, "gone"));
    }

    private void FollowAll(long life)
    {
        foreach (var server in _config.Servers)
            Follow(server.Name, life);
    }

    private void Follow(ServerName server, long life)
    {
        var follows = new Following(Configs.Server1, life, life);
        if (server == Configs.Server1)
            _nm.Tell(Own(ThreeServers.Term, follows));
        else
            Tell(server, r => r with { Follows = follows });
    }

    private OwnGroups Own(Term term, Following follows) =>
        new(term, [.. _config.Groups.Select(g => new GroupReport(GroupRecord.Initial(g.Name), false, []))], true, []) { Follows = follows };

    private void Tell(ServerName server, Func<ServerReport, ServerReport> change)
    {
        var last = _last.GetValueOrDefault(server) ?? ThreeServers.Report(_config, server);
        _nm.Tell(_last[server] = change(last) with { Sequence = last.Sequence + 1 });
    }

    /// <summary>What counts for the others: one report may bring about the next before it is sent itself.</summary>
    private ServerReport Newest()
    {
        _kit.Settle();
        var newest = _others.ExpectMsg<ServerReport>();
        while (_others.HasMessages)
            newest = _others.ExpectMsg<ServerReport>() is var next && next.Sequence > newest.Sequence ? next : newest;
        return newest;
    }
}
