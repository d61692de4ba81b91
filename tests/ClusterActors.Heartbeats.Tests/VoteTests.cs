using ClusterActors.Heartbeats.Engine;
using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>The grant under vows, raising by votes, and giving votes.</summary>
public sealed class VoteTests
{
    private const long Ms = EngineLab.Ms;

    [Fact]
    public void Grant_must_be_counted_from_the_send_of_the_answered_message_not_from_the_receipt_of_the_answer()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.Link = (_, _, _) => 90 * Ms;
        lab.Run(2000);
        lab.CutBetween([0], [1, 2, EngineLab.WitnessNode]);
        long lastSend = lab[0].LastBeatTo(1).SendTime;
        lab.Run(195);

        // What was under way at the cut was answered long before: no deadline may be later than L after the last message that got through.
        Assert.True(lab[0].Engine.GrantDeadline <= lastSend + (1970 * Ms));
        Assert.True(lab[0].Engine.GrantDeadline < lab.Now + (1970 * Ms) - (150 * Ms));
    }

    [Fact]
    public void Owner_cut_from_all_voters_must_stand_down_before_its_deadline_and_live_on()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.CutBetween([0], [1, EngineLab.WitnessNode]);
        long deadline = lab[0].Engine.GrantDeadline;
        lab[0].AutoStandDown = false;
        lab.Run((deadline - lab.Now - (101 * Ms)) / Ms);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        lab.Run(102);
        Assert.Equal(GrantState.Expired, lab[0].Engine.Grant);
        EngineNote note = Assert.Single(lab[0].Notes, n => n.Kind == EngineNoteKind.StandDown);
        Assert.InRange(note.Nanoseconds, 0, 100 * Ms);
        Assert.False(lab[0].Engine.MayStart);
        Assert.True(lab[0].Engine.KillStaysAtDeadline);
    }

    [Fact]
    public void Grant_must_not_return_before_everything_was_ended_and_then_only_by_later_messages()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab[0].AutoStandDown = false;
        lab.CutBetween([0], [1, EngineLab.WitnessNode]);
        lab.Run(2100);
        lab.Heal();
        lab.Run(1000);
        Assert.Equal(GrantState.Expired, lab[0].Engine.Grant);
        lab[0].Engine.StoodDown();
        lab.Run(300);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.True(lab[0].Engine.MayStart);
    }

    [Fact]
    public void Vow_for_a_message_sent_before_the_expiry_must_not_give_the_grant_back()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Link = (_, _, _) => 1500 * Ms;
        lab.Run(4000);
        EngineNote expired = lab[0].Notes.Last(n => n.Kind == EngineNoteKind.Grant);
        lab.Heal();
        lab.Run(1000);
        Assert.Equal(GrantState.Expired, expired.Grant);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.True(lab[0].Engine.GrantBasis > lab.Now - (1000 * Ms));
    }

    [Fact]
    public void Late_answer_to_a_message_sent_before_the_expiry_must_not_give_the_grant_back_though_its_vow_still_runs()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.Run(1000);
        long cut = lab.Now;

        // Answers of 400 to 700 ms after the cut arrive together, just after the expiry; nothing else does.
        lab.Link = (from, to, _) => to != 0 && from != 0 ? Ms
            : lab.Now > cut + (700 * Ms) ? null
            : to != 0 ? Ms
            : lab.Now > cut + (400 * Ms) ? cut + (1900 * Ms) - lab.Now : null;
        lab.Run(1895);
        Assert.Equal(GrantState.Expired, lab[0].Engine.Grant);
        Assert.False(lab[0].Engine.StandingDown);
        for (int i = 0; i < 60; i++)
        {
            lab.Run(10);
            Assert.Equal(GrantState.Expired, lab[0].Engine.Grant);
        }
    }

    [Fact]
    public void Lost_lease_must_not_be_given_back_by_vows_that_were_open_before()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.Run(1000);
        lab.Cut();
        lab[0].Engine.LeaseLost(lab.Now);
        lab.Run(1000);
        Assert.False(lab[0].Engine.StandingDown);
        Assert.Equal(GrantState.Expired, lab[0].Engine.Grant);
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 2)]
    public void Deadline_must_be_the_vow_with_which_a_majority_ends(int servers, int vowsNeeded)
    {
        using EngineLab lab = EngineLab.Voting(servers).Formed();
        lab.Run(1000);

        // Server 1 keeps hearing one voter fewer than it needs: not enough.
        int[] others = [.. Enumerable.Range(1, servers - 1)];
        lab.CutBetween([0], [.. others.Skip(vowsNeeded - 1), EngineLab.WitnessNode]);
        lab.Run(2100);
        Assert.NotEqual(GrantState.Held, lab[0].Engine.Grant);
        lab.CutBetween([0], [.. others.Skip(vowsNeeded), EngineLab.WitnessNode]);
        lab.Run(600);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
    }

    [Fact]
    public void Length_of_the_grant_must_come_from_the_vow_given_not_from_the_own_file()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.CutBetween([0], [EngineLab.WitnessNode]);
        lab[0].Settings = lab[0].Settings with { Ratio = 10 };
        lab[0].Engine.Apply(lab[0].Settings);
        lab.Run(600);
        Assert.InRange(lab[0].Engine.GrantDeadline - lab[0].Engine.GrantBasis, 1970 * Ms, 1990 * Ms);
        lab[1].Settings = lab[1].Settings with { Ratio = 10 };
        lab[1].Engine.Apply(lab[1].Settings);
        lab.Run(600);
        Assert.Equal(19_700 * Ms, lab[0].Engine.GrantDeadline - lab[0].Engine.GrantBasis);
    }

    [Fact]
    public void Vow_told_after_the_timeout_was_lengthened_must_be_kept_at_its_new_length()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(100);
        lab.CutBetween([0], [1]);
        long heard = lab.Now;
        lab[1].Settings = lab[1].Settings with { Ratio = 2 };
        lab[1].Engine.Apply(lab[1].Settings);
        lab[1].Pass();
        Assert.Equal(4000u, lab[1].LastBeatTo(0).VowMilliseconds);
        lab[1].Engine.Apply(lab[1].Settings with { Ratio = 1 });
        lab.Run((heard - lab.Now) / Ms + 2500);
        Assert.False(lab[1].Ask(0b01));
        Assert.Contains("vow", lab[1].LastRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Silent_owner_must_be_replaced_by_the_vote_of_the_witness_and_not_before_its_grant_is_over()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(500);
        lab[0].Freeze();
        long deadline = lab[0].Engine.GrantDeadline;
        lab.Run(1900);
        Assert.False(lab[1].Ask(0b01));
        lab.Run(200);
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        Assert.NotEqual(Term.Zero, lab[1].Engine.CandidateTerm);
        lab.Run(20);
        Assert.Equal(new Term(2, 1), lab[1].Engine.Term);
        Assert.True(lab[1].Engine.MayStart);
        Assert.True(lab.Now > deadline);
    }

    [Fact]
    public void Witness_that_still_has_a_vow_open_must_keep_both_in_the_old_term()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.CutBetween([0], [1]);
        lab.Run(2500);
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        lab.Run(1200);
        Assert.Equal(new Term(1, 0), lab[1].Engine.Term);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.Equal(GrantState.Held, lab[1].Engine.Grant);
        Assert.Equal(HeartbeatEngine.ArbiterVoter, lab[0].Engine.GrantVoter);
        EngineNote lost = Assert.Single(lab[1].Notes, n => n.Kind == EngineNoteKind.CandidacyLost);
        Assert.Contains("vow", lost.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Crash_of_the_standby_must_cost_the_owner_nothing()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab[1].Stop();
        lab.Run(20_000);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.DoesNotContain(lab[0].Notes, n => n.Kind == EngineNoteKind.StandDown);
    }

    [Fact]
    public void Minority_must_not_take_over_and_majority_must()
    {
        using EngineLab lab = EngineLab.Voting(5).Formed();
        lab.CutBetween([0, 1], [2, 3, 4]);
        lab.Run(2300);
        Assert.True(lab[0].Ask(0b11100), lab[0].LastRefusal);
        Assert.True(lab[2].Ask(0b00011), lab[2].LastRefusal);
        lab.Run(1500);
        Assert.Equal(new Term(1, 0), lab[0].Engine.Term);
        Assert.Equal(new Term(2, 2), lab[2].Engine.Term);
        Assert.Equal(new Term(2, 2), lab[4].Engine.Term);
        Assert.NotEqual(GrantState.Held, lab[0].Engine.Grant);
        Assert.True(lab[2].Engine.MayStart);
        Assert.True(lab[3].Engine.MayStart);
        Assert.Contains(lab[0].Notes, n => n.Kind == EngineNoteKind.CandidacyLost);
    }

    [Fact]
    public void Candidate_must_answer_the_old_term_no_more()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.CutBetween([0], [1, 2]);
        lab.Run(2300);
        lab[2].AutoRecord = false;
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        Assert.Equal(0u, BeatAfterPass(lab, 1, 0).VowMilliseconds);
        Assert.Equal(default, BeatAfterPass(lab, 1, 0).AnsweredIncarnation);
    }

    [Fact]
    public void Voter_must_store_its_vote_before_it_shows_it_and_answer_the_excluded_no_more()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.CutBetween([0], [1, 2]);
        lab.Run(2300);
        lab[2].AutoRecord = false;
        lab[1].AutoCommit = false;
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        lab.Run(50);
        Assert.Equal(Term.Zero, lab[2].LastBeatTo(1).VotedTerm);
        Assert.DoesNotContain(lab[1].Notes, n => n.Kind == EngineNoteKind.CandidacyWon);
        lab[2].StoreRecord();
        Assert.Equal(new Term(2, 1), Assert.Single(lab[2].Record.Votes).Term);
        lab.Run(50);
        Assert.Equal(new Term(2, 1), lab[2].LastBeatTo(1).VotedTerm);
        Assert.Contains(lab[1].Notes, n => n.Kind == EngineNoteKind.CandidacyWon);

        // The excluded server is heard again by the voter alone: it gets no vow.
        lab.Link = (from, to, _) => (from, to) is (0, 1) or (1, 0) ? null : 1 * Ms;
        lab.Run(500);
        Assert.Equal(0u, lab[2].LastBeatTo(0).VowMilliseconds);
        Assert.NotEqual(GrantState.Held, lab[0].Engine.Grant);
    }

    [Fact]
    public void Vote_must_outlive_a_restart_of_the_voter()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.CutBetween([0], [1, 2]);
        lab.Run(2300);
        lab[1].AutoCommit = false;
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        lab.Run(50);
        Assert.Equal(new Term(2, 1), lab[2].Engine.VotedTerm);

        // The voter begins a new life while the candidate is out of its sight; the old owner comes back.
        lab[1].Freeze();
        lab[2].Start();
        lab[2].Engine.SetClean();
        lab.Heal();
        lab.Run(4000);
        Assert.Equal(0u, lab[2].LastBeatTo(0).VowMilliseconds);
        Assert.NotEqual(GrantState.Held, lab[0].Engine.Grant);
    }

    [Fact]
    public void Restart_of_the_voter_must_take_its_vote_away_from_the_candidate()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.CutBetween([0], [1, 2]);
        lab.Run(2300);
        lab[1].AutoCommit = false;
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        lab.Run(50);
        Assert.Contains(lab[1].Notes, n => n.Kind == EngineNoteKind.CandidacyWon);
        lab[2].Record = VotingRecord.Empty;
        lab[2].Start();
        lab.Run(250);
        Assert.False(lab[1].Engine.CommitRaise(lab.Now));
        Assert.Equal(new Term(1, 0), lab[1].Engine.Term);
    }

    [Fact]
    public void Vote_must_be_given_back_by_a_later_message_without_candidacy_and_not_by_an_earlier_one()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.CutBetween([0], [1, 2]);
        lab.Run(2300);
        lab[1].AutoCommit = false;
        byte[] before = lab[1].Sent.Last(s => s.To == 2).Bytes;
        lab[2].AutoRecord = false;
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        lab.Run(5);
        lab[2].StoreRecord();
        Assert.Equal(new Term(2, 1), lab[2].Engine.VotedTerm);
        lab[2].AutoRecord = true;
        lab.Inject(2, 0, before);
        lab.Run(1);
        Assert.Equal(new Term(2, 1), lab[2].Engine.VotedTerm);
        lab[1].Engine.AbandonRaise();
        lab.Run(300);
        Assert.Equal(Term.Zero, lab[2].Engine.VotedTerm);
        Assert.Empty(lab[2].Record.Votes);
        lab.Heal();
        lab.Run(600);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
    }

    [Fact]
    public void Number_of_a_candidacy_given_up_must_not_be_used_again_so_that_a_late_vote_counts_for_nothing()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.CutBetween([0], [1, 2]);
        lab.Run(2300);
        lab[2].AutoRecord = false;
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        Assert.Equal(new Term(2, 1), lab[1].Engine.CandidateTerm);
        lab.Run(2000);
        Assert.Equal(Term.Zero, lab[1].Engine.CandidateTerm);
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        Assert.Equal(new Term(3, 1), lab[1].Engine.CandidateTerm);
        lab.Run(50);

        // The vote for the first candidacy becomes durable only now: it is not shown, and the second one needs one of its own.
        lab[2].StoreRecord();
        lab.Run(50);
        Assert.NotEqual(new Term(2, 1), lab[2].LastBeatTo(1).VotedTerm);
        Assert.Equal(new Term(1, 0), lab[1].Engine.Term);
        lab[2].AutoRecord = true;
        lab[2].StoreRecord();
        lab.Run(200);
        Assert.Equal(new Term(3, 1), lab[1].Engine.Term);
    }

    [Fact]
    public void Of_two_candidates_that_see_each_other_the_later_one_in_order_must_give_way()
    {
        using EngineLab lab = EngineLab.Voting(5).Formed();
        lab.CutBetween([0, 1], [2, 3, 4]);
        lab.Run(2300);
        Assert.True(lab[3].Ask(0b00011), lab[3].LastRefusal);
        Assert.True(lab[2].Ask(0b00011), lab[2].LastRefusal);
        lab.Run(1000);
        Assert.Equal(2, lab[4].Engine.Term.ServerIndex);
        Assert.Equal(lab[2].Engine.Term, lab[3].Engine.Term);
    }

    [Fact]
    public void Voter_must_not_vote_while_it_hears_the_server_to_be_excluded()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.CutBetween([0], [1]);
        lab.Run(2500);
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        lab.Run(2000);
        Assert.Equal(new Term(1, 0), lab[1].Engine.Term);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.Empty(lab[2].Record.Votes);
    }

    [Fact]
    public void Restarted_voter_must_not_vote_before_an_earlier_lifes_vow_has_run_out()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab.Run(100);
        lab.CutBetween([0], [1, 2]);
        lab.Run(1500);
        lab[2].Start();
        lab[2].Engine.SetClean();
        lab.Run(700);
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        lab.Run(200);
        Assert.Equal(Term.Zero, lab[2].Engine.VotedTerm);
        lab.Run(1800);
        Assert.True(lab[1].Engine.Term == new Term(2, 1) || lab[1].Ask(0b001), lab[1].LastRefusal);
        lab.Run(100);
        Assert.Equal(1, lab[1].Engine.Term.ServerIndex);
    }

    [Fact]
    public void New_incarnation_must_not_count_as_clean()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab[0].Start();
        lab.Run(400);
        Assert.False(lab[1].MayExclude(0));
        Assert.False(lab[1].Raise(0b01));
        lab[0].Engine.SetClean();
        lab.Run(400);
        Assert.True(lab[1].MayExclude(0));
    }

    [Fact]
    public void Server_that_lost_its_state_must_give_no_vow_and_no_vote_until_it_has_met_every_peer_in_its_term()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab[0].Stop();
        lab[2].Record = VotingRecord.Lost;
        lab[2].Stored = default;
        lab[2].Start();
        lab[2].Engine.SetClean();
        lab.Run(4000);
        Assert.Equal(lab[1].Engine.Term, lab[2].Engine.Term);
        Assert.True(lab[2].Engine.Forgetful);
        Assert.Equal(0u, lab[2].LastBeatTo(1).VowMilliseconds);
        Assert.False(lab[1].Ask(0b001) && Won(lab, 1));
        lab[0].Start();
        lab[0].Engine.SetClean();
        lab.Run(1000);
        Assert.False(lab[2].Engine.Forgetful);
        Assert.False(lab[2].Record.Forgetful);
        Assert.Equal(2000u, lab[2].LastBeatTo(1).VowMilliseconds);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void New_servers_without_any_record_must_form_once_they_have_met(int servers)
    {
        using EngineLab lab = EngineLab.Voting(servers);
        foreach (EngineLab.Node node in lab.Nodes)
            node.Record = VotingRecord.Lost;
        lab.Formed();
        lab.Run(4000);
        Assert.All(lab.Nodes, n => Assert.False(n.Engine.Forgetful));
        Assert.All(lab.Nodes, n => Assert.False(n.Engine.HoldPromise));
        Assert.All(lab.Nodes, n => Assert.False(n.Record.Forgetful || n.Record.HoldPromise));
        Assert.True(lab[0].Engine.MayStart);
        lab[0].Stop();
        lab.Run(2400);
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        lab.Run(300);
        Assert.True(lab[1].Engine.MayStart);
    }

    [Fact]
    public void Vow_of_an_earlier_life_must_not_count_once_its_server_has_lost_its_record()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab[2].Stop();
        lab.Run(1000);
        lab[1].Record = VotingRecord.Lost;
        lab[1].Start();
        lab.Run(2000);
        Assert.NotEqual(GrantState.Held, lab[0].Engine.Grant);
    }

    [Fact]
    public void Server_that_goes_on_must_have_shown_the_new_term_before_anything_starts_in_it()
    {
        using EngineLab lab = EngineLab.Voting(3).Formed();
        lab[2].AutoAdopt = false;
        lab[0].Freeze();
        lab.Run(2300);
        Assert.True(lab[1].Ask(0b001), lab[1].LastRefusal);
        lab.Run(5000);
        Assert.Equal(new Term(2, 1), lab[1].Engine.Term);
        Assert.False(lab[1].Engine.MayStart);
    }

    [Fact]
    public void Fenced_server_must_be_excluded_without_votes()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Witness!.Stop();
        lab[0].Freeze();
        lab.Run(2100);
        Assert.True(lab[1].Raise(0b01, confirmed: 0b01), lab[1].LastRefusal);
        Assert.Equal(new Term(2, 1), lab[1].Engine.Term);
    }

    [Fact]
    public void Fence_only_must_keep_the_grant_by_itself_and_exclude_by_fence_success_after_the_timeout_only()
    {
        using var lab = new EngineLab(policy: PartitionPolicy.AskArbiters);
        foreach (EngineLab.Node node in lab.Nodes)
            node.Settings = node.Settings with { Voting = VotingMode.FenceOnly };
        lab.Formed();
        lab.Cut();
        lab.Run(1500);
        Assert.False(lab[1].Raise(0b01, confirmed: 0b01));
        lab.Run(3000);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.False(lab[1].Raise(0b01));
        Assert.Contains("fence", lab[1].LastRefusal, StringComparison.Ordinal);
        Assert.True(lab[1].Raise(0b01, confirmed: 0b01), lab[1].LastRefusal);
    }

    [Fact]
    public void Store_arbiter_must_count_by_its_send_time_in_the_present_term_only()
    {
        using EngineLab lab = EngineLab.Voting();
        foreach (EngineLab.Node node in lab.Nodes)
            node.Settings = node.Settings with { Arbiter = VotingArbiter.Store, WitnessEndpoints = [] };
        lab.Formed();
        lab[1].Freeze();
        lab.Run(1000);
        HeartbeatEngine engine = lab[0].Engine;
        long sent = lab.Now - (300 * Ms);
        Assert.False(engine.ArbiterVow(lab.Now, new Term(0, 0), sent, 2000 * Ms));
        Assert.False(engine.ArbiterVow(lab.Now, engine.Term, lab.Now + 1, 2000 * Ms));
        Assert.True(engine.ArbiterVow(lab.Now, engine.Term, sent, 2000 * Ms));
        lab.Run(250);
        Assert.Equal(sent + (1970 * Ms), engine.GrantDeadline);
        Assert.Equal(HeartbeatEngine.ArbiterVoter, engine.GrantVoter);
        for (int i = 0; i < 10; i++)
        {
            lab.Run(200);
            engine.ArbiterVow(lab.Now, engine.Term, lab.Now, 2000 * Ms);
        }

        Assert.True(lab[0].Raise(0b10, arbiterVote: true), lab[0].LastRefusal);
        Assert.True(engine.MayStart || Later(lab, 0));
    }

    [Fact]
    public void A_pass_under_vows_must_allocate_nothing_once_warm()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        HeartbeatEngine a = lab[0].Engine;
        var wire = new byte[BeatCodec.Size];
        var request = new byte[WitnessCodec.RequestSize];
        long now = lab.Now;
        long before = 0;
        for (int i = 0; i < 300; i++)
        {
            if (i == 100)
                before = GC.GetAllocatedBytesForCurrentThread();
            now += 200 * Ms;
            a.OnTick(now);
            a.NextChange();
            a.BeginPass(now);
            a.WriteBeat(1, 0, wire);
            a.WriteWitnessRequest(request);
            a.EndPass();
            while (a.Notes.TryTake(out _))
            {
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Beat BeatAfterPass(EngineLab lab, int from, int to)
    {
        lab[from].Pass();
        return lab[from].LastBeatTo(to);
    }

    private static bool Won(EngineLab lab, int server)
    {
        lab.Run(1000);
        return lab[server].Engine.Term.ServerIndex == server;
    }

    private static bool Later(EngineLab lab, int server)
    {
        lab.Run(20);
        return lab[server].Engine.MayStart;
    }
}
