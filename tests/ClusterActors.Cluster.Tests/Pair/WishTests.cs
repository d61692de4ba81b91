using ClusterActors.Cluster.Wire;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>What administrators want of the cluster and of servers: replicated, stored, carried out.</summary>
public sealed class WishTests : IDisposable
{
    private readonly World _world = new();

    public WishTests()
    {
        _world.Boot(0, 1);
        _world.Settled(0, "web", 20);
    }

    [Fact]
    public void Standby_must_move_groups_away_survive_restarts_and_end_by_resume()
    {
        Assert.Equal(8, _world.Wish(1, WishVerb.Standby, Configs.Server1).Code);
        Assert.Equal(0, _world.Wish(0, WishVerb.Standby, Configs.Server1).Code);
        _world.Settled(1, "web");
        Assert.Equal(1, _world[1].EventCount("server1 is on standby"));

        // A move that nobody commanded ends as it began.
        _world.Run(1);
        Assert.Equal((1, 1), (_world[0].EventCount("move of group web began"), _world[0].EventCount("move of group web is complete")));

        _world.RestartDaemon(0);
        _world.RestartDaemon(1);
        _world.Settled(1, "web", 20);
        Assert.NotEqual(0, _world.Command(0, AdminVerb.Move, "web", Configs.Server1).Code);
        _world.Settled(1, "web");

        Assert.Equal(0, _world.Wish(0, WishVerb.ResumeServer, Configs.Server1).Code);
        Assert.Equal(0, _world.Command(0, AdminVerb.Move, "web", Configs.Server1).Code);
        _world.Settled(0, "web");
    }

    [Fact]
    public void What_cannot_be_stored_must_be_answered_as_not_done_and_must_not_be_done()
    {
        _world.FullDisks.Add(0);
        var stop = _world.Command(0, AdminVerb.Stop, "web", wait: 3);
        Assert.Equal(9, stop.Code);
        Assert.Contains("not stored within 3 s, so nothing is done yet: web", stop.Message, StringComparison.Ordinal);

        _world.FullDisks.Clear();
        _world.Run(10);
        _world.Settled(0, "web");
        Assert.Equal(0, _world.Command(0, AdminVerb.Stop, "web").Code);
    }

    [Fact]
    public void Command_that_does_not_wait_must_not_claim_that_its_wish_was_lost()
    {
        Assert.Equal(5, _world.Command(0, AdminVerb.Stop, "web", wait: 0).Code);
        _world.Until(() => _world.RunsNowhere("web"), 10, "web is stopped");
    }

    [Fact]
    public void Maintenance_must_keep_a_failing_group_where_it_is()
    {
        Assert.Equal(0, _world.Wish(0, WishVerb.Maintenance, Configs.Server1).Code);
        for (var i = 0; i < 20; i++)
        {
            if (_world.RunsOn(0, "web"))
                _world.Crash(0, "web", _world.Config.FindGroup(new("web"))!.Resources[^1].Name.Value);
            _world.Run(1);
        }

        Assert.Equal(Configs.Server1, _world[0].RecordOf("web")!.Owner);
        Assert.DoesNotContain(_world.Guardians[1].Programs.Keys, k => k.Group == "web");
    }

    [Fact]
    public void Suspended_cluster_must_not_take_over_and_resumed_one_must()
    {
        Assert.Equal(0, _world.Wish(0, WishVerb.Suspend).Code);
        _world.Until(() => _world[1].Plan().View!.Suspended, 5, "server2 knows of the suspension");
        _world.PowerOff(0);
        _world.Run(20);
        Assert.True(_world.RunsNowhere("web"));
        Assert.Equal(1, _world[1].EventCount("the cluster is suspended"));

        Assert.Equal(0, _world.Wish(1, WishVerb.Resume).Code);
        _world.Settled(1, "web", 20);
    }

    [Fact]
    public void Stretch_must_reach_both_guardians_survive_a_restart_and_end_by_itself()
    {
        Assert.Equal(0, _world.Wish(0, WishVerb.Stretch, null, 10, 120).Code);
        _world.Until(() => _world[0].Ratio == 10 && _world[1].Ratio == 10, 5, "both have the ratio");
        _world.RestartDaemon(1);
        _world.Until(() => _world[1].Ratio == 10, 20, "the ratio is known again");
        _world.Run(130);

        Assert.Equal((1, 1), (_world[0].Ratio, _world[1].Ratio));
        Assert.Equal(1, _world[0].EventCount("timeouts are back"));
    }

    [Fact]
    public void Server_that_was_away_must_learn_the_wishes_when_it_comes_back()
    {
        _world.PowerOff(1);
        _world.Run(10);
        Assert.Equal(0, _world.Wish(0, WishVerb.Standby, Configs.Server2).Code);
        _world.Boot(1);
        _world.Until(() => _world[1].Plan().View?.Servers.Any(s => s.Mode == ServerMode.Standby) == true, 20, "server2 knows that it is on standby");
    }

    [Theory]
    [InlineData(WishVerb.Stretch, null, 10_001, 60, 2)]
    [InlineData(WishVerb.Stretch, null, 2, 2_592_001, 2)]
    [InlineData(WishVerb.Standby, "server9", 1, 0, 3)]
    public void Wrong_wish_must_be_refused_and_change_nothing(WishVerb verb, string? server, int ratio, double seconds, int code)
    {
        Assert.Equal(code, _world.Wish(0, verb, server is null ? null : new ServerName(server), ratio, seconds).Code);
        Assert.Equal(0, _world[0].Plan().Membership!.Wishes.Generation);
    }

    [Fact]
    public void Dry_run_must_say_what_would_move_and_change_nothing()
    {
        var outcome = _world.Wish(0, WishVerb.Standby, Configs.Server1, dryRun: true);

        Assert.Contains(outcome.Because, b => b.StartsWith("MoveGroup web", StringComparison.Ordinal));
        Assert.Equal(0, _world[0].Plan().Membership!.Wishes.Generation);
    }

    public void Dispose() => _world.Dispose();
}
