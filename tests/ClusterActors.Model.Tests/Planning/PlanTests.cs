using ClusterActors.Model.Explain;
using ClusterActors.Model.Planning;

namespace ClusterActors.Model.Tests.Planning;

public sealed class PlanTests
{
    private const string Held =
        """
        config policy=hold
        servers server1 server2
        group web
        view term=3.0
        server server1 down cause=server2/17
        record web online owner=server1 term=3.0
        """;

    private static readonly GroupName Web = new("web");

    [Fact]
    public void Notices_must_be_raised_once_while_plans_repeat()
    {
        var plan = PlanOf(Held);
        Assert.Equal("ca 11", Assert.Single(plan.NoticesSince(null)).Key.ToString());
        Assert.Empty(PlanOf(Held).NoticesSince(plan));
    }

    [Fact]
    public void Notices_must_be_raised_when_their_reason_is_new()
    {
        var before = PlanOf(Held.Replace("server server1 down cause=server2/17", "server server1 suspected", StringComparison.Ordinal));
        Assert.Equal("ca 11", Assert.Single(PlanOf(Held).NoticesSince(before)).Key.ToString());
    }

    [Fact]
    public void Notices_must_not_be_raised_anew_and_orders_must_be_the_same_when_only_a_cause_has_changed()
    {
        const string Takeover =
            """
            config policy=take-over
            servers server1 server2
            group web
            view term=3.1
            server server1 down grant-over=excluded cause=server2/17
            record web online owner=server1 term=3.0
            """;
        var (before, now) = (PlanOf(Takeover), PlanOf(Takeover.Replace("server2/17", "server2/18", StringComparison.Ordinal)));
        var start = Assert.IsType<StartGroup>(Assert.Single(now.Orders));
        Assert.Equal("server2/18", start.Because.CauseId);
        Assert.Equal(Assert.Single(before.Orders), start with { Because = start.Because with { CauseId = "server2/17" } });
        Assert.NotEmpty(before.Notices);
        Assert.Empty(now.NoticesSince(before));
    }

    [Fact]
    public void Plan_must_name_the_cause_event_of_a_lost_owner() =>
        Assert.Equal("server2/17", PlanOf(Held).For(Web)!.Because.CauseId);

    [Fact]
    public void Plan_must_be_the_same_whoever_makes_it_and_name_no_coordinator_when_no_member_can_act()
    {
        var plan = PlanOf(Held.Replace("server server1", "server server2 daemon-restarting\nserver server1", StringComparison.Ordinal));
        Assert.Null(plan.Coordinator);
        Assert.IsType<Hold>(plan.For(Web));
        Assert.Empty(plan.Orders);
    }

    [Fact]
    public void Plan_must_say_something_about_a_group_that_nobody_reported()
    {
        var (view, config) = PlannerCase.Read(Held);
        var action = Planner.Plan(view with { Groups = [], Members = [new ServerName("server2")] }, config).For(Web);
        Assert.Equal("wait web: server2 has not reported yet", PlanText.Lines(action!).Single());
    }

    [Fact]
    public void Gathered_reports_must_merge_and_keep_each_servers_own_word()
    {
        var started = GroupRecord.Initial(Web) with { State = GroupState.Online, Owner = new ServerName("server1"), Term = new Term(3, 0), Generation = 2 };
        var stuck = new ResourceStatus(new ResourceName("address"), "fip", ResourceState.OfflineFailure, 0, "device busy");
        var view = GroupView.From(Web,
        [
            new(new ServerName("server2"), new GroupReport(GroupRecord.Initial(Web), false, [])),
            new(new ServerName("server1"), new GroupReport(started, true, [stuck])),
        ]);
        Assert.Equal((GroupState.Online, new ServerName("server1")), (view.Record.State, view.Record.Owner!));
        Assert.Equal([false, true], view.Sightings.Select(s => s.ActiveHere));
        Assert.Equal("address", Assert.Single(view.Sightings[1].NotStopping).Value);
        Assert.Equal(new Term(3, 0), view.Sightings[1].Term);
    }

    /// <summary>Simulation, three servers by majority, seed 802193: what the owner wrote came by way of the third server, its own report said that nothing ran.</summary>
    [Fact]
    public void Report_of_the_owner_that_is_older_than_its_record_elsewhere_must_count_as_not_given()
    {
        var (first, second, third) = (new ServerName("server1"), new ServerName("server2"), new ServerName("server3"));
        var before = GroupRecord.Initial(Web) with { Owner = first, Term = new Term(3, 0), Generation = 4 };
        var started = before with { State = GroupState.OnlinePending, Owner = second, Generation = 5 };
        var view = GroupView.From(Web,
            [new(first, new GroupReport(before, false, [])), new(second, new GroupReport(before, false, [])), new(third, new GroupReport(started, false, []))]);
        Assert.Equal(started, view.Record);
        Assert.Equal([first, third], view.Sightings.Select(s => s.Server));
    }

    /// <summary>Simulation, three servers, seed 1254: on a slow disk the takeover's record was not stored yet when the servers met again.</summary>
    [Fact]
    public void Start_that_is_accepted_and_not_stored_must_be_sighted_as_a_start_in_its_own_term()
    {
        var (first, second) = (new ServerName("server1"), new ServerName("server2"));
        var before = GroupRecord.Initial(Web) with { State = GroupState.Online, Owner = first, Term = new Term(3, 0), Generation = 4 };
        var view = GroupView.From(Web, [new(first, new GroupReport(before, true, [])), new(second, new GroupReport(before, true, []) { StartingIn = new Term(3, 2) })]);
        Assert.Equal([(GroupState.Online, new Term(3, 0), false), (GroupState.OnlinePending, new Term(3, 2), true)],
            view.Sightings.Select(s => (s.State, s.Term, s.IsAheadOfRecord)));
    }

    /// <summary>The old owner had failed to stop it and was proven off; its word stood in the record that the taker had not yet replaced.</summary>
    [Theory]
    [InlineData(GroupState.OfflineFailure)]
    [InlineData(GroupState.OnlineFailure)]
    [InlineData(GroupState.OfflinePending)]
    [InlineData(GroupState.Online)]
    public void Start_that_is_accepted_and_not_stored_must_not_be_judged_by_what_the_record_says_of_the_old_owner(GroupState old)
    {
        var (view, config) = PlannerCase.Read(Held);
        var record = GroupRecord.Initial(Web) with { State = old, Owner = new ServerName("server1"), Term = new Term(1, 0), Generation = 4 };
        var group = GroupView.From(Web, [new(new ServerName("server2"), new GroupReport(record, true, []) { StartingIn = new Term(2, 0) })]);
        var action = Planner.Plan(view with { Groups = [group], Members = [new ServerName("server2")] }, config).For(Web);
        Assert.Equal("wait web: being started on server2", PlanText.Lines(action!).Single());
    }

    [Fact]
    public void Old_copy_of_a_stop_failure_must_not_count_as_running()
    {
        // server2's copy of the record says Offline Failure, but that happened on server1; server2 itself runs nothing.
        var sighting = new GroupSighting(new ServerName("server2"), GroupState.OfflineFailure, false, new Term(3, 0), []);
        Assert.False(sighting.MayRun);
        Assert.True((sighting with { NotStopping = [new ResourceName("address")] }).MayRun);
    }

    private static Plan PlanOf(string text)
    {
        var (view, config) = PlannerCase.Read(text);
        return Planner.Plan(view, config);
    }
}
