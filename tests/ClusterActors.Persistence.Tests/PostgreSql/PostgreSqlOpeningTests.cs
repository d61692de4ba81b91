using ClusterActors.Actors;
using ClusterActors.Persistence.PostgreSql;
using ClusterActors.Persistence.Tests.Actors;
using ClusterActors.Persistence.Tests.Sqlite;
using ClusterActors.TestKit;

namespace ClusterActors.Persistence.Tests.PostgreSql;

/// <summary>What an opening accepts, makes and refuses.</summary>
public sealed class PostgreSqlOpeningTests(PostgreSqlServer server)
{
    private readonly PostgreSqlSchemas _schema = new(server);

    [Fact]
    public async Task Store_must_report_created_then_intact_and_keep_identity_and_events()
    {
        await using var first = await _schema.Open();
        var claim = await first.ClaimAsync("a");
        await first.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(1, 100));
        await using var second = await _schema.Open();

        Assert.Equal(StoreFinding.Created, first.Opening.Finding);
        Assert.Equal(StoreFinding.Intact, second.Opening.Finding);
        Assert.Equal(first.Opening.StoreId, second.Opening.StoreId);
        Assert.Equal(32, first.Opening.StoreId.Length);
        Assert.Equal(100, (await second.ReadAsync("a", 1, long.MaxValue, 1000)).Events.Count);
        Assert.Equal(new WriterClaim(2, 100), await second.ClaimAsync("a"));
    }

    [Fact]
    public async Task Store_must_refuse_the_journal_of_another_server()
    {
        await (await _schema.Open()).DisposeAsync();

        await Refused("is the journal of cluster1/server1, and this is cluster1/server2", _schema.Options with { Owner = "cluster1/server2" });
    }

    [Fact]
    public async Task Store_must_refuse_another_version_and_foreign_tables()
    {
        await (await _schema.Open()).DisposeAsync();
        _schema.Sql("UPDATE store SET value = '99' WHERE name = 'version'");
        await Refused("schema version 99");

        _schema.Sql("UPDATE store SET value = 'theirs' WHERE name = 'mark'");
        await Refused("not a journal of ClusterActors");

        _schema.Sql("DROP TABLE snapshots");
        await Refused("holds the tables events,store,streams");
    }

    [Fact]
    public async Task Opening_must_say_what_is_wrong_when_the_server_is_not_there()
    {
        var options = _schema.Options with { Connection = "Host=/nonexistent;Username=clp;Database=postgres" };

        var failure = await Assert.ThrowsAsync<JournalException>(() => _schema.Open(options));

        Assert.Equal(JournalFault.Storage, failure.Fault);
        Assert.Contains("check the database server", failure.Message);
    }

    [Fact]
    public async Task Store_must_refuse_an_event_that_was_changed_and_pass_over_a_broken_snapshot()
    {
        await using var store = await _schema.Open();
        var claim = await store.ClaimAsync("a");
        await store.WriteAsync("a", claim.Epoch, StoreOpeningTests.Events(1, 5));
        await store.SaveAsync("a", new StoredSnapshot(2, StoreOpeningTests.Form(2), DateTimeOffset.UnixEpoch));
        await store.SaveAsync("a", new StoredSnapshot(4, StoreOpeningTests.Form(4), DateTimeOffset.UnixEpoch));
        _schema.Sql("UPDATE events SET payload = '{}' WHERE seq = 3");
        _schema.Sql("UPDATE snapshots SET crc = crc + 1 WHERE seq = 4");

        var damage = await Assert.ThrowsAsync<JournalException>(() => store.ReadAsync("a", 1, long.MaxValue, 10));
        var selection = await store.LoadAsync("a", SnapshotCriteria.Latest);

        Assert.Equal((JournalFault.Damaged, 3), (damage.Fault, damage.SequenceNr));
        Assert.Equal(2, selection.Snapshot?.SequenceNr);
        Assert.Equal([4L], selection.Broken);
    }

    [Fact]
    public async Task Actors_must_find_their_state_after_the_store_was_closed_and_opened()
    {
        foreach (var life in new[] { 1, 2 })
        {
            await using var database = await _schema.Open();
            var store = new EventStore(database, database, Notebook.Registry);
            using var kit = new TestKitBase(new RealDriver());
            var reports = kit.CreateTestProbe("reports");
            var books = Enumerable.Range(0, 10).Select(n => kit.ActorOf(Props.Create(() => new Notebook(store, $"book-{n}", reports.Ref)))).ToList();
            foreach (var text in Enumerable.Range(0, 10).Select(n => $"note:{life}.{n}"))
            {
                books.ForEach(book => book.Tell(text, reports.Ref));
            }

            var expected = string.Join(",", Enumerable.Range(1, life).SelectMany(l => Enumerable.Range(0, 10).Select(n => $"{l}.{n}")));
            foreach (var book in books)
            {
                Assert.Equal(expected, kit.Await(book.Ask<string>("get", TimeSpan.FromSeconds(10))));
            }
        }
    }

    private async Task Refused(string words, PostgreSqlStoreOptions? options = null)
    {
        var refusal = await Assert.ThrowsAsync<JournalException>(() => _schema.Open(options));
        Assert.Equal(JournalFault.Refused, refusal.Fault);
        Assert.Contains(words, refusal.Message);
    }
}
