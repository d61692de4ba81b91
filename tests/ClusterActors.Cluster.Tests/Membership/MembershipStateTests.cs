using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Tests.Membership;

public sealed class MembershipStateTests
{
    private static readonly ClusterConfig Config = Configs.Pair();
    private static readonly ServerName Server3 = new("server3");
    private static readonly ClusterConfig Three = Config with { Servers = [.. Config.Servers, new ServerConfig(Server3, [], default)] };
    private static readonly Incarnation Own = new(1, 1);
    private static readonly Incarnation Peer = new(2, 1);
    private static readonly Term Term3 = new(3, 0);
    private static readonly Term Term4 = new(4, 0);

    private static PeerChanged Beats(PeerState state, Term term, Incarnation? life = null, bool mayExclude = false, DaemonState daemon = DaemonState.Running) =>
        new(1, state, life ?? Peer, term, GuardianFlags.None, daemon, TimeSpan.Zero, 0, TimeSpan.Zero, mayExclude);

    private static ServerReport Report(ServerName server, Incarnation life, Term term, long sequence = 1, params ServerName[] without) =>
        new(server, life, term, Config.Hash, sequence, true, false, "held",
            [.. Config.Groups.Select(g => new GroupReport(GroupRecord.Initial(g.Name), false, []))], [])
        { Out = without };

    /// <summary>Server1 alone, its guardian known, the start-up wait over.</summary>
    private static MembershipState Alone(Term term, uint excluded = 0) =>
        (MembershipState.Create(Config, Configs.Server1) with { StartupWait = null })
            .OnWelcome(new(Own, term, 0, GuardianFlags.None, GrantState.Held, true, TimeSpan.Zero, 0))
            .OnTable(new(term, excluded, GrantState.Held, GuardianFlags.None, [], [], [], [], []))
            .OnOwnReport(Report(Configs.Server1, Own, term), 0);

    private static MembershipState Both() => Alone(Term3).OnPeer(Beats(PeerState.Up, Term3)).OnLinkUp(Configs.Server2, Config.Hash)
        .OnReport(Report(Configs.Server2, Peer, Term3), 0);

    private static bool IsValid(MembershipState state) => state.View.ToClusterView(Config).Standing.IsValid;

    /// <summary>Simulation, seed 227: a takeover was decided in the old term, and its record got the same stamp as the owner's own.</summary>
    [Fact]
    public void Grant_of_a_term_that_is_still_to_come_must_not_count_in_the_old_one()
    {
        var ended = Both().OnGrant(new(GrantState.Ended, Term3, "made safe"));
        var early = ended.OnGrant(new(GrantState.Held, Term4, "groups may run in this term"));
        Assert.NotEqual(GrantState.Held, early.Grant);
        var known = early.OnTerm(new(Term3, Term4, 0, "raised here"));
        Assert.Equal(GrantState.Held, known.Grant);
        Assert.Null(known.EarlyGrant);
        Assert.NotEqual(GrantState.Held, early.OnGrant(new(GrantState.Expired, Term4, "stalled")).OnTerm(new(Term3, Term4, 0, "raised here")).Grant);
    }

    /// <summary>Simulation, three servers, seed 33: a server that was superseded while it started counted itself as unclean for ever.</summary>
    [Fact]
    public void Server_that_was_unclean_when_its_daemon_connected_must_take_part_once_its_guardian_holds_a_grant()
    {
        var unclean = Both().OnTable(new(Term3, 0, GrantState.Ended, GuardianFlags.Unclean, [], [], [], [], []))
            .OnTerm(new(Term3, Term4, 1, "adopted from a peer"))
            .OnOwnReport(Report(Configs.Server1, Own, Term4, 2), 0);
        Assert.DoesNotContain(Configs.Server1, unclean.View.ToClusterView(Config).Members);

        Assert.Contains(Configs.Server1, unclean.OnGrant(new(GrantState.Held, Term4, "groups may run in this term")).View.ToClusterView(Config).Members);
    }

    [Fact]
    public void View_must_be_valid_when_both_servers_take_part()
    {
        Assert.True(IsValid(Both()));
        Assert.Equal([Configs.Server1, Configs.Server2], Both().View.ToClusterView(Config).Members);
        Assert.Equal(Configs.Server1, Both().View.Coordinator(Config));
    }

    private static MembershipState BothTell(Following own, Following other, bool? ownDecides = true, bool? otherDecides = false) => Both()
        .OnOwnReport(Report(Configs.Server1, Own, Term3, 2) with { Life = 7, Decides = ownDecides, Follows = own }, 0)
        .OnReport(Report(Configs.Server2, Peer, Term3, 2) with { Life = 8, Decides = otherDecides, Follows = other }, 0);

    [Fact]
    public void Coordinator_must_decide_nothing_before_every_server_follows_this_life_of_it()
    {
        var follows = new Following(Configs.Server1, 7, 1);
        Assert.True(IsValid(BothTell(follows, follows)));
        Assert.False(IsValid(BothTell(follows, follows with { Life = 6 })));
        Assert.False(IsValid(BothTell(follows, follows with { Coordinator = Configs.Server2 })));
        Assert.False(IsValid(BothTell(follows, new(null, 0, 0))));
        Assert.False(IsValid(BothTell(new(null, 0, 0), follows)));
        Assert.True(BothTell(follows, new(null, 0, 0)).View.Decides(Config));
        Assert.Contains("server2 does not carry out the orders of server1 yet", BothTell(follows, new(null, 0, 0)).View.ToClusterView(Config).Standing.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_that_repeats_the_last_must_be_no_news_and_anything_else_must_be()
    {
        var follows = new Following(Configs.Server1, 7, 1);
        var both = BothTell(follows, follows);
        var told = both.View.Find(Configs.Server2).Report! with { Hears = [new("lan", Configs.Server1, "Up")], Sequence = 10 };
        var before = both.OnReport(told, 1);
        Assert.False(IsNews(r => r with { Hears = [new("lan", Configs.Server1, "Late")] }));
        Assert.True(IsNews(r => r with { Hears = [new("lan", Configs.Server1, "Down")] }));
        Assert.True(IsNews(r => r with { Leaving = true }));
        Assert.True(IsNews(r => r with { Decides = true }));
        Assert.True(IsNews(r => r with { Meets = [Configs.Server1] }));
        Assert.True(IsNews(r => r with { Follows = follows with { Number = 2 } }));
        Assert.True(IsNews(r => r with { Out = [Configs.Server1] }));
        Assert.True(IsNews(r => r with { OutCauses = [new(Configs.Server1, "server2-1-7")] }));
        Assert.True(IsNews(r => r with { Groups = [.. r.Groups.Select(g => g with { ActiveHere = true })] }));
        Assert.True(IsNews(r => r with { Groups = [.. r.Groups.Select(g => g with { Record = g.Record with { Generation = 9 } })] }));
        Assert.True(ViewNews.Between(before.View, before.OnLinkDown(Configs.Server2).View));
        Assert.True(ViewNews.Between(before.View, before.OnGrant(new(GrantState.Expired, Term3, "stalled")).View));

        bool IsNews(Func<ServerReport, ServerReport> change) => ViewNews.Between(before.View, before.OnReport(change(told) with { Sequence = 11 }, 1).View);
    }

    [Fact]
    public void First_server_that_says_it_decides_must_be_followed()
    {
        var follows = new Following(Configs.Server1, 7, 1);
        Assert.Equal(Configs.Server1, BothTell(follows, follows).View.ToFollow()?.Server);
        Assert.Equal(Configs.Server2, BothTell(follows, follows, ownDecides: false, otherDecides: true).View.ToFollow()?.Server);
        Assert.Null(BothTell(follows, follows, ownDecides: false).View.ToFollow());
        Assert.Equal(Configs.Server2, BothTell(follows, follows, ownDecides: false, otherDecides: null).View.ToFollow()?.Server);
    }

    [Fact]
    public void View_must_be_valid_when_the_other_was_excluded()
    {
        var state = Alone(Term4, excluded: 2).OnPeer(Beats(PeerState.Down, Term3));
        Assert.True(IsValid(state));
        Assert.Equal([Configs.Server1], state.View.ToClusterView(Config).Members);
    }

    [Fact]
    public void View_must_not_be_valid_when_the_other_is_down_but_not_excluded()
    {
        Assert.False(IsValid(Both().OnPeer(Beats(PeerState.Down, Term3))));
        Assert.False(IsValid(Alone(Term3)));
    }

    /// <summary>End to end, after a cut under take-over: the link healed first, and the server that had given way took the group over again.</summary>
    [Fact]
    public void Silent_server_that_tells_of_a_later_term_must_not_be_left_out()
    {
        var gone = Both().OnPeer(Beats(PeerState.Down, Term3, mayExclude: true));
        Assert.Equal([Configs.Server2], gone.View.ToExclude([]).Select(m => m.Server));
        var ahead = gone.OnReport(Report(Configs.Server2, Peer, Term4, 2), 0);
        Assert.Empty(ahead.View.ToExclude([]));
        Assert.Equal([Configs.Server2], ahead.View.ToExclude([Configs.Server2]).Select(m => m.Server));
        Assert.Equal([Configs.Server2], ahead.OnLinkDown(Configs.Server2).View.ToExclude([]).Select(m => m.Server));
    }

    [Fact]
    public void View_must_not_be_valid_when_the_link_is_down() => Assert.False(IsValid(Both().OnLinkDown(Configs.Server2)));

    [Fact]
    public void View_must_not_be_valid_while_the_daemon_of_the_other_is_being_restarted() =>
        Assert.False(IsValid(Both().OnPeer(Beats(PeerState.Up, Term3, daemon: DaemonState.Restarting))));

    [Fact]
    public void View_must_not_be_valid_without_the_guardian_or_its_grant()
    {
        Assert.False(IsValid(Both().OnGuardianLost()));
        Assert.False(IsValid(Both().OnGrant(new(GrantState.Expired, Term3, "stalled"))));
    }

    [Fact]
    public void View_must_not_be_valid_in_a_new_term_before_every_live_server_has_adopted_it()
    {
        var raised = Both().OnTerm(new(Term3, Term4, 0, "raised here")).OnPeer(Beats(PeerState.Up, Term4)).OnReport(Report(Configs.Server2, Peer, Term4, 2), 0)
            .OnOwnReport(Report(Configs.Server1, Own, Term4, 2), 0);
        Assert.False(IsValid(raised));
        Assert.Contains("adopted", raised.View.ToClusterView(Config).Standing.Sentence, StringComparison.Ordinal);
        Assert.True(IsValid(raised.OnGrant(new(GrantState.Held, Term4, "every live server has adopted the term"))));
    }

    [Fact]
    public void Greeting_must_not_make_the_view_valid_before_the_table_says_who_is_excluded()
    {
        var state = Both().OnGuardianLost().OnWelcome(new(Own, Term4, 0, GuardianFlags.None, GrantState.Held, true, TimeSpan.Zero, 0));
        Assert.False(IsValid(state));
        Assert.Equal(Term3, state.View.Term);
    }

    [Fact]
    public void Excluded_server_must_be_asked_again_once_it_has_adopted_the_term()
    {
        var state = Alone(Term4, excluded: 2).OnPeer(Beats(PeerState.Up, Term4));
        Assert.False(state.View.Find(Configs.Server2).IsExcluded);
        Assert.False(IsValid(state));
        state = state.OnLinkUp(Configs.Server2, Config.Hash).OnReport(Report(Configs.Server2, Peer, Term4), 0);
        Assert.True(IsValid(state));
        Assert.Equal(2, state.View.ToClusterView(Config).Members.Count);
    }

    /// <summary>Simulation, three servers, seed 26: one that came later took a server for out that it had not heard, and that ran a group in this term.</summary>
    [Fact]
    public void Excluded_server_that_was_never_heard_must_not_be_out_before_all_others_count_it_as_out()
    {
        var state = CameLater();
        var standing = state.View.ToClusterView(Three).Standing;
        Assert.False(standing.IsValid);
        Assert.Equal("server2 does not count server3 as out", standing.Sentence);
        Assert.False(state.View.Decides(Three));

        var agreed = state.OnReport(Report(Configs.Server2, Peer, Term4, 2, Server3), 0);
        Assert.True(agreed.View.ToClusterView(Three).Standing.IsValid);
        Assert.True(agreed.View.Decides(Three));
    }

    /// <summary>Server1 in a term that was there before its life, which was raised over itself and server3; it hears server2 only.</summary>
    private static MembershipState CameLater() =>
        (MembershipState.Create(Three, Configs.Server1) with { StartupWait = null })
            .OnWelcome(new(Own, Term4, 0, GuardianFlags.None, GrantState.Held, true, TimeSpan.Zero, 0))
            .OnTable(new(Term4, 0b101, GrantState.Held, GuardianFlags.None, [], [], [], [], []))
            .OnOwnReport(Report(Configs.Server1, Own, Term4), 0)
            .OnPeer(Beats(PeerState.Up, Term4)).OnLinkUp(Configs.Server2, Three.Hash)
            .OnReport(Report(Configs.Server2, Peer, Term4), 0);

    /// <summary>Server2 in the middle of a chain: it meets server1 and server3, which miss each other.</summary>
    private static MembershipState Middle()
    {
        ServerName[] all = [Configs.Server1, Configs.Server2, Server3];
        var life3 = new Incarnation(3, 1);
        return (MembershipState.Create(Three, Configs.Server2) with { StartupWait = null })
            .OnWelcome(new(Peer, Term3, 0, GuardianFlags.None, GrantState.Held, true, TimeSpan.Zero, 0))
            .OnTable(new(Term3, 0, GrantState.Held, GuardianFlags.None, [], [], [], [], []))
            .OnOwnReport(Report(Configs.Server2, Peer, Term3) with { Meets = all, Decides = false }, 0)
            .OnPeer(Beats(PeerState.Up, Term3, Own) with { Server = 0 }).OnLinkUp(Configs.Server1, Three.Hash)
            .OnReport(Report(Configs.Server1, Own, Term3) with { Meets = [Configs.Server1, Configs.Server2], Decides = false }, 0)
            .OnPeer(Beats(PeerState.Up, Term3, life3) with { Server = 2 }).OnLinkUp(Server3, Three.Hash)
            .OnReport(Report(Server3, life3, Term3) with { Meets = [Configs.Server2, Server3], Decides = false }, 0);
    }

    [Fact]
    public void Server_between_two_that_miss_each_other_must_decide_once_they_have_missed_each_other_for_long()
    {
        var middle = Middle();
        Assert.Equal([Configs.Server1, Server3], middle.View.MissingSomebody);
        Assert.False(middle.View.Decides(Three));
        Assert.Equal(Configs.Server1, middle.View.Coordinator(Three));

        var passed = middle with { PassedOver = [Configs.Server1, Server3] };
        Assert.True(passed.View.Decides(Three));
        Assert.Equal(Configs.Server2, passed.View.Coordinator(Three));
        Assert.Equal(Configs.Server2, Planner.Plan(passed.View.ToClusterView(Three), Three).Coordinator);
        Assert.True(ViewNews.Between(middle.View, passed.View));
        Assert.Equal(
            ["does not meet server3, so it accepts no start", null, "does not meet server1, so it accepts no start"], passed.View.ToClusterView(Three).Servers.Select(s => s.WhyNoStart));
        Assert.All(middle.View.ToClusterView(Three).Servers, s => Assert.Null(s.WhyNoStart));
        Assert.All(passed.View.IfRaised(Three, []).Servers, s => Assert.Null(s.WhyNoStart));
    }

    /// <summary>Those that miss each other could not adopt it.</summary>
    [Fact]
    public void Term_must_not_be_raised_by_a_server_that_decides_in_the_place_of_another()
    {
        var passed = Middle() with { PassedOver = [Configs.Server1, Server3] };
        Assert.Equal(Configs.Server1, passed.View.IfRaised(Three, []).Coordinator);
    }

    [Fact]
    public void Nobody_must_be_passed_over_while_a_server_does_not_tell_whom_it_meets()
    {
        var middle = Middle();
        var older = middle.OnReport(middle.View.Find(Server3).Report! with { Meets = null, Sequence = 9 }, 0);
        Assert.Empty(older.View.MissingSomebody);
    }

    [Fact]
    public void End_of_a_chain_must_follow_the_server_between_while_it_says_that_it_decides()
    {
        var end = EndOfChain(middleDecides: false);
        Assert.Equal(Configs.Server1, end.View.Coordinator(Three));

        end = EndOfChain(middleDecides: true);
        Assert.Equal(Configs.Server2, end.View.Coordinator(Three));
        Assert.Equal(Configs.Server2, end.View.ToFollow()?.Server);
        var standing = end.View.ToClusterView(Three).Standing;
        Assert.False(standing.IsValid);
        Assert.EndsWith("server2 meets all and decides", standing.Sentence, StringComparison.Ordinal);
    }

    /// <summary>Server1, which meets server2 and not server3.</summary>
    private static MembershipState EndOfChain(bool middleDecides) =>
        (MembershipState.Create(Three, Configs.Server1) with { StartupWait = null })
            .OnWelcome(new(Own, Term3, 0, GuardianFlags.None, GrantState.Held, true, TimeSpan.Zero, 0))
            .OnTable(new(Term3, 0, GrantState.Held, GuardianFlags.None, [], [], [], [], []))
            .OnOwnReport(Report(Configs.Server1, Own, Term3) with { Meets = [Configs.Server1, Configs.Server2], Decides = false }, 0)
            .OnPeer(Beats(PeerState.Up, Term3)).OnLinkUp(Configs.Server2, Three.Hash)
            .OnReport(Report(Configs.Server2, Peer, Term3) with { Meets = [Configs.Server1, Configs.Server2, Server3], Decides = middleDecides }, 0);

    /// <summary>Simulation, three servers, seed 730059: a takeover from a server that the taker had never heard followed from nothing.</summary>
    [Fact]
    public void Cause_for_a_server_that_is_out_must_be_its_own_loss_or_else_what_another_tells()
    {
        var told = CameLater().OnReport(Report(Configs.Server2, Peer, Term4, 2, Server3) with { OutCauses = [new(Server3, "server2-1-7")] }, 0);
        Assert.Null(CauseOf(CameLater()));
        Assert.Equal("server2-1-7", CauseOf(told));
        Assert.Equal("server2-1-7", CauseOf(told.WithCause(Server3, "server1-2-1")));
        Assert.Null(CauseOf(told.OnLinkDown(Configs.Server2)));
        var seen = told.OnPeer(Beats(PeerState.Down, Term3) with { Server = 2 }).WithCause(Server3, "server1-2-2");
        Assert.Equal("server1-2-2", CauseOf(seen));
        Assert.Null(CauseOf(told.OnPeer(Beats(PeerState.Up, Term4) with { Server = 2 })));

        static string? CauseOf(MembershipState state) => state.View.ToClusterView(Three).Servers.Single(s => s.Name == Server3).CauseId;
    }

    [Fact]
    public void What_may_be_told_of_a_server_that_is_out_must_be_its_loss_or_the_term_over_one_never_heard()
    {
        Assert.Equal("term", Alone(Term4, excluded: 2).WithCause(Configs.Server2, "term").View.Find(Configs.Server2).OutCauseId);
        var up = Both().WithCause(Configs.Server2, "up");
        Assert.Null(up.View.Find(Configs.Server2).OutCauseId);
        var down = up.OnPeer(Beats(PeerState.Down, Term3)).WithCause(Configs.Server2, "down");
        Assert.Equal("down", down.OnPeer(Beats(PeerState.Up, Term3)).WithCause(Configs.Server2, "up again").View.Find(Configs.Server2).OutCauseId);
    }

    /// <summary>Simulation, three servers, seed 20005: the ends of a chain took everything over from each other, terms 77 to 80 within 40 ms.</summary>
    [Fact]
    public void Silent_server_must_not_be_left_out_while_another_that_takes_part_hears_it()
    {
        var third = new ServerName("server3");
        var config = Config with
        {
            Servers = [.. Config.Servers, new ServerConfig(third, [], default)],
            Heartbeats = [new LanHeartbeatConfig(new("lan"), System.Net.IPNetwork.Parse("10.0.0.0/24"), 0, default)],
        };
        var state = (MembershipState.Create(config, Configs.Server1) with { StartupWait = null })
            .OnWelcome(new(Own, Term3, 0, GuardianFlags.None, GrantState.Held, true, TimeSpan.Zero, 0))
            .OnTable(new(Term3, 0, GrantState.Held, GuardianFlags.None, [], [], [], [], []))
            .OnOwnReport(Report(Configs.Server1, Own, Term3), 0)
            .OnPeer(Beats(PeerState.Up, Term3)).OnLinkUp(Configs.Server2, config.Hash)
            .OnPeer(Beats(PeerState.Down, Term3, mayExclude: true) with { Server = 2 })
            .OnChannel(new(1, 2, 0, ChannelState.Up, TimeSpan.Zero));

        Assert.Empty(Excluded(state.OnReport(Hearing("Up"), 0)));
        Assert.Empty(Excluded(state.OnReport(Hearing("Late"), 0)));
        Assert.Equal([third], Excluded(state.OnReport(Hearing("Down"), 0)));
        Assert.Equal([third], Excluded(state.OnReport(Hearing("Up"), 0).OnLinkDown(Configs.Server2)));
        Assert.Equal([third], Excluded(state.OnReport(Hearing("Up"), 0).OnChannel(new(1, 2, 0, ChannelState.Down, TimeSpan.Zero))));
        Assert.Equal([third], state.OnReport(Hearing("Up"), 0).View.ToExclude([third]).Select(m => m.Server));

        ServerReport Hearing(string channel) => Report(Configs.Server2, Peer, Term3) with { Hears = [new("lan", third, channel)] };
        static IEnumerable<ServerName> Excluded(MembershipState of) => of.View.ToExclude([]).Select(m => m.Server);
    }

    /// <summary>Its guardian is a new life that no beat has shown yet: what its daemon says of the term counts all the same.</summary>
    [Fact]
    public void Server_that_tells_of_a_later_term_must_not_be_left_out()
    {
        var silent = Both().OnPeer(Beats(PeerState.Down, Term3, mayExclude: true));
        Assert.Single(silent.View.ToExclude([]));
        var ahead = silent.OnReport(Report(Configs.Server2, new(2, 2), Term4, 2), 0);
        Assert.Empty(ahead.View.ToExclude([]));
        Assert.Single(ahead.OnLinkDown(Configs.Server2).View.ToExclude([]));
    }

    /// <summary>Simulation, three servers, seed 2016: the maker of a term came back, and what it had known of who is back in it was lost with its life.</summary>
    [Fact]
    public void Excluded_server_that_was_never_heard_must_not_be_out_for_a_life_that_promised_to_start_nothing_in_the_term()
    {
        var back = Alone(Term4, excluded: 2).OnTable(new(Term4, 2, GrantState.None, GuardianFlags.DownAndClean, [], [], [], [], []));
        Assert.False(back.View.Find(Configs.Server2).IsExcluded);
        Assert.False(back.OnPeer(Beats(PeerState.Down, Term.Zero, life: default(Incarnation))).View.Find(Configs.Server2).IsExcluded, "silence since the life began tells nothing new");
        Assert.True(back.OnPeer(Beats(PeerState.Down, Term3)).View.Find(Configs.Server2).IsExcluded);
        Assert.True(back.OnTerm(new(Term4, new(5, 0), 2, "raised here")).View.Find(Configs.Server2).IsExcluded);
    }

    [Fact]
    public void Server_that_does_without_this_one_must_not_count_as_taking_part()
    {
        var state = Both().OnReport(Report(Configs.Server2, Peer, Term3, 2, Configs.Server1), 0);
        Assert.False(IsValid(state));
        Assert.True(IsValid(state.OnReport(Report(Configs.Server2, Peer, Term3, 3), 0)));
    }

    [Fact]
    public void New_life_of_the_other_guardian_must_drop_what_its_daemon_said()
    {
        var state = Both().OnPeer(Beats(PeerState.Up, Term3, new(2, 2)));
        Assert.Null(state.View.Find(Configs.Server2).Report);
        Assert.False(IsValid(state));
    }

    [Fact]
    public void Report_that_came_before_the_first_beat_must_count_from_the_beat_on()
    {
        var state = Alone(Term3).OnLinkUp(Configs.Server2, Config.Hash).OnReport(Report(Configs.Server2, Peer, Term3), 0);
        Assert.Null(state.View.Find(Configs.Server2).Report);
        Assert.True(IsValid(state.OnPeer(Beats(PeerState.Up, Term3))));
    }

    [Fact]
    public void Stale_reports_must_be_dropped()
    {
        var state = Both().OnReport(Report(Configs.Server2, Peer, Term3, 5), 0);
        Assert.Equal(5, state.OnReport(Report(Configs.Server2, Peer, Term3, 4), 0).View.Find(Configs.Server2).Report!.Sequence);
        Assert.Null(state.OnLinkDown(Configs.Server2).OnReport(Report(Configs.Server2, Peer, Term3, 6), 0).View.Find(Configs.Server2).Report);
        Assert.False(IsValid(Both().OnReport(Report(Configs.Server2, Peer, Term4, 6), 0)));
    }

    [Fact]
    public void Restarted_daemon_must_be_heard_from_its_first_report_on()
    {
        var state = Both().OnReport(Report(Configs.Server2, Peer, Term3, 50), 0).OnLinkUp(Configs.Server2, Config.Hash);
        Assert.Equal(1, state.OnReport(Report(Configs.Server2, Peer, Term3, 1), 0).View.Find(Configs.Server2).Report!.Sequence);
    }

    [Fact]
    public void Raise_must_name_those_that_are_gone_and_those_that_an_administrator_confirmed()
    {
        Assert.Empty(Both().View.ToExclude([]));
        var down = Both().OnPeer(Beats(PeerState.Down, Term3));
        Assert.Empty(down.View.ToExclude([]));
        Assert.Single(down.View.ToExclude([Configs.Server2]));
        Assert.Single(Both().OnPeer(Beats(PeerState.Down, Term3, mayExclude: true)).View.ToExclude([]));
        Assert.True(down.View.IfRaised(Config, [Configs.Server2]).Standing.IsValid);
    }

    [Fact]
    public void Own_exclusion_must_be_known()
    {
        Assert.True(Alone(Term4, excluded: 1).View.WasExcluded);
        Assert.False(Alone(Term4, excluded: 2).View.WasExcluded);
    }

    [Fact]
    public void Start_up_wait_must_hold_until_somebody_has_looked() =>
        Assert.NotNull(MembershipState.Create(Config, Configs.Server1).View.StartupWait);
}
