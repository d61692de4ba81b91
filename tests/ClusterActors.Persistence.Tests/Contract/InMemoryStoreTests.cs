using ClusterActors.Persistence.InMemory;

namespace ClusterActors.Persistence.Tests.Contract;

public sealed class InMemoryJournalTests : JournalContract
{
    private readonly InMemoryStore _store = new();

    protected override IJournal Journal => _store;
}

public sealed class InMemorySnapshotTests : SnapshotContract
{
    protected override ISnapshotStore Snapshots { get; } = new InMemoryStore();
}
