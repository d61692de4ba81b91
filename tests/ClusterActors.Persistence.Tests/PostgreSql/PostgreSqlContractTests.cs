using ClusterActors.Persistence.PostgreSql;
using ClusterActors.Persistence.Tests.Contract;

namespace ClusterActors.Persistence.Tests.PostgreSql;

public sealed class PostgreSqlJournalTests(PostgreSqlServer server) : JournalContract, IAsyncLifetime
{
    private PostgreSqlStore? _store;

    protected override IJournal Journal => _store!;

    public async ValueTask InitializeAsync() => _store = await new PostgreSqlSchemas(server).Open();

    public ValueTask DisposeAsync() => _store?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public sealed class PostgreSqlSnapshotTests(PostgreSqlServer server) : SnapshotContract, IAsyncLifetime
{
    private PostgreSqlStore? _store;

    protected override ISnapshotStore Snapshots => _store!;

    public async ValueTask InitializeAsync() => _store = await new PostgreSqlSchemas(server).Open();

    public ValueTask DisposeAsync() => _store?.DisposeAsync() ?? ValueTask.CompletedTask;
}
