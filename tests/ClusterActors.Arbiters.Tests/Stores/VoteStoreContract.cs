using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Voting;

namespace ClusterActors.Arbiters.Tests.Stores;

/// <summary>What every vote store must do; run against each of them.</summary>
public abstract class VoteStoreContract
{
    private static readonly TimeSpan Vow = TimeSpan.FromSeconds(2);
    private static readonly CancellationToken Never = TestContext.Current.CancellationToken;

    /// <summary>A connection of its own to the store that the test is about, for the cluster with this id.</summary>
    protected abstract ValueTask<IVoteStore> OpenAsync(Guid cluster);

    [Fact]
    public async Task Change_must_be_made_only_when_every_version_still_holds()
    {
        await using var store = await OpenAsync(Guid.NewGuid());
        var first = await Exchange(store, new(new Dictionary<string, long> { ["a"] = 0 }, new Dictionary<string, string> { ["a"] = "1", ["b"] = "x y\nz" }));
        Assert.True(first.Applied);
        Assert.Equal(("1", "x y\nz"), (first.Entries["a"].Value, first.Entries["b"].Value));
        var stale = await Exchange(store, new(new Dictionary<string, long> { ["a"] = 0 }, new Dictionary<string, string> { ["a"] = "2" }));
        Assert.False(stale.Applied);
        Assert.Equal("1", stale.Entries["a"].Value);
        var mixed = await Exchange(store, new(
            new Dictionary<string, long> { ["a"] = first.Entries["a"].Version, ["b"] = first.Entries["b"].Version + 100 }, new Dictionary<string, string> { ["a"] = "3" }));
        Assert.False(mixed.Applied);
        var right = await Exchange(store, new(new Dictionary<string, long> { ["a"] = first.Entries["a"].Version }, new Dictionary<string, string> { ["a"] = "4" }));
        Assert.True(right.Applied);
        Assert.NotEqual(first.Entries["a"].Version, right.Entries["a"].Version);
        Assert.Equal(first.Entries["b"], right.Entries["b"]);
    }

    [Fact]
    public async Task Version_must_change_even_when_the_value_is_the_same()
    {
        await using var store = await OpenAsync(Guid.NewGuid());
        var first = await Exchange(store, new(new Dictionary<string, long>(), new Dictionary<string, string> { ["a"] = "1" }));
        var second = await Exchange(store, new(new Dictionary<string, long>(), new Dictionary<string, string> { ["a"] = "1" }));
        Assert.NotEqual(first.Entries["a"].Version, second.Entries["a"].Version);
    }

    [Fact]
    public async Task Read_must_change_nothing_and_revision_must_grow_with_changes()
    {
        await using var store = await OpenAsync(Guid.NewGuid());
        var empty = await Exchange(store, null);
        Assert.False(empty.Applied);
        Assert.Empty(empty.Entries);
        var written = await Exchange(store, new(new Dictionary<string, long>(), new Dictionary<string, string> { ["a"] = "1" }));
        Assert.True(written.Stamp.Revision > empty.Stamp.Revision);
        Assert.Equal(empty.Stamp.Id, written.Stamp.Id);
    }

    [Fact]
    public async Task Clusters_must_not_see_each_other()
    {
        await using var one = await OpenAsync(Guid.NewGuid());
        await using var other = await OpenAsync(Guid.NewGuid());
        await Exchange(one, new(new Dictionary<string, long>(), new Dictionary<string, string> { ["a"] = "1" }));
        Assert.Empty((await Exchange(other, null)).Entries);
    }

    [Fact]
    public async Task Only_one_of_many_contenders_must_win()
    {
        var cluster = Guid.NewGuid();
        var stores = new List<IVoteStore>();
        for (var i = 0; i < 4; i++)
            stores.Add(await OpenAsync(cluster));
        for (var round = 0; round < 10; round++)
        {
            var before = (await Exchange(stores[0], null)).Entries.GetValueOrDefault("vote").Version;
            var answers = await Task.WhenAll(stores.Select((store, i) =>
                store.ExchangeAsync(new(new Dictionary<string, long> { ["vote"] = before }, new Dictionary<string, string> { ["vote"] = $"{round} {i}" }), Never)));
            Assert.All(answers, answer => Assert.Null(answer.Problem));
            Assert.Single(answers, answer => answer.Applied);
        }

        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task Takeover_must_follow_the_rule_of_the_counter_on_this_store()
    {
        var cluster = Guid.NewGuid();
        await using var ofOwner = await OpenAsync(cluster);
        await using var ofTaker = await OpenAsync(cluster);
        var owner = new StoreVoter(0, 2);
        var taker = new StoreVoter(1, 2);
        Term old = new(3, 0), next = new(4, 1);
        await Step(ofOwner, owner, null, Term.Zero, TimeSpan.Zero);
        await Step(ofTaker, taker, null, Term.Zero, TimeSpan.Zero);
        Assert.Equal(StoreOutcome.Vow, await Step(ofOwner, owner, owner.Count(old, default, Vow, true), old, TimeSpan.FromSeconds(1)));
        // It counts as well, often enough that nothing can have happened unseen.
        foreach (var second in new[] { 1, 1.8, 2.6 })
            await Step(ofTaker, taker, taker.Count(old, default, Vow, true), old, TimeSpan.FromSeconds(second));

        Assert.NotNull(taker.AskVote(next, default, 1, 0, Vow, TimeSpan.FromSeconds(2.9)).Sentence);
        Assert.Null(taker.AskVote(next, default, 1, 0, Vow, TimeSpan.FromSeconds(2.9)).Change);
        var attempt = taker.AskVote(next, new Incarnation(7, 1), 1, 0, Vow, TimeSpan.FromSeconds(3));
        Assert.Equal(StoreOutcome.Vote, await Step(ofTaker, taker, attempt.Change, old, TimeSpan.FromSeconds(3)));

        Assert.Equal(StoreOutcome.Refused, await Step(ofOwner, owner, owner.Count(old, default, Vow, true), old, TimeSpan.FromSeconds(3)));
        Assert.Null(owner.Count(old, default, Vow, true));
    }

    private static async Task<StoreOutcome> Step(IVoteStore store, StoreVoter voter, StoreChange? change, Term term, TimeSpan now) =>
        voter.On(await Exchange(store, change), term, now, granted: true);

    private static async Task<StoreAnswer> Exchange(IVoteStore store, StoreChange? change)
    {
        var answer = await store.ExchangeAsync(change, Never);
        Assert.True(answer.Problem is null, answer.Problem);
        return answer;
    }
}

public sealed class InMemoryVoteStoreTests : VoteStoreContract
{
    private readonly Dictionary<Guid, InMemoryVoteStore.Shared> _stores = [];

    protected override ValueTask<IVoteStore> OpenAsync(Guid cluster)
    {
        if (!_stores.TryGetValue(cluster, out var shared))
            _stores[cluster] = shared = new();
        return ValueTask.FromResult<IVoteStore>(new InMemoryVoteStore(shared));
    }
}
