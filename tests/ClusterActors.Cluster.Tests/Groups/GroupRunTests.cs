using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Model;
using ClusterActors.Model.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterActors.Cluster.Tests.Groups;

public sealed class GroupRunTests
{
    private static GroupBench Online(GroupConfig? config = null)
    {
        var bench = new GroupBench(config);
        bench.Start();
        bench.Finish();
        Assert.Equal((GroupPhase.Running, GroupState.Online), (bench.Run.Phase, bench.Record.State));
        return bench;
    }

    private static GroupConfig Web(params ResourceConfig[] resources) => Configs.Group("web", [Configs.Server1, Configs.Server2], resources);

    private static GroupBench Recovered(GroupState state, IReadOnlyList<ServerName>? failedOn = null, GroupConfig? config = null) => new(config, GroupRecord.Initial(new("web")) with
    {
        State = state,
        Owner = Configs.Server1,
        Term = GroupBench.Term1,
        Generation = 5,
        FailedOn = failedOn ?? [],
    });

    private static void Sound(GroupBench bench) => Assert.True(bench.Violations.Count == 0, string.Join("\n", bench.Violations));

    [Fact]
    public void Start_must_store_the_record_and_then_begin_depth_by_depth()
    {
        var bench = new GroupBench();
        bench.Start();
        Assert.Equal(["store OnlinePending", "start ip"], bench.Newest);
        bench.Land("ip");
        Assert.Equal(["start app"], bench.Newest);
        bench.Land("app");
        Assert.Equal(["store Online"], bench.Newest);
        Assert.Equal((Configs.Server1, GroupBench.Term1, 2L), (bench.Record.Owner!, bench.Record.Term, bench.Record.Generation));
        Sound(bench);
    }

    [Fact]
    public void Program_that_was_killed_at_its_limit_must_be_told_at_start_and_at_stop()
    {
        var bench = Online();
        Assert.DoesNotContain("ca 38", bench.Events);
        bench.Stop();
        bench.Kill("app");
        Assert.Equal(1, bench.Events.Count(e => e == "ca 38"));
        bench.Finish();
        Assert.Equal(GroupState.Offline, bench.Record.State);

        bench.Start();
        bench.Kill("ip");
        Assert.Equal(2, bench.Events.Count(e => e == "ca 38"));
        Sound(bench);
    }

    [Fact]
    public void Start_must_begin_resources_of_one_depth_together_and_wait_for_the_slowest()
    {
        var bench = new GroupBench(Web(Configs.Resource("a"), Configs.Resource("b"), Configs.Resource("c", depth: 1)));
        bench.Start();
        Assert.Equal(2, bench.Open.Count);
        bench.Land("b");
        Assert.Equal(["a"], bench.Open.Select(r => r.Value));
        bench.Land("a");
        Assert.Equal(["c"], bench.Open.Select(r => r.Value));
    }

    [Fact]
    public void Start_must_change_nothing_when_it_comes_twice_or_from_an_older_record_or_term()
    {
        var bench = new GroupBench();
        bench.Start();
        bench.Start();
        Assert.Empty(bench.Newest);
        bench.Finish();
        bench.Stop();
        bench.Start();
        Assert.Empty(bench.Newest);
        bench.Finish();
        bench.Do(bench.Run.Start(GroupBench.Term1, bench.Record.Generation - 1, StartCause.Start, "old"));
        bench.Do(bench.Run.Start(Term.Zero, 99, StartCause.Start, "old"));
        Assert.Equal(GroupPhase.Idle, bench.Run.Phase);
        bench.Start();
        Assert.Equal(GroupPhase.Starting, bench.Run.Phase);
    }

    [Fact]
    public void Failed_start_must_be_retried_then_stop_everything_and_name_the_server()
    {
        var bench = new GroupBench(Web(Configs.Resource("ip"), Configs.Resource("app", depth: 1, startRetries: 2)));
        bench.Start();
        bench.Land("ip");
        bench.Land("app", well: false);
        bench.Land("app", well: false);
        Assert.Equal(["start app"], bench.Newest);
        bench.Land("app", well: false);
        Assert.Equal(["store OfflinePending", "stop app"], bench.Newest);
        bench.Finish();
        Assert.Equal((GroupPhase.Idle, GroupState.OnlineFailure), (bench.Run.Phase, bench.Record.State));
        Assert.Equal([Configs.Server1], bench.Record.FailedOn);
        Sound(bench);
    }

    [Fact]
    public void Failed_start_must_go_on_when_the_final_action_is_none()
    {
        var bench = new GroupBench(Web(Configs.Resource("ip", startFinal: FinalAction.None), Configs.Resource("app", depth: 1)));
        bench.Start();
        bench.Land("ip", well: false);
        Assert.Equal(["start app"], bench.Newest);
        bench.Land("app");
        Assert.Equal(GroupState.Online, bench.Record.State);
    }

    [Theory]
    [InlineData(FinalAction.StopDaemonAndReboot, GroupPhase.Idle, 1)]
    [InlineData(FinalAction.StopGroup, GroupPhase.Idle, 0)]
    [InlineData(FinalAction.NoOperation, GroupPhase.Running, 0)]
    public void Failed_start_must_take_the_final_action_when_no_other_server_is_left(FinalAction action, GroupPhase phase, int taken)
    {
        var alone = Configs.Group("web", [Configs.Server1], Configs.Resource("app", startFinal: action));
        var bench = new GroupBench(alone);
        bench.Start();
        bench.Land("app", well: false);
        bench.Finish();
        Assert.Equal((phase, GroupState.OnlineFailure), (bench.Run.Phase, bench.Record.State));
        Assert.Equal(taken, bench.FinalActions.Count);
    }

    /// <summary>A cancelled stop counts as failed, and a server that cannot stop a group is taken down.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Stop_of_a_restart_must_not_be_cancelled_when_everything_is_to_end(bool killed)
    {
        var bench = Online();
        bench.End("app");
        Assert.Equal(["stop app by force"], bench.Newest);
        bench.Do(killed ? bench.Run.OnEverythingKilled("a higher term") : bench.Run.Stop("test", false));
        Assert.DoesNotContain("cancel app", bench.Newest);
        bench.Finish();
        Assert.Equal((GroupPhase.Idle, GroupState.Offline), (bench.Run.Phase, bench.Record.State));
        Sound(bench);
    }

    [Fact]
    public void Ended_program_must_be_restarted_three_times_and_then_given_up()
    {
        var bench = Online();
        for (var i = 0; i < 3; i++)
        {
            bench.End("app");
            Assert.Equal(["stop app by force"], bench.Newest);
            bench.Land("app");
            Assert.Equal(["start app"], bench.Newest);
            bench.Land("app");
        }

        bench.End("app");
        Assert.Equal("store OfflinePending", bench.Newest[0]);
        bench.Finish();
        Assert.Equal(GroupState.OnlineFailure, bench.Record.State);
        Assert.Equal([Configs.Server1], bench.Record.FailedOn);
        Sound(bench);
    }

    [Fact]
    public void Stop_during_a_start_must_cancel_it_and_wait_for_its_landing()
    {
        var bench = new GroupBench();
        bench.Start();
        bench.Land("ip");
        bench.Stop();
        Assert.Equal(["cancel app", "store OfflinePending"], bench.Newest);
        bench.Land("app", well: false);
        Assert.Equal(["stop app"], bench.Newest);
        bench.Land("app");
        Assert.Equal(["stop ip"], bench.Newest);
        bench.Land("ip");
        Assert.Equal(["store Offline"], bench.Newest);
        Sound(bench);
    }

    /// <summary>As when a grant ends: its programs are killed, their restart begins, and the order to stop comes right behind.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Stop_during_a_restart_must_not_count_the_end_of_the_stop_within_it(bool byOrder)
    {
        var bench = Online();
        bench.End("app");
        Assert.Equal(["stop app by force"], bench.Newest);
        if (byOrder)
            bench.Stop();
        else
            bench.Do(bench.Run.OnEverythingKilled("the grant ended"));
        Assert.DoesNotContain("cancel app", bench.Newest);
        bench.Land("app", well: false);
        Assert.Contains(byOrder ? "stop app" : "stop app by force", bench.Newest);
        bench.Finish();
        Assert.Equal((GroupPhase.Idle, GroupState.Offline), (bench.Run.Phase, bench.Record.State));
        Assert.Empty(bench.FinalActions);
        Sound(bench);
    }

    [Fact]
    public void Stop_that_fails_after_everything_was_killed_must_still_be_a_failure()
    {
        var bench = Online();
        bench.Stop();
        bench.Do(bench.Run.OnEverythingKilled("the grant ended"));
        bench.Land("app", well: false);
        bench.Land("app", well: false);
        Assert.Equal(GroupState.OfflineFailure, bench.Record.State);
        Assert.Equal([FinalAction.StopDaemonAndShutDown], bench.FinalActions);
    }

    [Fact]
    public void Stop_during_adoption_must_end()
    {
        var bench = Recovered(GroupState.Online);
        bench.Do(bench.Run.Adopt());
        bench.Stop();
        bench.Finish();
        Assert.Equal((GroupPhase.Idle, GroupState.Offline), (bench.Run.Phase, bench.Record.State));
        Sound(bench);
    }

    [Fact]
    public void Failed_stop_must_end_in_offline_failure_with_the_final_action()
    {
        var bench = Online(Web(Configs.Resource("app", stopRetries: 1)));
        bench.Stop();
        bench.Land("app", well: false);
        Assert.Equal(["stop app"], bench.Newest);
        bench.Land("app", well: false);
        Assert.Equal((GroupPhase.Idle, GroupState.OfflineFailure), (bench.Run.Phase, bench.Record.State));
        Assert.Equal([FinalAction.StopDaemonAndShutDown], bench.FinalActions);
        Assert.True(bench.Run.ActiveHere);
        bench.Start();
        Assert.Empty(bench.Newest);
    }

    [Fact]
    public void Forced_stop_must_pass_the_force_on_also_to_a_stop_under_way()
    {
        var bench = Online();
        bench.Stop();
        bench.Stop(force: true);
        bench.Land("app");
        Assert.Equal(["stop ip by force"], bench.Newest);
    }

    [Fact]
    public void Adoption_must_start_nothing_when_everything_runs()
    {
        var bench = Recovered(GroupState.Online);
        bench.Do(bench.Run.Adopt());
        Assert.Equal(["check ip", "check app"], bench.Newest);
        bench.Land("ip");
        bench.Land("app");
        Assert.Equal(GroupPhase.Running, bench.Run.Phase);
        Assert.Empty(bench.Open);
    }

    [Fact]
    public void Adoption_must_restart_what_is_missing_and_leave_the_rest()
    {
        var bench = Recovered(GroupState.Online);
        bench.Do(bench.Run.Adopt());
        bench.Land("ip");
        bench.Land("app", isRunning: false);
        Assert.Equal(["app"], bench.Open.Select(r => r.Value));
        bench.Finish();
        Assert.Equal(GroupPhase.Running, bench.Run.Phase);
        Sound(bench);
    }

    [Fact]
    public void Adoption_must_have_one_operation_for_each_resource_when_all_have_failed_and_none_may_restart()
    {
        var bench = Recovered(GroupState.Online, config: Web(Configs.Resource("ip", restarts: 0), Configs.Resource("app", restarts: 0)));
        bench.Do(bench.Run.Adopt());
        bench.Land("ip", well: false);
        bench.Land("app", well: false);
        bench.Finish();
        Sound(bench);
        Assert.Equal((GroupPhase.Idle, GroupState.OnlineFailure), (bench.Run.Phase, bench.Record.State));
    }

    [Fact]
    public void Adoption_must_go_on_with_an_interrupted_start()
    {
        var bench = Recovered(GroupState.OnlinePending);
        bench.Do(bench.Run.Adopt());
        bench.Land("ip");
        bench.Land("app", isRunning: false);
        Assert.Contains("start app", bench.Newest);
        bench.Land("app");
        Assert.Equal(GroupState.Online, bench.Record.State);
    }

    [Fact]
    public void Adoption_of_an_interrupted_start_must_not_count_a_failed_resource_as_started()
    {
        var bench = Recovered(GroupState.OnlinePending);
        bench.Do(bench.Run.Adopt());
        bench.Land("ip", well: false);
        bench.Land("app");
        Assert.True(bench.IsStopping("ip"));
        bench.Finish();
        Assert.Equal(GroupState.Online, bench.Record.State);
        Assert.All(bench.Run.Resources.Values, r => Assert.Equal(ResourceState.Online, r.State));
    }

    [Theory]
    [InlineData(false, GroupState.Offline)]
    [InlineData(true, GroupState.OnlineFailure)]
    public void Adoption_must_go_on_with_an_interrupted_stop(bool hadFailed, GroupState ends)
    {
        var bench = Recovered(GroupState.OfflinePending, hadFailed ? [Configs.Server1] : []);
        bench.Do(bench.Run.Adopt());
        bench.Land("ip");
        bench.Land("app");
        Assert.Equal(["stop app"], bench.Newest);
        bench.Finish();
        Assert.Equal(ends, bench.Record.State);
    }

    [Fact]
    public void Adoption_must_store_what_the_guardian_holds_when_the_journal_does_not_know_it()
    {
        var bench = new GroupBench();
        bench.Do(bench.Run.AdoptHeld(GroupBench.Term2));
        Assert.Equal("store Online", bench.Newest[0]);
        bench.Finish();
        Assert.Equal((Configs.Server1, GroupBench.Term2, GroupPhase.Running), (bench.Record.Owner!, bench.Record.Term, bench.Run.Phase));
    }

    [Fact]
    public void Newer_copy_of_a_peer_must_not_unsay_what_the_owner_has_under_way()
    {
        var bench = new GroupBench();
        bench.Do(bench.Run.AdoptHeld(GroupBench.Term1));
        bench.Finish();
        bench.Do(bench.Run.OnPeerRecord(bench.Record with { State = GroupState.Offline, Generation = 40, Reason = "of before" }));
        Assert.Equal((GroupState.Online, 41L), (bench.Record.State, bench.Record.Generation));
    }

    [Theory]
    [InlineData(GroupState.Online, false, GroupState.Offline)]
    [InlineData(GroupState.OnlinePending, false, GroupState.Offline)]
    [InlineData(GroupState.OfflinePending, true, GroupState.OnlineFailure)]
    [InlineData(GroupState.OnlineFailure, true, GroupState.OnlineFailure)]
    public void Copy_of_a_peer_must_not_make_a_group_run_that_does_not(GroupState told, bool hadFailed, GroupState state)
    {
        var bench = new GroupBench();
        bench.Do(bench.Run.OnPeerRecord(bench.Record with { Owner = Configs.Server1, State = told, Term = GroupBench.Term1, Generation = 4, FailedOn = hadFailed ? [Configs.Server1] : [] }));
        bench.Do(bench.Run.WithdrawClaim());
        Assert.Equal(told == state ? [] : ["store OfflinePending", "stop app by force"], bench.Newest);
        bench.Finish();
        Assert.Equal((state, told == state ? 4L : 6L), (bench.Record.State, bench.Record.Generation));
        Sound(bench);
    }

    /// <summary>What a synchronous start program left behind is not in the guardian's table; a group that was given up may run in part.</summary>
    [Theory]
    [InlineData(GroupState.Online, GroupState.Offline)]
    [InlineData(GroupState.OnlineFailure, GroupState.OnlineFailure)]
    public void Group_of_which_the_guardian_lists_nothing_must_be_ended_before_it_counts_as_ended(GroupState state, GroupState ends)
    {
        var bench = Recovered(state);
        bench.Do(bench.Run.StopUnproven("not known"));
        Assert.Equal(["store OfflinePending", "stop app by force"], bench.Newest);
        bench.Land("app");
        Assert.Equal(["stop ip by force"], bench.Newest);
        Assert.Equal(GroupState.OfflinePending, bench.Record.State);
        bench.Land("ip");
        Assert.Equal(ends, bench.Record.State);
        Sound(bench);
    }

    [Fact]
    public void Adoption_must_ask_of_a_start_cut_short_whether_each_part_of_it_was_complete()
    {
        var bench = new GroupBench();
        var start = bench.Run.Start(GroupBench.Term1, bench.Record.Generation, StartCause.Start, "test");
        bench.Do(start);
        var begun = Assert.Single(start.Effects.OfType<StartResource>());
        var checks = new GroupBench(record: bench.Record).Run.Adopt().Effects.OfType<CheckResource>().ToList();
        Assert.Equal(bench.Config.Resources.Count, checks.Count);
        Assert.StartsWith(checks.Single(check => check.Resource.Name == begun.Resource.Name).CutShort, begun.Ticket, StringComparison.Ordinal);
        Assert.All(checks, check => Assert.Equal($"web/{check.Resource.Name}/{bench.Record.Term}/{bench.Record.Generation}/", check.CutShort));

        var online = Recovered(GroupState.Online);
        Assert.All(online.Run.Adopt().Effects.OfType<CheckResource>(), check => Assert.Equal("", check.CutShort));
    }

    [Fact]
    public void Server_that_lost_the_group_must_stop_its_own_without_a_word_in_the_record()
    {
        var bench = Online();
        var winner = bench.Record with { Owner = Configs.Server2, Term = GroupBench.Term2, Generation = 9 };
        bench.Do(bench.Run.OnPeerRecord(winner));
        Assert.Contains("stop app", bench.Newest);
        bench.Finish();
        Assert.Equal(winner, bench.Record);
        Assert.False(bench.Run.ActiveHere);
    }

    /// <summary>Terms of a cut: this server goes on with the group in term 2.0, the other one has started it in 1.1.</summary>
    [Fact]
    public void Group_must_stay_when_a_term_went_on_with_it_that_is_later_than_the_one_it_was_started_in_elsewhere()
    {
        var (between, now) = (new Term(1, 1), GroupBench.Term2);
        var bench = Online();
        bench.Do(bench.Run.ClaimIn(now));
        Assert.Equal((now, GroupState.Online, 3L), (bench.Record.Term, bench.Record.State, bench.Record.Generation));
        Assert.Equal(["store Online"], bench.Newest);
        bench.Do(bench.Run.OnPeerRecord(bench.Record with { Owner = Configs.Server2, Term = between, Generation = 9 }));
        Assert.Equal((GroupPhase.Running, Configs.Server1), (bench.Run.Phase, bench.Record.Owner!));
        bench.Do(bench.Run.ClaimIn(now));
        Assert.Empty(bench.Newest);
        Sound(bench);
    }

    /// <summary>A daemon whose disk was full could not store the claim; the peer's older one comes before the last resource has been asked.</summary>
    [Fact]
    public void Group_that_is_being_adopted_must_be_claimed_before_a_peers_older_claim_comes()
    {
        var bench = Recovered(GroupState.Online);
        bench.Do(bench.Run.AdoptHeld(GroupBench.Term1));
        bench.Do(bench.Run.ClaimIn(GroupBench.Term2));
        bench.Do(bench.Run.OnPeerRecord(bench.Record with { Owner = Configs.Server2, Term = new Term(1, 1), Generation = 9 }));
        bench.Land("ip");
        bench.Land("app");
        Assert.Equal((GroupPhase.Running, GroupBench.Term2), (bench.Run.Phase, bench.Record.Term));
        Sound(bench);
    }

    [Fact]
    public void Term_must_claim_nothing_that_does_not_run_here_or_ends()
    {
        Assert.Empty(new GroupBench().Run.ClaimIn(GroupBench.Term2).Effects);
        Assert.Empty(Recovered(GroupState.OnlineFailure).Run.ClaimIn(GroupBench.Term2).Effects);
        var lost = Online();
        lost.Do(lost.Run.OnPeerRecord(lost.Record with { Owner = Configs.Server2, Term = new Term(1, 1), Generation = 9 }));
        Assert.Empty(lost.Run.ClaimIn(GroupBench.Term2).Effects);
        lost.Finish();
        Assert.Equal(Configs.Server2, lost.Record.Owner);
    }

    [Fact]
    public void Held_programs_of_a_group_that_a_peer_took_over_must_be_stopped()
    {
        var bench = new GroupBench(record: GroupRecord.Initial(new("web")) with { Owner = Configs.Server2, State = GroupState.Online, Term = GroupBench.Term2, Generation = 4 });
        bench.Do(bench.Run.AdoptHeld(GroupBench.Term1));
        bench.Land("ip");
        bench.Land("app", isRunning: false);
        Assert.Equal(["stop ip"], bench.Newest);
        bench.Finish();
        Assert.False(bench.Run.ActiveHere);
        Assert.Equal(Configs.Server2, bench.Record.Owner);
    }

    [Fact]
    public void New_guardian_must_leave_nothing_active_and_the_group_offline()
    {
        var bench = Online();
        bench.Do(bench.Run.OnEverythingKilled("new guardian"));
        Assert.Equal(["store Offline"], bench.Newest);
        Assert.False(bench.Run.ActiveHere);
    }

    [Fact]
    public void Operation_under_way_must_land_before_the_next_when_everything_was_killed()
    {
        var bench = new GroupBench();
        bench.Start();
        bench.Do(bench.Run.OnEverythingKilled("new guardian"));
        Assert.Equal(["cancel ip"], bench.Newest);
        bench.Start();
        Assert.Empty(bench.Newest);
        bench.Land("ip", well: false);
        bench.Finish();
        Assert.Equal((GroupPhase.Idle, GroupState.Offline), (bench.Run.Phase, bench.Record.State));
        Sound(bench);
    }

    [Fact]
    public void Failure_must_go_on_waiting_for_an_administrator_when_the_guardian_is_new()
    {
        var bench = Recovered(GroupState.OnlineFailure, [Configs.Server1]);
        bench.Do(bench.Run.OnEverythingKilled("boot"));
        Assert.Equal(GroupState.OnlineFailure, bench.Record.State);
    }

    [Fact]
    public void Results_of_forgotten_operations_must_be_ignored()
    {
        var bench = Online();
        var before = bench.Run;
        bench.Do(bench.Run.OnStarted(new(77, new("app"), ResourceOutcome.Failed("late"))));
        bench.Do(bench.Run.OnStopped(new(77, new("app"), ResourceOutcome.Failed("late"))));
        bench.Do(bench.Run.OnChecked(new(77, new("app"), ResourceOutcome.Failed("late"))));
        bench.Do(bench.Run.OnEnded(new(77, new("app"), ResourceOutcome.Failed("late"))));
        bench.Do(bench.Run.OnStarted(new(before.Resources[new("app")].Operation, new("app"), ResourceOutcome.Failed("twice"))));
        Assert.Equal(before, bench.Run);
    }

    [Fact]
    public void Wish_must_forgive_failures_for_good()
    {
        var bench = Recovered(GroupState.OnlineFailure, [Configs.Server1]);
        bench.Do(bench.Run.SetWish(GroupBench.Term1, GroupWish.Started, null));
        Assert.Empty(bench.Record.UnforgivenFailures);
        bench.Start();
        bench.Finish();
        Assert.Empty(bench.Record.UnforgivenFailures);
        Assert.Equal(0, bench.Record.Failovers);
    }

    [Fact]
    public void Forgotten_wished_server_must_forgive_nothing_and_leave_a_newer_wish_alone()
    {
        var bench = Recovered(GroupState.Online);
        bench.Do(bench.Run.SetWish(GroupBench.Term1, GroupWish.Started, Configs.Server1));
        var seen = bench.Record;
        bench.Do(bench.Run.ClearWishedServer(seen.WishTerm, seen.WishGeneration));
        Assert.Null(bench.Record.WishedServer);
        Assert.Equal((seen.ForgivenTerm, seen.ForgivenGeneration), (bench.Record.ForgivenTerm, bench.Record.ForgivenGeneration));
        bench.Do(bench.Run.SetWish(GroupBench.Term1, GroupWish.Started, Configs.Server2));
        bench.Do(bench.Run.ClearWishedServer(seen.WishTerm, seen.WishGeneration));
        Assert.Equal(Configs.Server2, bench.Record.WishedServer);
    }

    /// <summary>
    /// Whatever comes in whatever order: one operation at a time for each resource, no start before its record is stored, nothing active
    /// when idle and offline, and no wait for nothing.
    /// </summary>
    [Fact]
    public void Rules_must_hold_for_any_sequence_of_inputs()
    {
        var inputs = Gen.ArrayOf(Gen.Choose(0, 11)).Resize(60).ToArbitrary();
        Prop.ForAll(inputs, sequence =>
        {
            var bench = new GroupBench(Web(
                Configs.Resource("a", startRetries: 1, restarts: 1),
                Configs.Resource("b", restarts: 1, stopRetries: 1),
                Configs.Resource("c", depth: 1, restarts: 1, stopFinal: FinalAction.None)));
            for (var i = 0; i < sequence.Length; i++)
                Apply(bench, sequence[i], i);
            return (bench.Violations.Count == 0).Label(string.Join("; ", bench.Violations));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static void Apply(GroupBench bench, int input, int position)
    {
        var resource = new[] { "a", "b", "c" }[position % 3];
        switch (input)
        {
            case 0 or 1:
                bench.Start(input == 0 ? StartCause.Start : StartCause.Failover);
                break;
            case 2:
                bench.Stop(force: position % 2 == 0);
                break;
            case 3 or 4 or 5 or 6 when bench.Open.Count > 0:
                bench.Land(bench.Open[position % bench.Open.Count].Value, well: input != 3, isRunning: position % 5 != 0);
                break;
            case 7:
                bench.End(resource);
                break;
            case 8:
                bench.Do(bench.Run.OnEverythingKilled("killed"));
                break;
            case 9:
                bench.Do(bench.Run.SetWish(GroupBench.Term1, GroupWish.Started, null));
                break;
            case 10:
                bench.Do(bench.Run.OnPeerRecord(bench.Record with { Owner = Configs.Server2, Generation = bench.Record.Generation + 1, State = GroupState.Offline }));
                break;
            case 11 when bench.Open.Count == 0 && bench.Run.Phase == GroupPhase.Idle:
                bench.Do(position % 2 == 0 ? bench.Run.Adopt() : bench.Run.AdoptHeld(GroupBench.Term1));
                break;
        }
    }
}
