using ClusterActors.Actors;
using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Resources;
using ClusterActors.Model.Voting;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>A pair that asks arbiters: fence alone, fence with ping, and a vote store.</summary>
public sealed class ArbitrationTests : IDisposable
{
    private World _world = null!;
    private FakeFence _fence = null!;
    private readonly FakePing[] _pings = [new(), new()];
    private readonly FakeStore.Shared _shared = new();
    private FakeStore[] _stores = [];

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Groups_of_a_dead_server_must_be_taken_over_once_the_fence_has_succeeded()
    {
        FencedPair();
        _world.PowerOff(0);
        _world.Settled(1, "web", 20);
        Assert.Single(_fence.Shots);
        Assert.Equal(1, _world[1].EventCount("server server1 is off: status says off"));
        Assert.Equal(1, _world[1].EventCount("no heartbeat resource reaches server1"));
    }

    [Fact]
    public void Takeover_must_follow_from_the_fence_and_the_fence_from_the_silence()
    {
        FencedPair();
        _world.PowerOff(0);
        _world.Settled(1, "web", 20);
        Assert.StartsWith("rc 60 < ca 72 < ca 71 < nm 2", Chain("rc 60"), StringComparison.Ordinal);
    }

    [Fact]
    public void Takeover_must_follow_from_an_administrators_confirmation()
    {
        FencedPair();
        _fence.IsBroken = true;
        _world.PowerOff(0);
        _world.Run(30);
        Assert.True(Confirm(1, Configs.Server1).Accepted);
        _world.Settled(1, "web", 10);
        Assert.Equal("rc 60 < ca 76", Chain("rc 60"));
    }

    [Fact]
    public void Takeover_must_not_happen_while_the_fence_fails_and_must_follow_when_it_recovers()
    {
        FencedPair();
        _fence.IsBroken = true;
        _world.PowerOff(0);
        _world.Run(60);
        Assert.False(_world.RunsOn(1, "web"));
        Assert.Equal(1, _world[1].EventCount("rc 433"));
        Assert.Equal(1, _world[1].EventCount("ca 74"));
        Assert.Contains("fencing server1 failed", Shown(1).Verdict!.Sentence, StringComparison.Ordinal);
        _fence.IsBroken = false;
        _world.Settled(1, "web", 30);
        Assert.Equal(2, _fence.Shots.Count);
        Assert.Equal(1, _world[1].EventCount("ca 75"));
    }

    [Fact]
    public void Cut_pair_must_end_with_one_server_shot_by_the_side_with_the_groups()
    {
        FencedPair(Configs.WebGroup());
        _world.IsCut = true;
        _world.Run(15);
        Assert.Equal("server2", Assert.Single(_fence.Shots).Split(' ')[0]);
        Assert.True(_world.RunsOn(0, "web"));
    }

    [Fact]
    public void Isolated_side_must_shoot_nobody_and_the_other_must_take_over_after_the_delay()
    {
        FencedPair(Configs.WebGroup());
        _pings[0].IsIsolated = true;
        _world.IsCut = true;
        _world.Run(5);
        Assert.Empty(_fence.Shots);
        var verdict = Shown(0).Verdict!;
        Assert.Equal(VerdictKind.StandDown, verdict.Kind);
        Assert.Equal("gateway forbids it, this side is isolated: none of the targets answers", verdict.Sentence);
        _world.Until(() => _world.RunsOn(1, "web"), 10, "server2 takes over");
        Assert.Equal("server1", Assert.Single(_fence.Shots).Split(' ')[0]);
    }

    [Fact]
    public void Isolation_that_ends_must_be_noticed_while_the_silence_lasts()
    {
        FencedPair(Configs.WebGroup());
        (_pings[0].IsIsolated, _pings[1].IsIsolated) = (true, true);
        _world.IsCut = true;
        _world.Run(20);
        Assert.Empty(_fence.Shots);
        _pings[0].IsIsolated = false;
        _world.Run(10);
        Assert.Equal("server2", Assert.Single(_fence.Shots).Split(' ')[0]);
    }

    [Fact]
    public void Server_that_boots_alone_must_shoot_nobody_and_start_after_the_word_of_an_administrator()
    {
        Use(Configs.Asking(Configs.Fence()));
        _world.Boot(1);
        _world.Run(100);
        Assert.Empty(_fence.Shots);
        Assert.True(_world.RunsNowhere("web"));
        Assert.Contains("a booting server fences nobody", Shown(1).Verdict!.Sentence, StringComparison.Ordinal);
        var answer = Confirm(1, Configs.Server1);
        Assert.True(answer.Accepted, answer.Sentence);
        _world.Settled(1, "web", 10);
        Assert.Equal(1, _world[1].EventCount("root confirmed that server server1 is off: plug pulled"));
    }

    [Fact]
    public void Confirmation_must_be_refused_while_the_server_is_heard()
    {
        FencedPair();
        var answer = Confirm(1, Configs.Server1);
        Assert.False(answer.Accepted);
        Assert.Equal("server1 is not off: server2 hears it (running)", answer.Sentence);
    }

    [Fact]
    public void Checks_must_run_while_nothing_happens()
    {
        FencedPair();
        var before = _fence.Checks;
        _world.Run(130);
        Assert.InRange(_fence.Checks - before, 4, 6);
        Assert.Equal("ok", Shown(0).Arbiters.Single(a => a.Name == "power").State);
        Assert.Empty(_fence.Shots);
    }

    [Fact]
    public void Test_of_a_fence_must_only_ask_unless_it_is_really_meant()
    {
        FencedPair();
        var asked = _world.Ask<FenceTested>(_world[0].Arbitration, new TestFence(Configs.Server2, false, "root"));
        Assert.True(Assert.Single(asked.Lines).Succeeded);
        Assert.Empty(_fence.Shots);
        _world.Ask<FenceTested>(_world[0].Arbitration, new TestFence(Configs.Server2, true, "root"));
        Assert.Single(_fence.Shots);
        Assert.Equal(1, _world[0].EventCount("test by root"));
    }

    [Fact]
    public void Groups_of_a_dead_server_must_be_taken_over_with_the_vote_of_the_store()
    {
        StoredPair();
        Assert.NotEmpty(_world.Vows);
        _world.PowerOff(0);
        _world.Settled(1, "web", 20);
        Assert.Equal(1, _world[1].EventCount("ca 79"));
        Assert.Equal(0, _world.Guardians[1].RaisesWithoutVote);
        Assert.True(VoteRecord.TryRead(_shared.Entries["vote"].Value, out var vote));
        Assert.Equal((new Term(2, 1), 1u), (vote.Term, vote.Excluded));
    }

    [Fact]
    public void Cut_pair_must_not_take_over_from_a_server_that_still_counts()
    {
        StoredPair(Configs.WebGroup());
        _world.IsCut = true;
        _world.Run(30);
        Assert.True(_world.RunsOn(0, "web"));
        Assert.False(_world.RunsOn(1, "web"));
        Assert.Equal(0, _world.Raises);
        Assert.Contains("the counter of server 0 must stand still", Shown(1).Verdict!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Owner_cut_from_peer_and_store_must_get_no_vow_after_the_other_has_the_vote()
    {
        StoredPair(Configs.WebGroup());
        _world.IsCut = true;
        _stores[0].IsCut = true;
        _world.Until(() => _world.RunsOn(1, "web"), 20, "server2 takes over with the vote");
        _stores[0].IsCut = false;
        var at = _world.Now;
        _world.Run(5);
        Assert.DoesNotContain(_world.Vows, v => v.Server == 0 && v.Sent > at);
        Assert.Contains(_world.Vows, v => v.Server == 1 && v.Sent > at);
    }

    [Fact]
    public void Takeover_must_wait_while_the_store_does_not_answer()
    {
        StoredPair();
        _stores[1].IsCut = true;
        _world.PowerOff(0);
        _world.Run(20);
        Assert.False(_world.RunsOn(1, "web"));
        Assert.Equal(1, _world[1].EventCount("ca 77"));
        _stores[1].IsCut = false;
        _world.Settled(1, "web", 10);
        Assert.Equal(1, _world[1].EventCount("ca 78"));
    }

    /// <summary>The count was made, only its answer is lost: the worst case, since the next one is refused first. The grant's stand-down begins 1870 ms after a vow.</summary>
    [Fact]
    public void One_request_without_an_answer_must_cost_less_than_the_grant()
    {
        StoredPair(Configs.WebGroup());
        _stores[0].Loses = () => _world.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        _world.Run(5);
        var sent = _world.Vows.Where(v => v.Server == 0).Select(v => v.Sent.TotalMilliseconds).ToList();
        var longest = sent.Zip(sent.Skip(1), (one, next) => next - one).Max();
        Assert.Null(_stores[0].Loses);
        Assert.InRange(longest, 1000, 1500);
        Assert.Equal(0, _world[0].EventCount("ca 77"));
    }

    [Fact]
    public void Unused_vote_must_be_given_back_when_the_silence_is_over()
    {
        StoredPair(Configs.WebGroup());
        _world.Guardians[1].RaisesToRefuse = 1000;
        _world.IsCut = true;
        _stores[0].IsCut = true;
        _world.Until(() => _world[1].EventCount("ca 79") > 0, 20, "the store votes for server2");
        _stores[0].IsCut = false;
        _world.IsCut = false;
        var at = _world.Now;
        _world.Run(10);
        Assert.Contains(_world.Vows, v => v.Server == 0 && v.Sent > at);
        Assert.True(_world.RunsOn(0, "web"));
    }

    [Fact]
    public void Group_that_needs_proof_must_wait_for_the_fence_after_the_vote()
    {
        var disk = Configs.Resource("data") with { Exclusion = ExclusionClass.Proof, Type = "disk" };
        Use(Configs.Asking(Configs.Store(), Configs.Fence()) with
        {
            Groups = [Configs.WebGroup(), Configs.Group("files", [Configs.Server1, Configs.Server2], disk)],
        });
        _world.Boot(0, 1);
        _world.Settled(0, "web");
        _world.Settled(0, "files");
        _world.Run(2);
        _fence.IsBroken = true;
        _world.PowerOff(0);
        _world.Settled(1, "web", 20);
        _world.Run(5);
        Assert.False(_world.RunsOn(1, "files"));
        Assert.Equal(1, _world[1].EventCount("ca 80"));
        _fence.IsBroken = false;
        _world.Settled(1, "files", 30);
    }

    private void FencedPair(params GroupConfig[] groups)
    {
        var config = Configs.Asking(Configs.Ping(), Configs.Fence());
        Up(groups.Length > 0 ? config with { Groups = groups } : config);
    }

    private void StoredPair(params GroupConfig[] groups)
    {
        var config = Configs.Asking(Configs.Store());
        Up(groups.Length > 0 ? config with { Groups = groups } : config);
        // Both meet the store, and register with it since the term is above its own.
        _world.Run(2);
    }

    private void Up(ClusterConfig config)
    {
        Use(config);
        _world.Boot(0, 1);
        _world.Settled(0, "web");
        if (config.FindGroup(new("db")) is not null)
            _world.Settled(1, "db");
        _world.CountRaises();
    }

    private void Use(ClusterConfig config)
    {
        _world = new World(config);
        _fence = new FakeFence(_world);
        _stores = [new FakeStore(_shared), new FakeStore(_shared)];
        _world.Arbiters = server => [.. config.Arbiters.Select(a => a switch
        {
            FenceArbiterConfig => (Model.Arbiters.IArbiter)_fence,
            PingArbiterConfig => _pings[server],
            _ => _stores[server],
        })];
    }

    private ArbitersShown Shown(int server) => _world.Ask<ArbitersShown>(_world[server].Arbitration, new GetArbiters());

    /// <summary>From the newest event of this kind on server 2 back to what began it.</summary>
    private string Chain(string key)
    {
        var events = _world[1].EventsWritten;
        var chain = new List<string>();
        for (var last = events.LastOrDefault(e => e.Key.ToString() == key); last is not null; last = events.FirstOrDefault(e => e.EventId == last.CauseId))
            chain.Add(last.Key.ToString());
        return string.Join(" < ", chain);
    }

    private ConfirmOffAnswer Confirm(int server, ServerName off) =>
        _world.Ask<ConfirmOffAnswer>(_world[server].Coordinator, new ConfirmOff("c1", off, "root", "plug pulled"));
}
