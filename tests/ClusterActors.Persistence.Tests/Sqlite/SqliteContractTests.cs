using ClusterActors.Persistence.Sqlite;
using ClusterActors.Persistence.Tests.Contract;

namespace ClusterActors.Persistence.Tests.Sqlite;

public sealed class SqliteJournalTests : JournalContract, IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SqliteStore _store;

    public SqliteJournalTests() => _store = SqliteStore.Open(_directory.Journal, TimeProvider.System);

    protected override IJournal Journal => _store;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
    }
}

public sealed class SqliteSnapshotTests : SnapshotContract, IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SqliteStore _store;

    public SqliteSnapshotTests() => _store = SqliteStore.Open(_directory.Journal, TimeProvider.System);

    protected override ISnapshotStore Snapshots => _store;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
    }
}
