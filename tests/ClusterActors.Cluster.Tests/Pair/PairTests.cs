using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Process;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>A pair as a whole; no program ever runs on both servers, no resource has two operations at once (checked in each step).</summary>
public sealed class PairTests : IDisposable
{
    private World _world = new();

    public void Dispose() => _world.Dispose();

    private void BothUp()
    {
        _world.Boot(0, 1);
        _world.Settled(0, "web");
        _world.Settled(1, "db");
        _world.CountRaises();
    }

    private void Use(ClusterConfig config)
    {
        _world.Dispose();
        _world = new World(config);
    }

    private void Succeeds(AdminVerb verb, string group, ServerName? to = null)
    {
        var outcome = _world.Command(0, verb, group, to);
        Assert.True(outcome.Code == 0, $"{outcome.Code} {outcome.Message}: {string.Join(", ", outcome.Lines)}\n{_world.Describe()}");
    }

    private int Starts(string resource, string on) => _world.LogLines.Count(l => l.StartsWith($"start {resource} on {on}", StringComparison.Ordinal));

    [Fact]
    public void Groups_must_start_once_each_on_their_preferred_server_when_both_servers_boot()
    {
        BothUp();
        _world.Run(20);
        Assert.Equal(1, Starts("web.ip", "server1"));
        Assert.Equal(1, Starts("web.app", "server1"));
        Assert.Equal(1, Starts("db.data", "server2"));
        Assert.Equal(3, _world.LogLines.Count);
        Assert.Equal(0, _world.Raises);
    }

    [Fact]
    public void Daemon_must_give_its_guardian_a_sign_of_life_every_interval()
    {
        BothUp();
        var signs = _world.Guardians[0].Signs;
        signs.Clear();
        _world.Run(10);
        var usual = GuardianSettings.UsualSignInterval;
        Assert.InRange(signs.Count, 49, 51);
        Assert.All(signs.Zip(signs.Skip(1)), pair => Assert.Equal(usual, pair.Second - pair.First));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Groups_must_wait_for_the_other_server_and_start_on_the_preferred_one_when_one_boots_later(int first, int second)
    {
        _world.Boot(first);
        _world.Run(30);
        Assert.True(_world.RunsNowhere("web"));
        var shown = _world.Ask<PhaseShown>(_world[first].Pm, new GetPhase());
        Assert.Equal(DaemonPhase.WaitingForServers, shown.Phase);
        Assert.InRange(shown.Left!.Value.TotalSeconds, 25, 31);
        _world.Boot(second);
        _world.Settled(0, "web");
        _world.Settled(1, "db");
        Assert.Equal(3, _world.LogLines.Count);
    }

    [Fact]
    public void Lone_server_must_start_everything_when_the_start_up_wait_has_ended()
    {
        _world.Boot(1);
        _world.Run(59);
        Assert.Empty(_world.LogLines);
        _world.Settled(1, "web", 3);
        _world.Settled(1, "db", 3);
        Assert.Equal(1, _world.Raises);
    }

    [Fact]
    public void Lone_server_must_go_on_at_once_when_an_administrator_ends_the_wait()
    {
        _world.Boot(1);
        _world.Run(5);
        Assert.True(_world.Ask<StartupWaitEnded>(_world[1].Pm, new EndStartupWait("root", "the other is in repair")).Accepted);
        _world.Settled(1, "web", 2);
    }

    [Fact]
    public void Groups_must_be_taken_over_once_when_their_server_dies()
    {
        BothUp();
        _world.PowerOff(0);
        var died = _world.Now;
        _world.Until(() => _world.RunsOn(1, "web"), 4, "takeover");
        Assert.True(_world.Now - died >= FakeGuardian.Timeout - TimeSpan.FromMilliseconds(200));
        Assert.True(_world.Now - died < FakeGuardian.Timeout + TimeSpan.FromMilliseconds(350), $"takeover took {_world.Now - died}");
        _world.Run(20);
        Assert.Equal(1, Starts("web.ip", "server2"));
        Assert.Equal(1, Starts("db.data", "server2"));
        Assert.Equal(1, _world.Raises);
    }

    [Fact]
    public void Group_must_be_taken_over_in_time_when_its_server_dies_while_an_order_to_it_is_under_way()
    {
        Use(Configs.Pair(PartitionPolicy.TakeOver, Configs.DbGroup()));
        _world.Boot(0, 1);
        _world.Settled(1, "db");
        Succeeds(AdminVerb.Stop, "db");
        _world.OrdersToLose = 1;
        Assert.Equal(5, _world.Command(0, AdminVerb.Start, "db", wait: 0.1).Code);
        Assert.Contains("lost StartGroupOrder", _world.LogLines);
        _world.PowerOff(1);
        _world.Settled(0, "db", 3);
    }

    [Fact]
    public void Returning_server_must_join_and_coordinate_without_anything_being_moved_or_restarted()
    {
        BothUp();
        _world.PowerOff(0);
        _world.Settled(1, "web", 5);
        var starts = _world.LogLines.Count;
        _world.Run(10);
        _world.Boot(0);
        _world.Until(() => _world[0].Plan().Plan?.Coordinator == Configs.Server1 && _world[1].Plan().Plan?.Coordinator == Configs.Server1, 10, "hand-over");
        _world.Run(20);
        Assert.Equal(starts, _world.LogLines.Count);
        _world.Settled(1, "web");
        _world.Settled(1, "db");
        Assert.Equal(_world.Guardians[0].Term, _world.Guardians[1].Term);
    }

    [Fact]
    public void Returning_server_must_be_a_target_again_when_the_other_dies_later()
    {
        BothUp();
        _world.PowerOff(0);
        _world.Settled(1, "web", 5);
        _world.Boot(0);
        _world.Run(10);
        _world.PowerOff(1);
        _world.Settled(0, "web", 5);
        _world.Settled(0, "db", 5);
        Assert.Equal(2, _world.Raises);
    }

    [Fact]
    public void Move_must_stop_before_it_starts_and_in_order_of_depth()
    {
        BothUp();
        var before = _world.LogLines.Count;
        var outcome = _world.Command(0, AdminVerb.Move, "web", Configs.Server2);
        Assert.Equal(0, outcome.Code);
        _world.Settled(1, "web");
        _world.Run(10);
        Assert.Equal(
            ["stop web.app on server1", "stop web.ip on server1", "start web.ip on server2 (Move)", "start web.app on server2 (Move)"],
            _world.LogLines.Skip(before));
    }

    [Fact]
    public void Move_back_and_forth_must_work_again_and_again()
    {
        BothUp();
        for (var round = 0; round < 4; round++)
        {
            Succeeds(AdminVerb.Move, "web");
            _world.Settled(round % 2 == 0 ? 1 : 0, "web", 2);
        }
    }

    [Fact]
    public void Moved_group_must_be_taken_over_when_the_server_it_was_wished_on_dies()
    {
        BothUp();
        Succeeds(AdminVerb.Move, "web", Configs.Server2);
        _world.Run(5);
        _world.PowerOff(1);
        _world.Settled(0, "web", 5);
    }

    [Fact]
    public void Move_must_be_answered_with_the_reason_when_the_target_may_not_take_it()
    {
        var exclusive = Configs.WebGroup() with { Exclusion = Exclusion.Absolute };
        Use(Configs.Pair(PartitionPolicy.TakeOver, exclusive, Configs.DbGroup() with { Exclusion = Exclusion.Absolute }));
        BothUp();
        var outcome = _world.Command(0, AdminVerb.Move, "web", Configs.Server2, wait: 8);
        Assert.NotEqual(0, outcome.Code);
        Assert.NotEqual(5, outcome.Code);
        Assert.Contains("excludes", Assert.Single(outcome.Lines).Message, StringComparison.Ordinal);
        Assert.True(_world.RunsOn(0, "web"));
    }

    [Fact]
    public void Stopped_group_must_stay_stopped_over_restarts_and_start_when_asked()
    {
        BothUp();
        Succeeds(AdminVerb.Stop, "web");
        Assert.True(_world.RunsNowhere("web"));
        _world.RestartDaemon(0);
        _world.Run(10);
        _world.RestartDaemon(1);
        _world.Run(10);
        _world.PowerOff(0);
        _world.Run(10);
        _world.Boot(0);
        _world.Run(10);
        Assert.True(_world.RunsNowhere("web"));
        Succeeds(AdminVerb.Start, "web");
        Assert.True(_world.RunsOn(0, "web"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Restarted_daemon_must_adopt_what_runs(int server)
    {
        BothUp();
        var before = _world.LogLines.Count;
        _world.RestartDaemon(server);
        _world.Run(10);
        Assert.Equal(before, _world.LogLines.Count);
        _world.Settled(0, "web");
        _world.Settled(1, "db");
        Assert.Equal(0, _world.Raises);
        Assert.Null(_world.Ask<PhaseShown>(_world[server].Pm, new GetPhase()).Left);
    }

    [Fact]
    public void Adopted_program_must_be_restarted_with_a_new_ticket_when_it_ends()
    {
        BothUp();
        _world.Crash(1, "db", "data");
        _world.Settled(1, "db", 2);
        _world.RestartDaemon(1);
        _world.Run(5);
        _world.Crash(1, "db", "data");
        _world.Settled(1, "db", 2);
        Assert.Equal(3, Starts("db.data", "server2"));
    }

    [Fact]
    public void Both_daemons_restarted_at_once_must_adopt_what_runs()
    {
        BothUp();
        var before = _world.LogLines.Count;
        _world.KillDaemon(0);
        _world.KillDaemon(1);
        _world.StartDaemon(1);
        _world.Run(3);
        _world.StartDaemon(0);
        _world.Run(10);
        Assert.Equal(before, _world.LogLines.Count);
        _world.Settled(0, "web");
    }

    [Fact]
    public void Daemon_must_adopt_when_its_journal_was_destroyed()
    {
        BothUp();
        var before = _world.LogLines.Count;
        _world.KillDaemon(0);
        _world.ReplaceJournal(0);
        _world.StartDaemon(0);
        _world.Run(10);
        Assert.Equal(before, _world.LogLines.Count);
        _world.Settled(0, "web");
    }

    [Fact]
    public void Server_must_take_the_peers_newer_state_when_its_journal_was_destroyed_and_it_boots()
    {
        BothUp();
        Succeeds(AdminVerb.Stop, "web");
        _world.PowerOff(0);
        _world.ReplaceJournal(0);
        _world.Run(5);
        _world.Boot(0);
        _world.Run(20);
        Assert.True(_world.RunsNowhere("web"));
    }

    [Fact]
    public void Failing_program_must_be_restarted_three_times_then_failed_over_once_then_left()
    {
        BothUp();
        for (var i = 0; i < 3; i++)
        {
            _world.Crash(0, "web", "app");
            _world.Settled(0, "web", 2);
        }

        _world.Crash(0, "web", "app");
        _world.Settled(1, "web", 3);
        for (var i = 0; i < 3; i++)
        {
            _world.Crash(1, "web", "app");
            _world.Settled(1, "web", 2);
        }

        _world.Crash(1, "web", "app");
        _world.Until(() => _world[0].RecordOf("web")?.State == GroupState.OnlineFailure, 3, "Online Failure");
        _world.Run(30);
        Assert.Equal(GroupState.OnlineFailure, _world[0].RecordOf("web")!.State);
        Assert.Equal(4, Starts("web.app", "server1"));
        Assert.Equal(4, Starts("web.app", "server2"));
    }

    [Fact]
    public void Failed_group_must_start_again_when_an_administrator_asks()
    {
        BothUp();
        _world.StartsToFail[(0, "app")] = 1;
        _world.StartsToFail[(1, "app")] = 1;
        Succeeds(AdminVerb.Stop, "web");
        var failed = _world.Command(0, AdminVerb.Start, "web");
        Assert.Equal(4, failed.Code);
        _world.Run(10);
        Assert.Equal(GroupState.OnlineFailure, _world[0].RecordOf("web")!.State);
        Succeeds(AdminVerb.Start, "web");
        _world.Run(2);
        Assert.True(_world.RunsOn(0, "web") || _world.RunsOn(1, "web"));
    }

    [Fact]
    public void Group_must_be_restarted_in_place_when_the_term_was_raised_meanwhile()
    {
        BothUp();
        _world.PowerOff(0);
        _world.Settled(1, "web", 5);
        _world.Crash(1, "db", "data");
        _world.Settled(1, "db", 2);
        Assert.Equal(0, _world.Command(1, AdminVerb.Stop, "db").Code);
    }

    [Fact]
    public void Hold_must_not_take_over_on_silence()
    {
        Use(Configs.Pair(PartitionPolicy.Hold));
        BothUp();
        _world.PowerOff(0);
        _world.Run(120);
        Assert.True(_world.RunsNowhere("web"));
        Assert.Equal(0, _world.Raises);
        _world[1].Coordinator.Tell(new Coordination.ConfirmDown([Configs.Server1], "root", "its plug is out"), Actors.ActorRefs.NoSender);
        _world.Settled(1, "web", 5);
    }

    [Fact]
    public void Hold_must_follow_a_confirmation_once_the_vow_has_run_out()
    {
        Use(Configs.Pair(PartitionPolicy.Hold));
        BothUp();
        _world.PowerOff(0);
        _world.Run(1.9);
        _world[1].Coordinator.Tell(new Coordination.ConfirmDown([Configs.Server1], "root", "its plug is out"), Actors.ActorRefs.NoSender);
        _world.Settled(1, "web", 5);
    }

    [Fact]
    public void Hold_must_take_over_from_a_server_that_left_in_order()
    {
        Use(Configs.Pair(PartitionPolicy.Hold));
        BothUp();
        _world[0].Pm.Tell(new StopServerOrder("c", "test", "root"), Actors.ActorRefs.NoSender);
        _world.Settled(1, "web", 10);
    }

    [Fact]
    public void Server_that_is_stopped_must_give_its_groups_away_in_order()
    {
        BothUp();
        _world[0].Pm.Tell(new StopServerOrder("c", "test", "root"), Actors.ActorRefs.NoSender);
        _world.Until(() => _world.Guardians[0].HasLeft, 5, "left in order");
        Assert.Equal(1, _world[0].EventCount("pm 3 "));
        Assert.Equal(0, _world[0].EventCount("ca 21 "));
        _world.KillDaemon(0);
        _world.Settled(1, "web", 5);
        Assert.Equal(1, Starts("web.app", "server2"));
        Assert.Equal(1, Starts("web.app", "server1"));
    }

    [Fact]
    public void Signal_to_the_guardian_must_be_told_as_a_request_to_stop()
    {
        BothUp();
        _world[0].Pm.Tell(new StopRequested("SIGTERM", TimeSpan.FromSeconds(60)), Actors.ActorRefs.NoSender);
        _world.Until(() => _world.Guardians[0].HasLeft, 5, "left in order");
        Assert.Equal(1, _world[0].EventCount("pm 31 the operating system (SIGTERM) asked to stop the node daemon"));
    }

    [Fact]
    public void Different_configuration_must_keep_the_other_server_from_taking_over()
    {
        _world.UseConfig(1, _world.Config with { Hash = "hash-2" });
        _world.Boot(0, 1);
        _world.Run(10);
        _world.PowerOff(0);
        _world.Run(20);
        Assert.True(_world.RunsNowhere("web"));
        Assert.True(_world[1].EventCount("hash-2") > 0);
    }

    [Fact]
    public void Lost_orders_must_be_sent_again()
    {
        _world.OrdersToLose = 1;
        _world.Boot(0, 1);
        _world.Settled(0, "web");
        _world.Settled(1, "db", 12);
        Assert.Contains("lost StartGroupOrder", _world.LogLines);
        Assert.Equal(1, Starts("db.data", "server2"));
    }

    /// <summary>The next life of the coordinator's daemon knows nothing of the order, and has decided otherwise in the same term.</summary>
    [Fact]
    public void Start_decided_by_an_earlier_life_of_the_coordinator_must_be_refused_when_it_comes_late()
    {
        Use(Configs.Pair(PartitionPolicy.TakeOver, Configs.DbGroup()));
        _world.Boot(0, 1);
        _world.Settled(1, "db");
        Succeeds(AdminVerb.Stop, "db");
        var starts = Starts("db.data", "server2");
        _world.OrdersToHold = 1;
        Assert.Equal(5, _world.Command(0, AdminVerb.Start, "db", wait: 0.1).Code);
        Assert.Contains("held StartGroupOrder", _world.LogLines);
        _world.OrdersToLose = 1;
        _world.RestartDaemon(0);
        _world.Until(() => _world.LogLines.Contains("lost StartGroupOrder"), 10, "the new life orders the start as well");
        Succeeds(AdminVerb.Stop, "db");
        _world.LetGo();
        _world.Run(1);
        Assert.Equal(starts, Starts("db.data", "server2"));
    }

    /// <summary>It would end what has been started again since.</summary>
    [Fact]
    public void Stop_decided_by_an_earlier_life_of_the_coordinator_must_be_refused_when_it_comes_late()
    {
        Use(Configs.Pair(PartitionPolicy.TakeOver, Configs.DbGroup()));
        _world.Boot(0, 1);
        _world.Settled(1, "db");
        _world.OrdersToHold = 1;
        Assert.Equal(5, _world.Command(0, AdminVerb.Stop, "db", wait: 0.1).Code);
        Assert.Contains("held StopGroupOrder", _world.LogLines);
        _world.RestartDaemon(0);
        _world.Until(() => _world.RunsNowhere("db"), 10, "the new life orders the stop as well");
        Succeeds(AdminVerb.Start, "db");
        var starts = Starts("db.data", "server2");
        _world.LetGo();
        _world.Run(5);
        Assert.True(_world.RunsOn(1, "db"));
        Assert.Equal(starts, Starts("db.data", "server2"));
    }

    [Fact]
    public void Refused_raise_must_be_tried_again()
    {
        BothUp();
        _world.Guardians[1].RaisesToRefuse = 3;
        _world.PowerOff(0);
        _world.Settled(1, "web", 5);
        Assert.Equal(1, _world.Raises);
    }

    [Fact]
    public void Daemon_must_ask_for_the_table_again_when_no_answer_came()
    {
        _world.Guardians[0].FailNextTable = true;
        BothUp();
    }

    [Fact]
    public void Healed_partition_must_leave_each_group_running_once()
    {
        BothUp();
        _world.IsCut = true;
        _world.Until(() => _world.RunsOn(1, "web") && _world.RunsOn(0, "db"), 6, "both sides run everything");
        _world.IsCut = false;
        _world.Until(() => _world.Guardians[0].Term == _world.Guardians[1].Term, 3, "one term");
        _world.Run(20);
        foreach (var group in new[] { "web", "db" })
        {
            Assert.NotEqual(_world.RunsOn(0, group), _world.RunsOn(1, group));
            _world.Settled(_world.RunsOn(0, group) ? 0 : 1, group, 1);
        }
    }

    [Fact]
    public void Unstoppable_resource_must_make_its_server_leave_and_be_taken_over()
    {
        BothUp();
        _world.Unstoppable.Add((0, "app"));
        _world.Command(0, AdminVerb.Move, "web", Configs.Server2, wait: 3);
        _world.Until(() => _world.Guardians[0].HasLeft, 5, "left");
        Assert.Single(_world.PowerOffs);
        Assert.Equal(1, _world[0].EventCount("ca 21 this server is made safe: final action of group web"));
        Assert.Equal(1, _world[0].EventCount("pm 23 "));
        Assert.Equal(0, _world[0].EventCount("pm 25 "));
        _world.Settled(1, "web", 5);
    }

    [Fact]
    public void Dry_run_must_say_what_would_happen_and_change_nothing()
    {
        BothUp();
        var before = _world.LogLines.Count;
        var outcome = _world.Command(0, AdminVerb.Move, "web", Configs.Server2, dryRun: true);
        Assert.Equal(0, outcome.Code);
        Assert.StartsWith("MoveGroup web", Assert.Single(outcome.Lines).Subject, StringComparison.Ordinal);
        _world.Run(5);
        Assert.Equal(before, _world.LogLines.Count);
    }

    [Fact]
    public void Commands_must_be_refused_by_a_server_that_is_not_the_coordinator()
    {
        BothUp();
        Assert.Equal(8, _world.Command(1, AdminVerb.Stop, "web").Code);
        Assert.Equal(3, _world.Command(0, AdminVerb.Stop, "nothing").Code);
    }

    public static IEnumerable<TheoryDataRow<int>> Seeds => Enumerable.Range(1, 20).Select(seed => new TheoryDataRow<int>(seed));

    /// <summary>Random lives of both servers: whatever happens, no rule is broken, and in the end everything runs once.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Groups_must_run_exactly_once_when_all_kinds_of_accidents_have_ended(int seed)
    {
        _world.Dispose();
        _world = new World(seed: seed);
        var random = new Random(seed);
        _world.Boot(0, 1);
        var isUp = new[] { true, true };
        for (var step = 0; step < 40; step++)
        {
            _world.Run(random.Next(1, 60) / 10.0);
            var server = random.Next(2);
            switch (random.Next(6))
            {
                case 0 when isUp[server]:
                    _world.PowerOff(server);
                    isUp[server] = false;
                    break;
                case 1 when isUp[server]:
                    _world.RestartDaemon(server);
                    break;
                case 2 when _world.Guardians[server].Programs.Keys.ToList() is { Count: > 0 } running:
                    var (group, resource) = running[random.Next(running.Count)];
                    _world.Crash(server, group, resource);
                    break;
                case 3:
                    _world.OrdersToLose = random.Next(3);
                    break;
                default:
                    if (!isUp[server])
                    {
                        _world.Boot(server);
                        isUp[server] = true;
                    }

                    break;
            }
        }

        _world.OrdersToLose = 0;
        for (var server = 0; server < 2; server++)
            if (!isUp[server])
                _world.Boot(server);
        _world.Run(80);
        foreach (var group in new[] { "web", "db" })
        {
            _ = _world.Command(0, AdminVerb.Start, group);
            Assert.True(_world.RunsOn(0, group) != _world.RunsOn(1, group), _world.Describe());
        }
    }
}
