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
        At(1.5);
        Read(_taker, Old);
        At(3.4);
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
        Assert.Equal(StoreOutcome.None, _taker.On(_store.Exchange(attempt.Change), Old, _now));
        // And the wait begins anew.
        Assert.Equal(V, Ask(_taker, Next, 1).WaitFor);
    }

    [Fact]
    public void Wait_must_be_the_one_that_the_owner_asked_for_when_it_is_longer()
    {
        _owner.On(_store.Exchange(_owner.Count(Old, Life, TimeSpan.FromSeconds(9), true)), Old, _now);
        Read(_taker, Old);
        At(8);
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
        Read(_owner, Old);
        At(100);
        Assert.Equal("the store has voted for term 4.1 already", Ask(_owner, new(4, 0), 2).Sentence);
    }

    [Fact]
    public void Vote_given_back_must_let_the_owner_go_on()
    {
        Win();
        Assert.True(_taker.HoldsUnusedVote(Old));
        Assert.Equal(StoreOutcome.GivenBack, _taker.On(_store.Exchange(_taker.GiveBack(Old)), Old, _now));
        Assert.False(_taker.HoldsUnusedVote(Old));
        Count(_owner, Old);
        Assert.Equal(StoreOutcome.Vow, Count(_owner, Old));
    }

    [Fact]
    public void Vote_given_back_must_restore_the_vote_before_it()
    {
        Win();
        At(20);
        Read(_taker, Next);
        At(40);
        Assert.Equal(StoreOutcome.Vote, _taker.On(_store.Exchange(Ask(_taker, new(5, 1), 1).Change), Next, _now));
        _taker.On(_store.Exchange(_taker.GiveBack(Next)), Next, _now);
        Assert.Equal(Next, _taker.Vote!.Value.Term);
        Assert.NotEqual(StoreOutcome.Vow, Count(_owner, Old));
        Assert.NotEqual(StoreOutcome.Vow, Count(_owner, Old));
    }

    [Fact]
    public void Used_vote_must_not_be_given_back()
    {
        Win();
        Assert.Null(_taker.GiveBack(Next));
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
        Assert.Equal(StoreOutcome.None, _owner.On(StoreAnswer.Failed("no answer"), Old, _now));
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
        Assert.Equal(StoreOutcome.Vow, _owner.On(_store.Exchange(_owner.Count(Old, Life, V, true)), Old, _now));
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
        Assert.Equal(StoreOutcome.Unregistered, restarted.On(_store.Exchange(null), new(8, 0), _now));
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
        Read(_taker, Old);
        At(10);
        Assert.Equal(StoreOutcome.Vote, _taker.On(_store.Exchange(Ask(_taker, Next, 1).Change), Old, _now));
    }

    private VoteAttempt Ask(StoreVoter voter, Term term, uint excluded) => voter.AskVote(term, Life, excluded, 0, V, _now);

    private StoreOutcome Read(StoreVoter voter, Term term) => voter.On(_store.Exchange(null), term, _now);

    private StoreOutcome Count(StoreVoter voter, Term term) =>
        voter.Count(term, Life, V, true) is { } change ? voter.On(_store.Exchange(change), term, _now) : Read(voter, term);
}
