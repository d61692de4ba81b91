using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Voting;

namespace ClusterActors.Arbiters.Tests.Stores;

/// <summary>The rule of the vote store without a network: two servers and a store in memory, on a clock of the test.</summary>
public sealed class StoreVoterTests
{
    private static readonly TimeSpan V = TimeSpan.FromSeconds(2);
    private static readonly Term Old = new(3, 0);
    private static readonly Term Next = new(4, 1);
    private static readonly Incarnation Life = new(9, 1);
    private readonly InMemoryVoteStore.Shared _store = new();
    private readonly StoreVoter _owner = new(0, 2);
    private readonly StoreVoter _taker = new(1, 2);
    private TimeSpan _now;
    private bool _granted = true;

    public StoreVoterTests()
    {
        // Both have met the store in the term of before, as after the start of a cluster.
        Read(_owner, Term.Zero);
        Read(_taker, Term.Zero);
        Count(_owner, Old);
        Count(_taker, Old);
    }

    [Fact]
    public void Vote_must_wait_until_the_counter_stood_still_since_its_answer_was_received()
    {
        At(1);
        var stale = _store.Exchange(null);
        Count(_owner, Old);
        Watch(_taker, Old, from: 1.5, to: 3.4);
        var early = Ask(_taker, Next, 1);
        Assert.Null(early.Change);
        Assert.Equal(TimeSpan.FromSeconds(0.1), early.WaitFor);
        Assert.Equal("the counter of server 0 must stand still for another 0.1 s", early.Sentence);
        At(3.5);
        Assert.NotNull(Ask(_taker, Next, 1).Change);
        Assert.True(stale.Stamp.Revision > 0);
    }

    [Fact]
    public void Owner_that_counts_at_the_last_moment_must_keep_its_place()
    {
        Read(_taker, Old);
        At(5);
        var attempt = Ask(_taker, Next, 1);
        Assert.Equal(StoreOutcome.Vow, Count(_owner, Old));
        Assert.Equal(StoreOutcome.None, _taker.On(_store.Exchange(attempt.Change), Old, _now, true));
        // And the wait begins anew.
        Assert.Equal(V, Ask(_taker, Next, 1).WaitFor);
    }

    [Fact]
    public void Wait_must_be_the_one_that_the_owner_asked_for_when_it_is_longer()
    {
        _owner.On(_store.Exchange(_owner.Count(Old, Life, TimeSpan.FromSeconds(9), true)), Old, _now, true);
        Watch(_taker, Old, from: 0, to: 8);
        Assert.Equal(TimeSpan.FromSeconds(1), Ask(_taker, Next, 1).WaitFor);
    }

    [Fact]
    public void Excluded_owner_must_get_no_vow_before_it_is_in_the_new_term()
    {
        Win();
        Assert.Equal(StoreOutcome.Refused, Count(_owner, Old));
        Assert.Null(_owner.Count(Old, Life, V, true));
        Assert.Equal(StoreOutcome.Vow, Count(_owner, Next));
    }

    [Fact]
    public void Winner_must_get_a_vow_with_its_vote_and_the_loser_must_wait_for_it()
    {
        Win();
        Read(_owner, Old);
        At(100);
        // The owner saw the winner's counter change with the vote; a vote for a higher term must wait from there.
        Assert.Null(new StoreVoter(0, 2).AskVote(new(5, 0), Life, 2, 0, V, _now).Change);
        Count(_taker, Next);
        Read(_owner, Old);
        Assert.Equal(V, Ask(_owner, new(5, 0), 2).WaitFor);
    }

    [Fact]
    public void Second_vote_of_the_same_number_must_be_refused()
    {
        Win();
        At(100);
        Read(_owner, Old);
        Assert.Equal("the store has voted for term 4.1 already", Ask(_owner, new(4, 0), 2).Sentence);
    }

    [Fact]
    public void Vote_given_back_must_let_the_owner_go_on()
    {
        Win();
        Assert.True(_taker.HoldsUnusedVote(Old));
        Assert.Equal(StoreOutcome.GivenBack, _taker.On(_store.Exchange(_taker.GiveBack(Old, _now)), Old, _now, true));
        Assert.False(_taker.HoldsUnusedVote(Old));
        Count(_owner, Old);
        Assert.Equal(StoreOutcome.Vow, Count(_owner, Old));
    }

    [Fact]
    public void Vote_given_back_must_restore_the_vote_before_it()
    {
        Win();
        Watch(_taker, Next, from: 20, to: 40);
        Assert.Equal(StoreOutcome.Vote, _taker.On(_store.Exchange(Ask(_taker, new(5, 1), 1).Change), Next, _now, true));
        _taker.On(_store.Exchange(_taker.GiveBack(Next, _now)), Next, _now, true);
        Assert.Equal(Next, _taker.Vote!.Value.Term);
        Assert.NotEqual(StoreOutcome.Vow, Count(_owner, Old));
        Assert.NotEqual(StoreOutcome.Vow, Count(_owner, Old));
    }

    [Fact]
    public void Used_vote_must_not_be_given_back()
    {
        Win();
        Assert.Null(_taker.GiveBack(Next, _now));
    }

    [Fact]
    public void Proven_server_must_not_be_waited_for()
    {
        Count(_owner, Old);
        Read(_taker, Old);
        Assert.NotNull(_taker.AskVote(Next, Life, 1, 1, V, _now).Change);
    }

    [Fact]
    public void Answer_that_did_not_come_must_count_for_nothing_and_its_late_effect_must_be_seen()
    {
        var lost = _owner.Count(Old, Life, V, true);
        Assert.Equal(StoreOutcome.None, _owner.On(StoreAnswer.Failed("no answer"), Old, _now, true));
        _store.Exchange(lost);
        Assert.NotEqual(StoreOutcome.Vow, Count(_owner, Old));
        Assert.Equal(StoreOutcome.Vow, Count(_owner, Old));
    }

    [Fact]
    public void Store_that_was_set_back_must_give_nothing_until_everyone_is_here()
    {
        Count(_owner, Old);
        _store.SetBack();
        Assert.Equal(StoreOutcome.Unregistered, Read(_owner, Old));
        Assert.Contains("set back", _owner.Unregistered, StringComparison.Ordinal);
        Assert.Null(_owner.Count(Old, Life, V, false));
        Assert.Null(Ask(_owner, new(5, 0), 2).Change);
        Assert.Equal(StoreOutcome.Vow, _owner.On(_store.Exchange(_owner.Count(Old, Life, V, true)), Old, _now, true));
    }

    /// <summary>It may have forgotten a vote over this server, and what it shows speaks for it all the same.</summary>
    [Fact]
    public void Count_must_be_no_vow_to_who_meets_the_store_without_a_grant_before_the_longest_vow_has_run_out()
    {
        _taker.On(_store.Exchange(_taker.Count(Old, Life, TimeSpan.FromSeconds(4), true)), Old, _now, true);
        Lose(_owner, Old);
        _granted = false;
        At(10);
        Read(_owner, Old);
        Assert.Equal(StoreOutcome.TooSoon, Count(_owner, Old));
        Watch(_owner, Old, from: 10, to: 13.9);
        Assert.Equal(StoreOutcome.TooSoon, Count(_owner, Old));
        At(14);
        Assert.Equal(StoreOutcome.Vow, Count(_owner, Old));
    }

    [Fact]
    public void Count_must_be_a_vow_at_once_to_who_still_holds_a_grant()
    {
        Lose(_owner, Old);
        At(10);
        Assert.Equal(StoreOutcome.Vow, Count(_owner, Old));
        Lose(_owner, Old);
        _granted = false;
        At(20);
        Assert.Equal(StoreOutcome.TooSoon, Count(_owner, Old));
        _granted = true;
        Assert.Equal(StoreOutcome.Vow, Count(_owner, Old));
    }

    /// <summary>Counts that were made while nobody looked may be forgotten.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Vote_must_wait_from_the_meeting_after_a_failure_or_a_pause(bool isFailure)
    {
        Read(_taker, Old);
        if (isFailure)
            Lose(_taker, Old);
        At(10);
        var blind = Ask(_taker, Next, 1);
        Assert.Null(blind.Change);
        Assert.Equal("the store was not heard for a while: it is looked at first", blind.Sentence);
        Read(_taker, Old);
        Assert.Equal(V, Ask(_taker, Next, 1).WaitFor);
        Watch(_taker, Old, from: 10, to: 12);
        Assert.NotNull(Ask(_taker, Next, 1).Change);
    }

    [Fact]
    public void Vote_over_this_server_must_refuse_it_even_when_its_count_was_made()
    {
        var vote = new VoteRecord(Next, Life, 1, default, 0).Write();
        var change = _owner.Count(Old, Life, V, true);
        var answer = _store.Exchange(change);
        Assert.True(answer.Applied);
        var entries = new Dictionary<string, StoreEntry>(answer.Entries) { [VoteRecord.Key] = new(vote, 1) };
        Assert.Equal(StoreOutcome.Refused, _owner.On(answer with { Entries = entries }, Old, _now, true));
    }

    [Fact]
    public void Vote_must_not_be_given_back_to_a_store_that_was_not_looked_at()
    {
        Win();
        Lose(_taker, Old);
        Assert.Null(_taker.GiveBack(Old, _now));
        Read(_taker, Old);
        Assert.NotNull(_taker.GiveBack(Old, _now));
    }

    [Fact]
    public void Other_store_must_give_nothing_until_everyone_is_here()
    {
        _store.Id = "store-b";
        Assert.Equal(StoreOutcome.Unregistered, Read(_owner, Old));
    }

    [Fact]
    public void Store_that_knows_less_than_a_server_that_meets_it_must_give_nothing()
    {
        var restarted = new StoreVoter(1, 2);
        Assert.Equal(StoreOutcome.Unregistered, restarted.On(_store.Exchange(null), new(8, 0), _now, true));
        Assert.Contains("no term above 3.0", restarted.Unregistered, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("counter-1 3.0 0000000000000009-1 17 2000")]
    public void Counter_must_be_written_as_it_is_read(string text)
    {
        Assert.True(CounterRecord.TryRead(text, out var record));
        Assert.Equal(new CounterRecord(Old, Life, 17, V), record);
        Assert.Equal(text, record.Write());
    }

    [Theory]
    [InlineData("vote-1 4.1 0000000000000009-1 00000001 3.0 00000002")]
    public void Vote_must_be_written_as_it_is_read(string text)
    {
        Assert.True(VoteRecord.TryRead(text, out var record));
        Assert.Equal(new VoteRecord(Next, Life, 1, Old, 2), record);
        Assert.Equal(text, record.Write());
    }

    [Theory]
    [InlineData("")]
    [InlineData("counter-2 3.0 0000000000000009-1 17 2000")]
    [InlineData("counter-1 3 0000000000000009-1 17 2000")]
    [InlineData("counter-1 3.99 0000000000000009-1 17 2000")]
    [InlineData("counter-1 3.0 x-1 17 2000")]
    [InlineData("counter-1 3.0 0000000000000009-1 -17 2000")]
    public void Other_text_must_be_refused(string text) => Assert.False(CounterRecord.TryRead(text, out _));

    private void At(double seconds) => _now = TimeSpan.FromSeconds(seconds);

    private void Win()
    {
        Watch(_taker, Old, from: 0, to: 10);
        Assert.Equal(StoreOutcome.Vote, _taker.On(_store.Exchange(Ask(_taker, Next, 1).Change), Old, _now, true));
    }

    /// <summary>Looks as often as a server does, so that nothing can happen unseen.</summary>
    private void Watch(StoreVoter voter, Term term, double from, double to)
    {
        for (var second = from; second < to; second += 0.5)
        {
            At(second);
            Read(voter, term);
        }

        At(to);
        Read(voter, term);
    }

    private void Lose(StoreVoter voter, Term term) => voter.On(StoreAnswer.Failed("no answer"), term, _now, _granted);

    private VoteAttempt Ask(StoreVoter voter, Term term, uint excluded) => voter.AskVote(term, Life, excluded, 0, V, _now);

    private StoreOutcome Read(StoreVoter voter, Term term) => voter.On(_store.Exchange(null), term, _now, _granted);

    private StoreOutcome Count(StoreVoter voter, Term term) =>
        voter.Count(term, Life, V, true) is { } change ? voter.On(_store.Exchange(change), term, _now, _granted) : Read(voter, term);
}
