using ClusterActors.Model.Voting;

namespace ClusterActors.Model.Tests.Voting;

/// <summary>The rules of the voter one by one. Times in milliseconds; the vow is 2 s.</summary>
public sealed class WitnessVoterTests
{
    private const uint Vow = 2000;
    private static readonly Guid Store = new("0f0e0d0c-0b0a-0908-0706-050403020100");

    // ---- vows ----

    [Fact]
    public void Vow_must_be_given_to_each_server_in_the_known_term()
    {
        var lab = new Lab();
        Assert.Equal((WitnessVerdict.Vow, Vow), lab.Ask(lab.Plain(0)));
        Assert.Equal((WitnessVerdict.Vow, Vow), lab.Ask(lab.Plain(1)));
        Assert.Equal(0u, lab.Last.RetryAfterMilliseconds);
    }

    [Fact]
    public void Higher_term_must_be_stored_before_it_is_answered_and_the_older_one_gets_no_vow()
    {
        var lab = new Lab();
        lab.Ask(lab.Plain(0));
        Assert.Equal(WitnessStep.StoreThenAnswer, lab.On(lab.Plain(1) with { Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 }));
        Assert.Equal(new Term(2, 1), lab.Voter.Record.Term);
        Assert.Equal((WitnessVerdict.OlderTerm, 0u), lab.Ask(lab.Plain(0)));
        Assert.Equal(new Term(2, 1), lab.Last.Term);
    }

    [Fact]
    public void Vow_must_be_clamped_and_its_length_stored_before_it_is_given()
    {
        var lab = new Lab();
        Assert.Equal(WitnessStep.StoreThenAnswer, lab.On(lab.Plain(0) with { VowWantedMilliseconds = uint.MaxValue }));
        Assert.Equal(3_600_000u, lab.Last.VowMilliseconds);
        Assert.Equal(3_600_000u, lab.Voter.Record.LargestVowMilliseconds);
    }

    [Fact]
    public void Unclean_server_must_get_no_vow_and_no_vote()
    {
        var lab = new Lab();
        Assert.Equal((WitnessVerdict.Unclean, 0u), lab.Ask(lab.Plain(0) with { Flags = WitnessRequestFlags.Unclean }));
        Assert.Equal((WitnessVerdict.Unclean, 0u), lab.Ask(lab.Candidate(1, new Term(2, 1), excluded: 1) with { Flags = WitnessRequestFlags.Unclean }));
    }

    [Fact]
    public void Request_must_be_refused_when_it_contradicts_itself_or_the_number_of_servers_differs()
    {
        var lab = new Lab();
        Assert.Equal(WitnessVerdict.ServerCount, lab.Ask(lab.Plain(0) with { ServerCount = 4, Term = new Term(9, 0) }).Verdict);
        Assert.Equal(WitnessVerdict.BadRequest, lab.Ask(lab.Candidate(0, new Term(2, 0), excluded: 1)).Verdict);
        Assert.Equal(WitnessVerdict.BadRequest, lab.Ask(lab.Candidate(0, new Term(2, 1), excluded: 2)).Verdict);
        Assert.Equal(WitnessVerdict.BadRequest, lab.Ask(lab.Candidate(0, new Term(2, 0), excluded: 4)).Verdict);
        Assert.Equal(WitnessVerdict.BadRequest, lab.Ask(lab.Candidate(0, new Term(2, 0), excluded: 0, proven: 2)).Verdict);
        Assert.Equal(new Term(1, 0), lab.Voter.Record.Term);
    }

    // ---- votes ----

    [Fact]
    public void Vote_must_wait_until_the_vow_to_the_excluded_server_has_run_out()
    {
        var lab = new Lab();
        lab.Ask(lab.Plain(0));
        lab.Now += 500;
        Assert.Equal((WitnessVerdict.OpenVow, Vow), lab.Ask(lab.Candidate(1, new Term(2, 1), excluded: 1)));
        Assert.Equal(1500u, lab.Last.RetryAfterMilliseconds);
        lab.Now += 1499;
        Assert.Equal(WitnessVerdict.OpenVow, lab.Ask(lab.Candidate(1, new Term(2, 1), excluded: 1)).Verdict);
        lab.Now += 1;
        Assert.Equal(WitnessStep.StoreThenAnswer, lab.On(lab.Candidate(1, new Term(2, 1), excluded: 1)));
        Assert.Equal(WitnessVerdict.Vote, lab.Last.Verdict);
        Assert.Equal(new Term(2, 1), lab.Last.VoteTerm);
        Assert.Equal(new Term(1, 0), lab.Last.Term);
    }

    [Fact]
    public void Proof_must_count_in_place_of_the_vow()
    {
        var lab = new Lab();
        lab.Ask(lab.Plain(0));
        Assert.Equal(WitnessVerdict.Vote, lab.Ask(lab.Candidate(1, new Term(2, 1), excluded: 1, proven: 1)).Verdict);
    }

    [Fact]
    public void Excluded_server_must_get_no_vow_after_the_vote_until_it_is_returned()
    {
        var lab = new Lab();
        lab.VoteFor(1);
        Assert.Equal((WitnessVerdict.Excluded, 0u), lab.Ask(lab.Plain(0)));
        Assert.Equal(new Term(2, 1), lab.Last.VoteTerm);
        Assert.Equal(WitnessStep.StoreThenAnswer, lab.On(lab.Plain(1)));
        Assert.Equal((WitnessVerdict.Vow, Vow), lab.Ask(lab.Plain(0)));
        Assert.Equal(Term.Zero, lab.Last.VoteTerm);
    }

    [Fact]
    public void Vote_must_not_be_returned_by_another_life_or_an_older_request_or_a_new_candidacy()
    {
        var lab = new Lab();
        WitnessRequest before = lab.Plain(1);
        lab.VoteFor(1);
        Assert.Equal(WitnessStep.Ignore, lab.On(before));
        Assert.Equal(WitnessVerdict.Excluded, lab.Ask(lab.Plain(0)).Verdict);
        lab.Ask(lab.Candidate(1, new Term(1, 1), excluded: 1));
        Assert.Equal(WitnessVerdict.Excluded, lab.Ask(lab.Plain(0)).Verdict);
        lab.Crash(1);
        lab.Ask(lab.Plain(1));
        Assert.Equal(WitnessVerdict.Excluded, lab.Ask(lab.Plain(0)).Verdict);
    }

    [Fact]
    public void Late_duplicate_of_the_candidacy_must_not_take_the_vote_again_not_even_after_a_restart()
    {
        var lab = new Lab();
        WitnessRequest candidacy = lab.VoteFor(1);
        lab.Ask(lab.Plain(1));
        Assert.Equal(WitnessStep.Ignore, lab.On(candidacy));
        lab.Restart(continuous: true);
        lab.Now += Vow;
        Assert.Equal(WitnessStep.Ignore, lab.On(candidacy));
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(0)).Verdict);
    }

    [Fact]
    public void Request_that_a_repeated_candidacy_overtook_must_not_return_its_vote_not_even_after_a_restart()
    {
        var lab = new Lab();
        lab.VoteFor(1);
        WitnessRequest overtaken = lab.Plain(1);
        Assert.Equal(WitnessStep.StoreThenAnswer, lab.On(lab.Candidate(1, new Term(2, 1), excluded: 1)));
        lab.Restart(continuous: true);
        Assert.Equal(WitnessStep.Ignore, lab.On(overtaken));
        Assert.Equal(WitnessVerdict.Excluded, lab.Ask(lab.Plain(0)).Verdict);
        lab.Ask(lab.Plain(1));
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(0)).Verdict);
    }

    [Fact]
    public void Repeated_datagram_must_get_the_same_answer_and_change_nothing()
    {
        var lab = new Lab();
        WitnessRequest candidacy = lab.VoteFor(1);
        WitnessAnswer first = lab.Last;
        lab.Now += 700;
        Assert.Equal(WitnessStep.Answer, lab.On(candidacy));
        Assert.Equal(first, lab.Last);
        WitnessRequest plain = lab.Plain(1);
        lab.On(plain);
        long until = lab.Voter.View(1).VowUntil;
        lab.Now += 700;
        Assert.Equal(WitnessStep.Answer, lab.On(plain));
        Assert.Equal(until, lab.Voter.View(1).VowUntil);
    }

    [Fact]
    public void Repeated_candidacy_must_keep_the_vote()
    {
        var lab = new Lab();
        lab.VoteFor(1);
        for (int i = 0; i < 3; i++)
            Assert.Equal(WitnessVerdict.Vote, lab.Ask(lab.Candidate(1, new Term(2, 1), excluded: 1)).Verdict);
        Assert.Equal(default, lab.Voter.Record.Earlier);
    }

    [Fact]
    public void Number_that_has_the_vote_must_not_get_it_for_another_candidate()
    {
        var lab = new Lab(4);
        lab.Now += Vow;
        Assert.Equal(WitnessVerdict.Vote, lab.Ask(lab.Candidate(1, new Term(5, 1), excluded: 1)).Verdict);
        Assert.Equal(WitnessVerdict.OtherVote, lab.Ask(lab.Candidate(2, new Term(5, 2), excluded: 1)).Verdict);
        Assert.Equal(WitnessVerdict.OtherVote, lab.Ask(lab.Candidate(2, new Term(4, 2), excluded: 1)).Verdict);
        Assert.Equal(new Term(5, 1), lab.Last.VoteTerm);
        Assert.Equal(WitnessVerdict.Vote, lab.Ask(lab.Candidate(2, new Term(6, 2), excluded: 1)).Verdict);
    }

    [Fact]
    public void Term_that_is_in_force_must_not_get_a_vote()
    {
        var lab = new Lab();
        Assert.Equal(WitnessVerdict.NotHigher, lab.Ask(lab.Candidate(0, new Term(1, 0), excluded: 2)).Verdict);
    }

    [Fact]
    public void Vote_must_end_when_its_term_comes_into_force()
    {
        var lab = new Lab();
        lab.VoteFor(1);
        Assert.Equal((WitnessVerdict.Vow, Vow), lab.Ask(lab.Plain(1) with { Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 }));
        Assert.Equal(default, lab.Voter.Record.Vote);
        Assert.Equal(WitnessVerdict.OlderTerm, lab.Ask(lab.Plain(0)).Verdict);
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(0) with { Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 }).Verdict);
    }

    [Fact]
    public void Crashed_candidate_must_not_keep_the_other_from_a_higher_number()
    {
        var lab = new Lab();
        lab.VoteFor(1);
        lab.Now += Vow;
        Assert.Equal(WitnessVerdict.Vote, lab.Ask(lab.Candidate(0, new Term(3, 0), excluded: 2)).Verdict);
    }

    /// <summary>1 has the vote and is frozen; 0 gets a later one and returns it; then 1 comes into force after all: it must not meet an open vow to 0.</summary>
    [Fact]
    public void Replaced_vote_must_go_on_barring_whom_it_excludes()
    {
        var lab = new Lab();
        lab.VoteFor(1);
        lab.Now += Vow;
        lab.Ask(lab.Candidate(0, new Term(3, 0), excluded: 2));
        Assert.Equal((WitnessVerdict.Excluded, 0u), lab.Ask(lab.Plain(0)));
        lab.Restart(continuous: true);
        Assert.Equal((WitnessVerdict.Excluded, 0u), lab.Ask(lab.Plain(0)));
        Assert.Equal(new Term(2, 1), lab.Last.VoteTerm);
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(1) with { Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 }).Verdict);
    }

    [Fact]
    public void Replaced_vote_must_be_returned_by_its_own_candidate()
    {
        var lab = new Lab();
        lab.VoteFor(1);
        lab.Now += Vow;
        lab.Ask(lab.Candidate(0, new Term(3, 0), excluded: 2));
        lab.Ask(lab.Plain(0));
        lab.Ask(lab.Plain(1));
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(0)).Verdict);
    }

    [Fact]
    public void Term_that_does_not_continue_the_known_one_must_wait_for_open_vows()
    {
        var lab = new Lab(4);
        lab.Ask(lab.Plain(1) with { Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 });
        lab.Now += 300;
        WitnessRequest rival = lab.Plain(2) with { Term = new Term(3, 2), BaseTerm = new Term(1, 0), ExcludedServers = 1 };
        Assert.Equal((WitnessVerdict.TermChange, 0u), lab.Ask(rival));
        Assert.Equal(1700u, lab.Last.RetryAfterMilliseconds);
        lab.Now += 1700;
        Assert.Equal((WitnessVerdict.Vow, Vow), lab.Ask(rival with { Sequence = lab.Next(2) }));
    }

    [Fact]
    public void Request_of_an_earlier_life_must_be_ignored()
    {
        var lab = new Lab();
        WitnessRequest early = lab.Plain(0);
        lab.Crash(0);
        lab.Ask(lab.Plain(0));
        Assert.Equal(WitnessStep.Ignore, lab.On(early with { Sequence = 1000 }));
        Assert.Equal(1, lab.Voter.LateRequests);
    }

    // ---- start ----

    [Fact]
    public void Restart_must_wait_with_votes_but_not_with_vows_when_the_store_is_proven_new()
    {
        var lab = new Lab();
        lab.Ask(lab.Plain(0));
        lab.Restart(continuous: true);
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(1)).Verdict);
        Assert.Equal(WitnessVerdict.StartWait, lab.Ask(lab.Candidate(1, new Term(2, 1), excluded: 1)).Verdict);
        Assert.Equal(Vow, lab.Last.RetryAfterMilliseconds);
        lab.Now += Vow;
        Assert.Equal(WitnessVerdict.Vote, lab.Ask(lab.Candidate(1, new Term(2, 1), excluded: 1)).Verdict);
    }

    [Fact]
    public void Restart_must_wait_with_both_when_nothing_proves_the_store()
    {
        var lab = new Lab();
        lab.Ask(lab.Plain(0));
        lab.Restart(continuous: false);
        Assert.Equal((WitnessVerdict.StartWait, 0u), lab.Ask(lab.Plain(1)));
        lab.Now += Vow - 1;
        Assert.Equal(WitnessVerdict.StartWait, lab.Ask(lab.Candidate(1, new Term(2, 1), excluded: 1)).Verdict);
        lab.Now += 1;
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(1)).Verdict);
    }

    [Fact]
    public void Start_wait_must_follow_the_longest_vow_ever_given()
    {
        var lab = new Lab();
        lab.Ask(lab.Plain(0) with { VowWantedMilliseconds = 60_000 });
        lab.Ask(lab.Plain(0));
        lab.Restart(continuous: false);
        lab.Now += 59_999;
        Assert.Equal(WitnessVerdict.StartWait, lab.Ask(lab.Plain(0)).Verdict);
    }

    [Fact]
    public void Each_start_and_each_change_must_raise_the_epoch()
    {
        var lab = new Lab();
        ulong epoch = lab.Voter.Record.Epoch;
        lab.Restart(continuous: true);
        Assert.Equal(epoch + 1, lab.Voter.Record.Epoch);
        lab.Now += Vow;
        lab.Ask(lab.Candidate(1, new Term(2, 1), excluded: 1));
        Assert.Equal(epoch + 2, lab.Last.Epoch);
    }

    [Fact]
    public void Jump_after_a_restart_must_wait_for_vows_of_the_earlier_life()
    {
        var lab = new Lab(4);
        lab.Ask(lab.Plain(1) with { Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 });
        lab.Restart(continuous: true);
        Assert.Equal(WitnessVerdict.TermChange, lab.Ask(lab.Plain(2) with { Term = new Term(3, 2), BaseTerm = new Term(1, 0), ExcludedServers = 1 }).Verdict);
    }

    // ---- register ----

    [Fact]
    public void Empty_store_must_give_nothing_before_every_server_has_registered()
    {
        var lab = new Lab(4);
        lab.Empty();
        lab.Now += Vow;
        Assert.Equal((WitnessVerdict.Unregistered, 0u), lab.Ask(lab.Plain(0)));
        for (byte i = 0; i < 4; i++)
            lab.Known[i] = (lab.Voter.Record.StoreId, 0);
        for (byte i = 0; i < 3; i++)
        {
            Assert.Equal(WitnessVerdict.Unregistered, lab.Ask(lab.Plain(i) with { Flags = WitnessRequestFlags.Register }).Verdict);
            Assert.Equal((uint)((1 << (i + 1)) - 1), lab.Last.Registered);
        }

        Assert.Equal(WitnessVerdict.Unregistered, lab.Ask(lab.Candidate(0, new Term(2, 0), excluded: 8)).Verdict);
        lab.Ask(lab.Plain(3) with { Flags = WitnessRequestFlags.Register });
        Assert.True(lab.Voter.IsRegistered);
        lab.Now += Vow;
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(0)).Verdict);
        Assert.Equal(new Term(1, 0), lab.Voter.Record.Term);
    }

    [Fact]
    public void Registration_in_an_older_term_must_not_count_in_a_higher_one()
    {
        var lab = new Lab();
        lab.Empty();
        lab.Ask(lab.Plain(0) with { Flags = WitnessRequestFlags.Register });
        lab.Ask(lab.Plain(1) with { Flags = WitnessRequestFlags.Register, Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 });
        Assert.False(lab.Voter.IsRegistered);
        lab.Ask(lab.Plain(0) with { Flags = WitnessRequestFlags.Register, Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 });
        Assert.True(lab.Voter.IsRegistered);
    }

    [Theory]
    [InlineData("epoch")]
    [InlineData("term")]
    public void Store_that_was_set_back_must_be_noticed(string by)
    {
        var lab = new Lab();
        lab.Ask(lab.Plain(0));
        WitnessRecord old = lab.Stored;
        lab.VoteFor(1);
        lab.Restart(continuous: false, from: old);
        lab.Now += Vow;
        lab.Known[1] = (Store, by == "epoch" ? old.Epoch + 1 : old.Epoch);
        WitnessRequest request = lab.Plain(1);
        lab.Ask(by == "term" ? request with { Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 } : request);
        Assert.False(lab.Voter.IsRegistered);
        Assert.NotEqual("", lab.Voter.UnregisteredBecause);
        Assert.Equal((WitnessVerdict.Unregistered, 0u), (lab.Last.Verdict, lab.Last.VowMilliseconds));
        Assert.Equal(0u, lab.Stored.Registered);
    }

    [Fact]
    public void Registration_after_a_set_back_must_raise_the_epoch_above_all_that_was_seen()
    {
        var lab = new Lab();
        lab.Known[0] = (Store, 500);
        lab.Ask(lab.Plain(0));
        Assert.False(lab.Voter.IsRegistered);
        lab.Ask(lab.Plain(0) with { Flags = WitnessRequestFlags.Register });
        lab.Ask(lab.Plain(1) with { Flags = WitnessRequestFlags.Register });
        Assert.True(lab.Voter.Record.Epoch > 500);
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(0)).Verdict);
    }

    [Fact]
    public void Higher_term_must_be_taken_without_registration_when_the_store_is_proven_new()
    {
        var lab = new Lab();
        lab.Restart(continuous: true);
        lab.Now += Vow;
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(1) with { Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 }).Verdict);
    }

    [Fact]
    public void Administrator_must_be_able_to_register_by_hand()
    {
        var lab = new Lab();
        lab.Empty();
        lab.Known[0] = (lab.Voter.Record.StoreId, 0);
        lab.Ask(lab.Plain(0));
        lab.RegisterByHand();
        Assert.Equal(WitnessVerdict.StartWait, lab.Ask(lab.Plain(0)).Verdict);
        lab.Now += Vow;
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(0)).Verdict);

        // One that was down meanwhile, and had seen more of the store than anybody.
        lab.Known[1] = (lab.Voter.Record.StoreId, 5000);
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(1)).Verdict);
        Assert.True(lab.Voter.IsRegistered);
    }

    /// <summary>
    /// The vote for 1 is forgotten by a set back of which no server knows; 0 is vowed to again; then the term of 1 appears. The vow in the new term must wait
    /// for the one to 0.
    /// </summary>
    [Fact]
    public void Forgotten_vote_must_not_lead_to_two_open_vows()
    {
        var lab = new Lab();
        lab.Ask(lab.Plain(0));
        WitnessRecord old = lab.Stored;
        lab.VoteFor(1);
        lab.Restart(continuous: false, from: old);
        lab.Known[0] = (Store, old.Epoch);
        lab.Known[1] = (Store, old.Epoch);
        lab.Now += Vow;
        lab.Ask(lab.Plain(1));
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(0)).Verdict);
        lab.Now += 100;
        Assert.Equal((WitnessVerdict.TermChange, 0u), lab.Ask(lab.Plain(1) with { Term = new Term(2, 1), BaseTerm = new Term(1, 0), ExcludedServers = 1 }));
        Assert.Equal(WitnessVerdict.OlderTerm, lab.Ask(lab.Plain(0)).Verdict);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Server_that_has_not_taken_the_store_must_open_no_vow_and_cost_the_others_none(bool knowsAnother)
    {
        var lab = new Lab();
        lab.Known[0] = (knowsAnother ? Guid.NewGuid() : Guid.Empty, 5);
        Assert.Equal(WitnessVerdict.Unregistered, lab.Ask(lab.Plain(0)).Verdict);
        Assert.True(lab.Voter.IsRegistered);
        Assert.Equal(WitnessVerdict.Vow, lab.Ask(lab.Plain(1)).Verdict);
    }

    [Fact]
    public void Plain_requests_must_allocate_nothing()
    {
        var lab = new Lab();
        lab.Ask(lab.Plain(0));
        WitnessRequest request = lab.Plain(0);
        WitnessVoter voter = lab.Voter;
        for (int i = 0; i < 100; i++, request.Sequence++)
            voter.On(in request, 1_000_000_000, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++, request.Sequence++)
            voter.On(in request, 1_000_000_000, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Record_must_have_the_golden_bytes_of_version_1_and_come_back_equal()
    {
        var record = new WitnessRecord
        {
            StoreId = Store,
            Epoch = 7,
            Term = new Term(5, 1),
            BaseTerm = new Term(4, 2),
            Excluded = 1,
            Vote = new WitnessVote(new Term(6, 3), 4, new Incarnation(0x1122334455667788, 9), 1000),
            Earlier = new WitnessVote(new Term(5, 2), 8, new Incarnation(0x99, 3), 77),
            ReturnedBy = 2,
            ReturnedIncarnation = new Incarnation(0x77, 4),
            ReturnedSequence = 12,
            Registered = 15,
            LargestVowMilliseconds = 2000,
        };
        byte[] bytes = WitnessRecordCodec.Encode(record);
        Assert.Equal(
            "434C5752" + "0100" + "9C00" + "0C0D0E0F0A0B08090706050403020100" + "0700000000000000"
            + "0500000000000000" + "01" + "02" + "02" + "00" + "01000000" + "0400000000000000" + "0F000000" + "D0070000"
            + "7700000000000000" + "04000000" + "0C00000000000000"
            + "0600000000000000" + "03" + "000000" + "04000000" + "8877665544332211" + "09000000" + "E803000000000000"
            + "0500000000000000" + "02" + "000000" + "08000000" + "9900000000000000" + "03000000" + "4D00000000000000",
            Convert.ToHexString(bytes));
        Assert.Equal(record, WitnessRecordCodec.Decode(bytes));
        Assert.Throws<FormatException>(() => WitnessRecordCodec.Decode(bytes.AsSpan(1)));
        bytes[4] = 2;
        Assert.Contains("version 2; 1 is known", Assert.Throws<FormatException>(() => WitnessRecordCodec.Decode(bytes)).Message, StringComparison.Ordinal);
    }

    /// <summary>A registered voter in term 1.0 past its start-up wait, its store, and servers that make requests.</summary>
    private sealed class Lab
    {
        public readonly (Guid Store, ulong Epoch)[] Known = new (Guid, ulong)[32];
        private readonly ulong[] _sequences = new ulong[32];
        private readonly uint[] _lives = new uint[32];
        private readonly int _servers;

        public Lab(int servers = 2)
        {
            _servers = servers;
            Stored = new WitnessRecord { StoreId = Store, Epoch = 10, Term = new Term(1, 0), Registered = (1u << servers) - 1, LargestVowMilliseconds = Vow };
            for (int i = 0; i < servers; i++)
                (Known[i], _lives[i]) = ((Store, 10), 1);
            Restart(continuous: true);
            Now = 2 * Vow;
        }

        public long Now { get; set; }

        public WitnessVoter Voter { get; private set; } = null!;

        public WitnessRecord Stored { get; private set; }

        public WitnessAnswer Last { get; private set; }

        public ulong Next(byte server) => ++_sequences[server];

        public WitnessRequest Plain(byte server) => new()
        {
            Sender = server,
            ServerCount = (byte)_servers,
            VowWantedMilliseconds = Vow,
            Incarnation = new Incarnation((ulong)(server + 1), _lives[server]),
            Sequence = Next(server),
            Term = new Term(1, 0),
            KnownStoreId = Known[server].Store,
            KnownEpoch = Known[server].Epoch,
        };

        public WitnessRequest Candidate(byte server, Term term, uint excluded, uint proven = 0) =>
            Plain(server) with { CandidateTerm = term, CandidateExcluded = excluded, CandidateProven = proven };

        /// <summary>The other server of the pair has been silent; the vote for term 2 is given.</summary>
        public WitnessRequest VoteFor(byte server)
        {
            Now += Vow;
            WitnessRequest request = Candidate(server, new Term(2, server), excluded: 1u << (1 - server));
            On(request);
            Assert.Equal(WitnessVerdict.Vote, Last.Verdict);
            return request;
        }

        public WitnessStep On(WitnessRequest request)
        {
            WitnessStep step = Voter.On(in request, Now * 1_000_000, out WitnessAnswer answer);
            if (step == WitnessStep.StoreThenAnswer)
                Stored = Voter.Record;
            else
                Assert.Equal(Stored, Voter.Record);
            if (step != WitnessStep.Ignore)
                Last = answer;
            return step;
        }

        public (WitnessVerdict Verdict, uint Vow) Ask(WitnessRequest request)
        {
            Assert.NotEqual(WitnessStep.Ignore, On(request));
            Assert.Equal((request.Sequence, request.Incarnation, request.Sender), (Last.Sequence, Last.Incarnation, Last.Receiver));
            return (Last.Verdict, Last.VowMilliseconds);
        }

        public void Crash(byte server) => (_lives[server], _sequences[server]) = (_lives[server] + 1, 0);

        public void Restart(bool continuous, WitnessRecord? from = null)
        {
            Voter = new WitnessVoter(from ?? Stored, _servers, continuous, Now * 1_000_000);
            Stored = Voter.Record;
        }

        public void RegisterByHand()
        {
            Voter.RegisterByHand();
            Stored = Voter.Record;
        }

        public void Empty() => Restart(continuous: false, new WitnessRecord { StoreId = Guid.NewGuid() });
    }
}
