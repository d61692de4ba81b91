using ClusterActors.Persistence.Sqlite;

namespace ClusterActors.Persistence.Tests.Sqlite;

public sealed class SqliteWriterTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task Second_process_must_make_the_first_writer_lose_at_its_next_write()
    {
        await using var first = SqliteStore.Open(_directory.Journal, TimeProvider.System);
        await using var second = SqliteStore.Open(_directory.Journal, TimeProvider.System);
        var old = await first.ClaimAsync("a");
        await first.WriteAsync("a", old.Epoch, StoreOpeningTests.Events(1, 2));
        var young = await second.ClaimAsync("a");

        var refusal = await Assert.ThrowsAsync<JournalException>(() => first.WriteAsync("a", old.Epoch, StoreOpeningTests.Events(3, 1)));

        Assert.Equal(JournalFault.WriterReplaced, refusal.Fault);
        Assert.Equal(2, young.HighestSequenceNr);
        await second.WriteAsync("a", young.Epoch, StoreOpeningTests.Events(3, 1));
    }

    [Fact]
    public async Task Full_disk_must_fail_the_write_store_nothing_and_leave_the_store_usable()
    {
        await using var store = SqliteStore.Open(_directory.Journal, TimeProvider.System, new SqliteStoreOptions { MaxSizeBytes = 1_000_000 });
        var claim = await store.ClaimAsync("a");
        var neighbour = await store.ClaimAsync("b");
        var told = new List<string>();
        store.Health.Failed += reason => told.Add(reason.Message);
        store.Health.Recovered += () => told.Add("recovered");

        var big = new JournalEvent(1, new StoredForm("test.big", 1, new byte[8_000_000]), DateTimeOffset.UnixEpoch);
        var failing = store.WriteAsync("a", claim.Epoch, [big]);
        var beside = store.WriteAsync("b", neighbour.Epoch, StoreOpeningTests.Events(1, 1));
        var failure = await Assert.ThrowsAsync<JournalException>(() => failing);
        await beside;

        Assert.Equal(JournalFault.Storage, failure.Fault);
        Assert.Contains("free space", failure.Message);
        Assert.Equal(0, (await store.ReadAsync("a", 1, long.MaxValue, 10)).HighestSequenceNr);
        await store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(1, 1));
        await store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(2, 1));
        Assert.Equal([failure.Message, "recovered"], told);
    }

    [Fact]
    public async Task Store_must_finish_what_was_handed_in_and_refuse_later_requests_when_closed()
    {
        var store = SqliteStore.Open(_directory.Journal, TimeProvider.System);
        var claim = await store.ClaimAsync("a");
        var writes = Enumerable.Range(1, 200).Select(n => store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(n, 1))).ToList();

        await store.DisposeAsync();

        Assert.All(writes, w => Assert.True(w.IsCompletedSuccessfully));
        var late = await Assert.ThrowsAsync<JournalException>(() => store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(201, 1)));
        Assert.Equal(JournalFault.Closed, late.Fault);
        var read = await Assert.ThrowsAsync<JournalException>(() => store.ReadAsync("a", 1, 2, 3));
        Assert.Equal(JournalFault.Closed, read.Fault);
    }

    [Fact]
    public async Task Store_must_refuse_at_once_when_its_queue_is_full()
    {
        await using var store = SqliteStore.Open(_directory.Journal, TimeProvider.System, new SqliteStoreOptions { QueueCapacity = 4 });
        var claim = await store.ClaimAsync("a");

        // Each group takes a flush; 2,000 requests are handed in far faster than that.
        var writes = Enumerable.Range(1, 2000).Select(n => store.ClaimAsync($"s{n}")).ToList();
        var failures = await Task.WhenAll(writes.Select(w => w.ContinueWith(t => (t.Exception?.InnerException as JournalException)?.Fault, TaskScheduler.Default)));

        Assert.Contains(JournalFault.QueueFull, failures);
        Assert.DoesNotContain(failures, f => f is not (null or JournalFault.QueueFull));
        await store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(1, 1));
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
