using ClusterActors.Persistence.Tests.Sqlite;

namespace ClusterActors.Persistence.Tests.PostgreSql;

/// <summary>What happens to a write when the connection breaks under it.</summary>
public sealed class PostgreSqlReconnectTests(PostgreSqlServer server)
{
    private readonly PostgreSqlSchemas _schema = new(server);

    [Theory]
    [InlineData(Cut.Before, 1)]
    [InlineData(Cut.After, 3)]
    public async Task Write_must_fail_and_recovery_must_show_the_truth_when_the_commit_was_not_answered(Cut cut, long stored)
    {
        await using var proxy = new CuttingProxy(server.SocketPath);
        await using var store = await _schema.Open(_schema.Options with { Connection = $"Host=127.0.0.1;Port={proxy.Port};Username=clp;Database=postgres" });
        var claim = await store.ClaimAsync("a");
        await store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(1, 1));
        proxy.Next = cut;

        var failure = await Assert.ThrowsAsync<JournalException>(() => store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(2, 2)));

        Assert.Equal(JournalFault.Storage, failure.Fault);
        Assert.Contains("not known", failure.Message);
        Assert.Equal(1, proxy.Cuts);
        var again = await store.ClaimAsync("a");
        Assert.Equal(stored, again.HighestSequenceNr);
        await store.WriteAsync("a", again.Epoch, StoreOpeningTests.Events((int)stored + 1, 1));
        Assert.Equal(stored + 1, (await store.ReadAsync("a", 1, long.MaxValue, 10)).Events.Count);
    }

    [Fact]
    public async Task Write_and_read_must_succeed_when_the_sessions_ended_between_two_requests()
    {
        await using var store = await _schema.Open();
        var claim = await store.ClaimAsync("a");
        await store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(1, 1));
        Assert.Single((await store.ReadAsync("a", 1, 10, 10)).Events);

        _schema.EndSessions();

        await store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(2, 1));
        Assert.Equal(2, (await store.ReadAsync("a", 1, 10, 10)).Events.Count);
    }

    [Fact]
    public async Task Claim_must_wait_for_a_transaction_that_a_lost_writer_left_open()
    {
        await using var store = await _schema.Open();
        var claim = await store.ClaimAsync("a");
        using var lost = new Npgsql.NpgsqlConnection($"{server.Connection};Pooling=false;Search Path={_schema.Name}");
        await lost.OpenAsync(TestContext.Current.CancellationToken);
        await Run("BEGIN");
        await Run($"UPDATE streams SET highest = 1 WHERE id = 'a' AND epoch = {claim.Epoch}");

        var second = store.ClaimAsync("a");
        await Waiting();
        Assert.False(second.IsCompleted);
        await Run("COMMIT");

        Assert.Equal(1, (await second).HighestSequenceNr);

        async Task Run(string text)
        {
            using var command = new Npgsql.NpgsqlCommand(text, lost);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        // Until the server itself says that the claim stands before the lock.
        async Task Waiting()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(4), TimeProvider.System);
            while (!Equals(_schema.Sql("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"), 1L))
            {
                Assert.False(limit.IsCancellationRequested, "the claim never waited for the row lock");
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Second_process_must_make_the_first_writer_lose_at_its_next_write()
    {
        await using var first = await _schema.Open();
        await using var second = await _schema.Open();
        var old = await first.ClaimAsync("a");
        await first.WriteAsync("a", old.Epoch, StoreOpeningTests.Events(1, 2));
        var young = await second.ClaimAsync("a");

        var refusal = await Assert.ThrowsAsync<JournalException>(() => first.WriteAsync("a", old.Epoch, StoreOpeningTests.Events(3, 1)));

        Assert.Equal(JournalFault.WriterReplaced, refusal.Fault);
        Assert.Equal(2, young.HighestSequenceNr);
        await second.WriteAsync("a", young.Epoch, StoreOpeningTests.Events(3, 1));
    }

    [Fact]
    public async Task Store_must_refuse_at_once_when_its_queue_is_full()
    {
        await using var store = await _schema.Open(_schema.Options with { QueueCapacity = 4 });
        var claim = await store.ClaimAsync("a");

        var claims = Enumerable.Range(1, 2000).Select(n => store.ClaimAsync($"s{n}")).ToList();
        var failures = await Task.WhenAll(claims.Select(w => w.ContinueWith(t => (t.Exception?.InnerException as JournalException)?.Fault, TaskScheduler.Default)));

        Assert.Contains(JournalFault.QueueFull, failures);
        Assert.DoesNotContain(failures, f => f is not (null or JournalFault.QueueFull));
        await store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(1, 1));
    }

    [Fact]
    public async Task Store_must_finish_what_was_handed_in_and_share_commits_when_closed()
    {
        var store = await _schema.Open();
        var claim = await store.ClaimAsync("a");
        var writes = Enumerable.Range(1, 500).Select(n => store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(n, 1))).ToList();

        await store.DisposeAsync();

        Assert.All(writes, w => Assert.True(w.IsCompletedSuccessfully));
        // Rows of one transaction share xmin: far fewer transactions than writes means group commit.
        Assert.InRange((long)_schema.Sql("SELECT count(DISTINCT xmin::text) FROM events")!, 1, 250);
        var late = await Assert.ThrowsAsync<JournalException>(() => store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(501, 1)));
        Assert.Equal(JournalFault.Closed, late.Fault);
    }
}
