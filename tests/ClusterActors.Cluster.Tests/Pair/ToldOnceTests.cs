using ClusterActors.Actors;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>What an administrator must know comes as an event, once for each time that it happens.</summary>
public sealed class ToldOnceTests : IDisposable
{
    private static readonly ClusterConfig FailingOverAtOnce =
        Configs.Pair(PartitionPolicy.TakeOver, Configs.Group("web", [Configs.Server1, Configs.Server2], Configs.Resource("app", restarts: 0)));

    private World _world = new();

    public void Dispose() => _world.Dispose();

    private void Use(ClusterConfig config)
    {
        _world.Dispose();
        _world = new World(config);
    }

    /// <summary>Both servers run, and every group is where it prefers to be.</summary>
    private void BothUp(ClusterConfig? config = null)
    {
        if (config is not null)
            Use(config);
        _world.Boot(0, 1);
        foreach (var group in _world.Config.Groups)
            _world.Settled(_world.Config.IndexOf(group.Servers[0]), group.Name.Value);
    }

    private void LoseServer1()
    {
        _world.PowerOff(0);
        _world.Settled(1, "web", 5);
    }

    private void ToldBy(int server, int times, string text) =>
        Assert.True(_world[server].EventCount(text) == times, $"{_world[server].EventCount(text)} times \"{text}\"\n{string.Join("\n", _world[server].EventTexts)}");

    [Fact]
    public void View_must_be_told_when_servers_begin_to_act_together()
    {
        BothUp();
        _world.Run(20);
        ToldBy(0, 1, "ca 24");
        ToldBy(1, 1, "ca 24");

        _world.RestartDaemon(0);
        _world.Run(20);
        ToldBy(1, 1, "ca 24");

        LoseServer1();
        ToldBy(1, 1, $"ca 24 view of term {_world.Guardians[1].Term}: server2");
    }

    [Fact]
    public void Takeover_must_be_told_to_be_allowed_when_the_vow_has_run_out()
    {
        BothUp();
        LoseServer1();
        _world.Run(20);
        ToldBy(1, 1, $"ca 10 the vow to server server1 has run out; takeover in term {_world.Guardians[1].Term}");
    }

    [Fact]
    public void Takeover_must_not_be_told_to_be_allowed_by_silence_when_the_server_left_in_order()
    {
        BothUp();
        _world[0].Pm.Tell(new StopServerOrder("c", "test", "root"), ActorRefs.NoSender);
        _world.Settled(1, "web", 10);
        ToldBy(1, 0, "ca 10");
    }

    [Fact]
    public void Destination_must_be_told_only_when_the_administrator_named_one()
    {
        BothUp();
        Assert.Equal(0, _world.Command(0, AdminVerb.Move, "web", Configs.Server2).Code);
        ToldBy(0, 1, "rc 68 root named server server2 for group web");
        Assert.Equal(0, _world.Command(0, AdminVerb.Move, "web").Code);
        ToldBy(0, 1, "rc 68");
    }

    [Fact]
    public void Failover_must_be_told_to_be_cancelled_when_an_administrator_stops_the_group_before_it_began()
    {
        BothUp(FailingOverAtOnce);
        _world.OrdersToLose = 1;
        _world.Crash(0, "web", "app");
        _world.Until(() => _world.LogLines.Contains("lost StartGroupOrder"), 5, "the failover is decided");
        ToldBy(0, 0, "nm 39");
        _ = _world.Command(0, AdminVerb.Stop, "web");
        _world.Run(10);
        ToldBy(0, 1, "nm 39 pending failover of group web was cancelled: an administrator wants it stopped");
    }

    [Fact]
    public void Failover_that_took_place_must_not_be_told_to_be_cancelled()
    {
        BothUp(FailingOverAtOnce);
        _world.Crash(0, "web", "app");
        _world.Settled(1, "web");
        Assert.Equal(0, _world.Command(0, AdminVerb.Stop, "web").Code);
        ToldBy(0, 0, "nm 39");
    }

    [Fact]
    public void Wait_must_be_told_once_when_it_lasts()
    {
        BothUp();
        _world.KillDaemon(1);
        _world.Run(3);
        ToldBy(0, 0, "ca 46");
        _world.Run(30);
        ToldBy(0, 1, "ca 46 group db waits: server2 had it last");
        _world.StartDaemon(1);
        _world.Run(20);
        ToldBy(0, 1, "ca 46");
    }

    [Theory]
    [InlineData(false, "rc 91", "rc 90")]
    [InlineData(true, "rc 90", "rc 91")]
    public void Shutdown_must_be_told_as_that_of_the_server_or_of_the_cluster(bool all, string told, string untold)
    {
        BothUp();
        for (var asked = 0; asked < 2; asked++)
            _world[0].Pm.Tell(new StopServerOrder("c", "test", "root") { All = all }, ActorRefs.NoSender);
        _world.Run(5);
        ToldBy(0, 1, told);
        ToldBy(0, 0, untold);
    }

    [Fact]
    public void Configurations_must_be_told_to_agree_when_the_last_difference_is_gone()
    {
        _world.UseConfig(1, _world.Config with { Hash = "hash-2" });
        _world.Boot(0, 1);
        _world.Run(10);
        ToldBy(0, 0, "ca 8 ");

        _world.UseConfig(1, _world.Config);
        _world.RestartDaemon(1);
        _world.Run(10);
        ToldBy(0, 1, "ca 8 all servers have configuration hash-1 again");

        _world.RestartDaemon(1);
        _world.Run(10);
        ToldBy(0, 1, "ca 8 ");
    }

    [Fact]
    public void Difference_of_configurations_must_be_told_in_one_form_by_whoever_finds_it()
    {
        var (one, other) = (new string('a', 64), new string('b', 64));
        Use(_world.Config with { Hash = one });
        _world.UseConfig(1, _world.Config with { Hash = other });
        _world.Boot(0, 1);
        _world.Run(10);
        var told = _world[0].EventTexts.Where(t => t.Contains("ca 7 ", StringComparison.Ordinal)).ToList();
        Assert.True(told.Count > 1, "node management and the planner tell it");
        Assert.All(told, t => Assert.Contains("configuration aaaaaaaaaaaa of server1 differs from bbbbbbbbbbbb of server2;", t, StringComparison.Ordinal));
    }

    [Fact]
    public void Older_journal_must_be_told_by_the_server_that_has_it()
    {
        BothUp();
        LoseServer1();
        _world.ReplaceJournal(0);
        _world.Boot(0);
        _world.Run(20);
        ToldBy(0, 1, "ca 16 own journal ends at group web, term 0.0, generation 0, that of server2 at");
        ToldBy(0, 1, "ca 17 newer state was taken from server server2");
        ToldBy(1, 0, "ca 16");

        _world.Command(0, AdminVerb.Move, "web", Configs.Server1);
        _world.Run(10);
        ToldBy(0, 1, "ca 16");
    }

    [Fact]
    public void Servers_that_know_the_same_must_tell_of_no_older_journal()
    {
        BothUp();
        _world.RestartDaemon(1);
        _world.Run(20);
        ToldBy(0, 0, "ca 16");
        ToldBy(1, 0, "ca 16");
    }

    [Fact]
    public void Order_of_an_old_term_must_be_told_by_the_server_that_refused_it()
    {
        BothUp(Configs.Pair(PartitionPolicy.TakeOver, Configs.DbGroup()));
        Assert.Equal(0, _world.Command(0, AdminVerb.Stop, "db").Code);
        _world.OrdersToHold = 1;
        Assert.Equal(5, _world.Command(0, AdminVerb.Start, "db", wait: 0.1).Code);
        var old = _world.Guardians[1].Term;
        _world.PowerOff(0);
        _world.Settled(1, "db", 10);
        ToldBy(1, 0, "ca 41");
        _world.LetGo();
        _world.Run(1);
        ToldBy(1, 1, $"ca 41 message of server server1 in term {old} was refused; the term is {_world.Guardians[1].Term}");
    }

    [Fact]
    public void Loss_in_one_direction_must_be_told_once_by_the_server_that_does_not_hear()
    {
        BothUp();
        _world[0].Nm.Tell(Channel(hearer: 0, heard: 1, ChannelState.Down), ActorRefs.NoSender);
        _world[1].Nm.Tell(Channel(hearer: 1, heard: 0, ChannelState.Up), ActorRefs.NoSender);
        _world.Run(30);
        ToldBy(0, 1, "ca 30 on lanhb0 server server1 does not hear server2");
        ToldBy(1, 0, "ca 30");

        _world[0].Nm.Tell(Channel(hearer: 0, heard: 1, ChannelState.Up), ActorRefs.NoSender);
        _world[0].Nm.Tell(Channel(hearer: 0, heard: 1, ChannelState.Down), ActorRefs.NoSender);
        _world.Run(30);
        ToldBy(0, 2, "ca 30");
    }

    [Fact]
    public void Loss_in_both_directions_must_not_be_told_as_one_way()
    {
        BothUp();
        _world[0].Nm.Tell(Channel(hearer: 0, heard: 1, ChannelState.Down), ActorRefs.NoSender);
        _world[1].Nm.Tell(Channel(hearer: 1, heard: 0, ChannelState.Up), ActorRefs.NoSender);
        _world.Run(1);
        _world[1].Nm.Tell(Channel(hearer: 1, heard: 0, ChannelState.Down), ActorRefs.NoSender);
        _world.Run(30);
        ToldBy(0, 0, "ca 30");
        ToldBy(1, 0, "ca 30");
    }

    [Fact]
    public void Suspicion_must_name_the_heartbeats_that_are_late()
    {
        BothUp();
        _world[0].Nm.Tell(Channel(hearer: 0, heard: 1, ChannelState.Late), ActorRefs.NoSender);
        _world.PowerOff(1);
        _world.Run(1.5);
        ToldBy(0, 1, "ca 29 server server2 is suspected: beats on lanhb0 are late");
    }

    private static ChannelChanged Channel(byte hearer, byte heard, ChannelState state) => new(hearer, heard, 0, state, TimeSpan.Zero);
}
