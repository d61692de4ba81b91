using System.Text;
using ClusterActors.Persistence.Sqlite;
using Microsoft.Data.Sqlite;

namespace ClusterActors.Persistence.Tests.Sqlite;

public sealed class StoreOpeningTests : IDisposable
{
    private static readonly FixedTime Clock = new();
    private readonly TemporaryDirectory _directory = new();

    private string Path => _directory.Journal;

    [Fact]
    public async Task Store_must_report_created_then_intact_and_keep_its_identity()
    {
        var first = await OpenAndClose();
        var second = await OpenAndClose();

        Assert.Equal(StoreFinding.Created, first.Finding);
        Assert.Null(first.MovedTo);
        Assert.Equal(StoreFinding.Intact, second.Finding);
        Assert.Equal(first.StoreId, second.StoreId);
        Assert.Equal(32, first.StoreId.Length);
    }

    [Fact]
    public async Task Store_must_have_every_confirmed_event_when_opened_again()
    {
        await Fill(100);

        await using var store = SqliteStore.Open(Path, Clock);

        Assert.Equal(StoreFinding.Intact, store.Opening.Finding);
        Assert.Equal(100, (await store.ReadAsync("a", 1, long.MaxValue, 1000)).Events.Count);
        Assert.Equal(new WriterClaim(2, 100), await store.ClaimAsync("a"));
    }

    [Fact]
    public async Task Store_must_have_every_confirmed_event_when_the_process_died_without_closing()
    {
        await using var store = SqliteStore.Open(Path, Clock);
        var claim = await store.ClaimAsync("a");
        await store.WriteAsync("a", claim.Epoch, Events(1, 50));

        // What a killed process leaves: the files as they are now, copied while the store is open and has not been closed.
        using var after = new TemporaryDirectory();
        foreach (var suffix in new[] { "", "-wal" })
        {
            File.Copy(Path + suffix, after.Journal + suffix);
        }

        await using var survivor = SqliteStore.Open(after.Journal, Clock);
        Assert.Equal(StoreFinding.Intact, survivor.Opening.Finding);
        Assert.Equal(50, (await survivor.ReadAsync("a", 1, long.MaxValue, 1000)).Events.Count);
    }

    [Fact]
    public async Task Store_must_keep_a_foreign_file_aside_and_start_empty()
    {
        await File.WriteAllTextAsync(Path, string.Concat(Enumerable.Repeat("this was never a database\n", 400)));

        var opening = await OpenAndClose();

        Assert.Equal(StoreFinding.Foreign, opening.Finding);
        Assert.Equal($"{Path}.damaged-20260102T030405Z", opening.MovedTo);
        Assert.StartsWith("this was never", await File.ReadAllTextAsync(opening.MovedTo!));
        Assert.Contains("not a database", opening.Explanation);
        Assert.Equal(StoreFinding.Intact, (await OpenAndClose()).Finding);
    }

    [Fact]
    public async Task Store_must_keep_the_database_of_another_program_aside()
    {
        using (var other = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE theirs (x)";
            command.ExecuteNonQuery();
        }

        var opening = await OpenAndClose();

        Assert.Equal(StoreFinding.Foreign, opening.Finding);
        Assert.True(File.Exists(opening.MovedTo));
    }

    [Fact]
    public async Task Store_must_find_an_emptied_file()
    {
        await Fill(10);
        await File.WriteAllBytesAsync(Path, []);

        var opening = await OpenAndClose();

        Assert.Equal(StoreFinding.Damaged, opening.Finding);
        Assert.Contains("empty", opening.Explanation);
    }

    [Fact]
    public async Task Store_must_find_a_truncated_file()
    {
        await Fill(2000);
        using (var file = File.OpenWrite(Path))
        {
            file.SetLength(file.Length / 2 / 4096 * 4096);
        }

        var opening = await OpenAndClose();

        Assert.Equal(StoreFinding.Damaged, opening.Finding);
        Assert.True(new FileInfo(opening.MovedTo!).Length > 4096);
    }

    [Fact]
    public async Task Store_must_find_a_page_overwritten_with_noise()
    {
        await Fill(2000);
        using (var file = File.OpenWrite(Path))
        {
            file.Position = 4096 * 3;
            var noise = new byte[4096 * 4];
            new Random(7).NextBytes(noise);
            file.Write(noise);
        }

        Assert.Equal(StoreFinding.Damaged, (await OpenAndClose()).Finding);
    }

    [Fact]
    public async Task Store_must_find_missing_tables()
    {
        await OpenAndClose();
        Sql("DROP TABLE events");

        var opening = await OpenAndClose();

        Assert.Equal(StoreFinding.Damaged, opening.Finding);
        Assert.Contains("table is missing", opening.Explanation);
    }

    [Fact]
    public async Task Store_must_keep_every_bad_file_when_two_are_found_in_the_same_second()
    {
        foreach (var text in new[] { "one", "two" })
        {
            await File.WriteAllTextAsync(Path, text + new string('.', 1000));
            await OpenAndClose();
        }

        Assert.Contains("journal.db.damaged-20260102T030405Z", _directory.Files);
        Assert.Contains("journal.db.damaged-20260102T030405Z-2", _directory.Files);
    }

    [Fact]
    public async Task Store_must_refuse_and_not_touch_a_file_of_a_newer_version()
    {
        await Fill(3);
        Sql("PRAGMA user_version = 99");

        var refusal = Assert.Throws<JournalException>(() => SqliteStore.Open(Path, Clock));

        Assert.Contains("schema version 99", refusal.Message);
        Assert.Equal(["journal.db"], _directory.Files.Where(f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Store_must_refuse_to_read_an_event_that_was_changed_behind_its_back()
    {
        await Fill(5);
        Sql("UPDATE events SET payload = CAST('{\"n\":666}' AS BLOB) WHERE seq = 3");
        await using var store = SqliteStore.Open(Path, Clock);

        var damage = await Assert.ThrowsAsync<JournalException>(() => store.ReadAsync("a", 1, long.MaxValue, 10));

        Assert.Equal(JournalFault.Damaged, damage.Fault);
        Assert.Equal(3, damage.SequenceNr);
        Assert.Equal(2, (await store.ReadAsync("a", 1, 2, 10)).Events.Count);
    }

    [Fact]
    public async Task Store_must_pass_over_a_broken_snapshot_and_report_it()
    {
        await using (var store = SqliteStore.Open(Path, Clock))
        {
            await store.SaveAsync("a", new StoredSnapshot(4, Form(4), Clock.GetUtcNow()));
            await store.SaveAsync("a", new StoredSnapshot(9, Form(9), Clock.GetUtcNow()));
        }

        Sql("UPDATE snapshots SET crc = crc + 1 WHERE seq = 9");
        await using var again = SqliteStore.Open(Path, Clock);
        var selection = await again.LoadAsync("a", SnapshotCriteria.Latest);

        Assert.Equal(4, selection.Snapshot?.SequenceNr);
        Assert.Equal([9L], selection.Broken);
    }

    public void Dispose() => _directory.Dispose();

    internal static StoredForm Form(long n) => new("test.n", 1, Encoding.UTF8.GetBytes($"{{\"n\":{n}}}"));

    internal static List<JournalEvent> Events(int first, int count) =>
        Enumerable.Range(first, count).Select(n => new JournalEvent(n, Form(n), DateTimeOffset.UnixEpoch)).ToList();

    private async Task<StoreOpening> OpenAndClose()
    {
        await using var store = SqliteStore.Open(Path, Clock);
        await store.ClaimAsync("probe");
        return store.Opening;
    }

    private async Task Fill(int count)
    {
        await using var store = SqliteStore.Open(Path, Clock);
        var claim = await store.ClaimAsync("a");
        await store.WriteAsync("a", claim.Epoch, Events(1, count));
    }

    private void Sql(string text)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    }
}
