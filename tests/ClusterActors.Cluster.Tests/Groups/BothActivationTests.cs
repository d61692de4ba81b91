using ClusterActors.Actors;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Events;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Planning;
using ClusterActors.Model.Resources;
using ClusterActors.Persistence;
using ClusterActors.Persistence.InMemory;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Groups;

/// <summary>The both-activation check at start: what the starting server knows of its peers, and what a start finds in use.</summary>
public sealed class BothActivationTests
{
    private static readonly Term Term3 = new(3, 0);
    private static readonly Term Term4 = new(4, 0);
    private static readonly Incarnation Own = new(1, 1);
    private static readonly Incarnation Peer = new(2, 1);
    private static readonly GroupName Web = new("web");
    private static readonly InUse Elsewhere = new("10.0.0.100", "02:00:00:00:00:09");
    private static readonly InUse Here = new("10.0.0.100", "");

    // ---- the decision

    private static GroupRecord Record(long generation, GroupState state = GroupState.Online) =>
        GroupRecord.Initial(Web) with { State = state, Owner = Configs.Server2, Term = Term3, Generation = generation };

    private static GroupReport Active(GroupRecord record, bool active = true, ResourceState state = ResourceState.Online) =>
        new(record, active, [new ResourceStatus(new("ip"), "fip", state, 0, "")]);

    private static ServerReport Report(ServerName server, Incarnation life, ClusterConfig config, Term term, params GroupReport[] groups) => new(
        server, life, term, config.Hash, 1, true, false, "held",
        [.. config.Groups.Select(g => groups.FirstOrDefault(r => r.Record.Group == g.Name) ?? new GroupReport(GroupRecord.Initial(g.Name), false, []))], []);

    /// <summary>What server1 knows: both take part in term 3, and this is server2's report of web.</summary>
    private static MembershipState Knows(GroupReport peers, ClusterConfig? config = null)
    {
        var known = config ?? Configs.Pair();
        return (MembershipState.Create(known, Configs.Server1) with { StartupWait = null })
            .OnWelcome(new(Own, Term3, 0, GuardianFlags.None, GrantState.Held, true, TimeSpan.Zero, 0))
            .OnTable(new(Term3, 0, GrantState.Held, GuardianFlags.None, [], [], [], [], []))
            .OnOwnReport(Report(Configs.Server1, Own, known, Term3), 0)
            .OnPeer(new(1, PeerState.Up, Peer, Term3, GuardianFlags.None, DaemonState.Running, TimeSpan.Zero, 0, TimeSpan.Zero, false))
            .OnLinkUp(Configs.Server2, known.Hash)
            .OnReport(Report(Configs.Server2, Peer, known, Term3, peers), 0);
    }

    private static StartGroupOrder Order(GroupRecord? seen = null, StartCause cause = StartCause.Start) => new(1, Web, Term3, 9, cause, "test") { Seen = seen };

    [Fact]
    public void Start_must_be_refused_when_a_peers_own_report_says_active()
    {
        var why = BothActivation.WhyNot(Knows(Active(Record(5))).View, Order());
        Assert.Equal("web is active on server2 (Online), as server2 itself reports; server1 does not start it beside that", why);
    }

    [Fact]
    public void Start_must_be_refused_when_a_peer_could_not_stop_it() =>
        Assert.NotNull(BothActivation.WhyNot(Knows(Active(Record(5, GroupState.OfflineFailure), active: false, ResourceState.OfflineFailure)).View, Order()));

    [Fact]
    public void Start_must_not_be_refused_when_nobody_has_it() =>
        Assert.Null(BothActivation.WhyNot(Knows(Active(Record(5, GroupState.Offline), active: false)).View, Order()));

    /// <summary>In a move the order can overtake the report of the stop; a refusal would cost the move half a second.</summary>
    [Fact]
    public void Report_that_is_older_than_the_order_must_not_count()
    {
        var view = Knows(Active(Record(5))).View;
        Assert.Null(BothActivation.WhyNot(view, Order(Record(6, GroupState.Offline))));
        Assert.NotNull(BothActivation.WhyNot(view, Order(Record(5))));
    }

    [Fact]
    public void Excluded_or_silent_server_must_not_be_asked()
    {
        var excluded = Knows(Active(Record(5))).OnTerm(new(Term3, Term4, 2, "raised here"));
        Assert.True(excluded.View.Find(Configs.Server2).IsExcluded);
        Assert.Null(BothActivation.WhyNot(excluded.View, Order()));
        var silent = Knows(Active(Record(5))).OnPeer(new(1, PeerState.Down, Peer, Term3, GuardianFlags.None, DaemonState.Running, TimeSpan.Zero, 0, TimeSpan.Zero, true));
        Assert.Null(BothActivation.WhyNot(silent.View, Order()));
    }

    // ---- rc carries it out

    [Theory]
    [InlineData(StartCause.Start, true)]
    [InlineData(StartCause.Failover, true)]
    [InlineData(StartCause.Start, false)]
    public void Rc_must_refuse_the_order_and_say_so_once(StartCause cause, bool isOn)
    {
        var config = Configs.Pair(PartitionPolicy.TakeOver, Configs.WebGroup() with { BothActivationCheck = isOn });
        var driver = new VirtualDriver();
        using var kit = new TestKitBase(driver, "clpd1");
        var registry = new EventRegistry();
        ClusterMessages.RegisterIn(registry);
        var store = new InMemoryStore();
        var (nm, events) = (kit.CreateTestProbe("nm"), kit.CreateTestProbe("evt"));
        var rc = kit.ActorOf(ResourceControl.Props(new(config, Configs.Server1, new EventIds(Configs.Server1, DateTimeOffset.UnixEpoch), new EventStore(store, store, registry), _ => null!), nm.Ref, kit.CreateTestProbe("pm").Ref, events.Ref), "rc");
        driver.RunUntilIdle();
        rc.Tell(Knows(Active(Record(5)), config).View);
        rc.Tell(new GroupReady(config.Groups[0].Name, false));
        var coordinator = kit.CreateTestProbe("coordinator");
        for (var i = 0; i < 3; i++)
            rc.Tell(Order(cause: cause), coordinator.Ref);
        if (!isOn)
        {
            Assert.True(coordinator.ExpectMsg<OrderReply>().Accepted);
            return;
        }

        for (var i = 0; i < 3; i++)
        {
            var reply = coordinator.ExpectMsg<OrderReply>();
            Assert.False(reply.Accepted);
            Assert.Contains("active on server2", reply.Sentence, StringComparison.Ordinal);
        }

        Assert.Equal("rc 352", $"{events.ExpectMsg<EventDraft>().Key}");
        driver.RunUntilIdle();
        Assert.False(events.HasMessages);

        // It was stopped there, started again, and the order comes a last time.
        rc.Tell(Knows(Active(Record(6, GroupState.Offline), active: false), config).View);
        rc.Tell(Knows(Active(Record(7)), config).View);
        rc.Tell(Order(cause: cause), coordinator.Ref);
        Assert.False(coordinator.ExpectMsg<OrderReply>().Accepted);
        Assert.Equal("rc 352", $"{events.ExpectMsg<EventDraft>().Key}");
    }

    [Fact]
    public void Command_that_waits_in_vain_must_tell_why_the_order_was_refused()
    {
        var command = new AdminCommand("c1", AdminVerb.Start, Web, null, 3, false, "", "root");
        var pending = new PendingCommand(command, ActorRefs.Nobody, new Dictionary<GroupName, ServerName?> { [Web] = null }, new Dictionary<GroupName, (Term, long)>(), new Dictionary<GroupName, AdminLine>());
        var outcome = CommandRules.StillRunning(pending, null, new Dictionary<GroupName, string> { [Web] = "web is active on server2", [new("db")] = "of no interest" });
        Assert.Equal(5, outcome.Code);
        Assert.Equal(["web: the order was refused: web is active on server2"], outcome.Because);
    }

    // ---- what a start finds in use

    private static GroupConfig WithAddress(int retries = 0, bool check = true) =>
        Configs.Group("web", [Configs.Server1, Configs.Server2], Configs.Resource("ip", startRetries: retries) with { Exclusion = ExclusionClass.Lease }, Configs.Resource("app", depth: 1))
            with
        { BothActivationCheck = check };

    [Fact]
    public void Address_in_use_elsewhere_must_end_the_start_on_every_server()
    {
        var bench = new GroupBench(WithAddress(retries: 1));
        bench.Start();
        bench.Find("ip", Elsewhere);
        Assert.Equal(["start ip"], bench.Newest);
        bench.Find("ip", Elsewhere);
        Assert.Equal(["store OfflinePending", "stop ip"], bench.Newest);
        bench.Finish();
        Assert.Equal((GroupPhase.Idle, GroupState.OnlineFailure, "10.0.0.100"), (bench.Run.Phase, bench.Record.State, bench.Record.FoundActive));
        Assert.Equal("web.ip was not started on server1: 10.0.0.100 is in use; no server is tried before clpgrp -s web", bench.Record.Reason);
        Assert.Equal(["rc 10", "rc 350", "rc 30", "rc 32", "ca 39", "rc 352", "rc 12"], bench.Events.Take(7));
        Assert.Empty(bench.FinalActions);
        Assert.Empty(bench.Violations);
    }

    [Theory]
    [InlineData(new[] { "server1" }, new[] { "server1" })]
    [InlineData(new[] { "server2", "server1", "server3" }, new[] { "server1", "server2" })]
    public void Refusal_must_count_for_the_groups_servers_that_took_part(string[] takingPart, string[] failedOn)
    {
        var bench = new GroupBench(WithAddress());
        bench.Do(bench.Run.Start(GroupBench.Term1, 0, StartCause.Start, "test", [.. takingPart.Select(s => new ServerName(s))]));
        bench.Find("ip", Elsewhere);
        bench.Finish();
        Assert.Equal(failedOn, bench.Record.FailedOn.Select(s => s.Value));
    }

    [Fact]
    public void Start_must_not_go_on_beside_a_used_address_whatever_the_final_action_is()
    {
        var bench = new GroupBench(Configs.Group("web", [Configs.Server1],
            Configs.Resource("ip", startFinal: FinalAction.None) with { Exclusion = ExclusionClass.Lease }, Configs.Resource("app", depth: 1)));
        bench.Start();
        bench.Find("ip", Elsewhere);
        bench.Finish();
        Assert.Equal(GroupState.OnlineFailure, bench.Record.State);
    }

    [Fact]
    public void Refusal_must_be_forgiven_by_the_next_start_of_an_administrator()
    {
        var bench = new GroupBench(WithAddress());
        bench.Start();
        bench.Find("ip", Elsewhere);
        bench.Finish();
        bench.Do(bench.Run.SetWish(GroupBench.Term1, GroupWish.Started, null));
        Assert.Null(bench.Record.UnforgivenFinding());
        bench.Start();
        bench.Finish();
        Assert.Equal((GroupState.Online, null), (bench.Record.State, bench.Record.FoundActive));
        Assert.Empty(bench.Violations);
    }

    /// <summary>A takeover asks nobody; what it finds on its own server keeps the group from that server only.</summary>
    [Fact]
    public void Takeover_that_finds_the_address_on_its_own_server_must_leave_the_group_to_the_next()
    {
        var bench = new GroupBench(WithAddress());
        bench.Start(StartCause.Failover);
        bench.Find("ip", Here);
        bench.Finish();
        Assert.Equal((GroupState.OnlineFailure, null), (bench.Record.State, bench.Record.FoundActive));
        Assert.Equal([Configs.Server1], bench.Record.FailedOn);
        Assert.Equal(["rc 60", "rc 30", "rc 32", "ca 82", "rc 62"], bench.Events.Take(5));
    }

    [Fact]
    public void Check_must_be_told_as_begun_and_ended_around_the_addresses_only_in_a_start()
    {
        static List<string> Told(GroupConfig config, StartCause cause)
        {
            var bench = new GroupBench(config);
            bench.Start(cause);
            bench.Finish();
            return bench.Events;
        }

        Assert.Equal(["rc 10", "rc 350", "rc 30", "rc 31", "rc 351", "rc 30", "rc 31", "rc 11"], Told(WithAddress(), StartCause.Start));
        Assert.Equal(["rc 10", "rc 350", "rc 351", "rc 30"], Told(Configs.WebGroup(), StartCause.Start).Take(4));
        Assert.DoesNotContain("rc 350", Told(WithAddress(check: false), StartCause.Start));
        Assert.DoesNotContain("rc 350", Told(WithAddress(), StartCause.Failover));
        Assert.DoesNotContain("rc 350", Told(WithAddress(), StartCause.Move));
    }
}
