namespace ClusterActors.Persistence;

/// <summary>
/// What persistent actors of one system share: the stores, the registry, the clock's limits. Made once at the composition root and
/// handed to the actors through their <c>Props</c>.
/// </summary>
public sealed class EventStore
{
    private readonly RecoveryPermits _recoveryPermits;

    /// <param name="journal">Where events go.</param>
    /// <param name="snapshots">Where snapshots go.</param>
    /// <param name="registry">Everything that may be stored.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    public EventStore(IJournal journal, ISnapshotStore snapshots, EventRegistry registry, EventStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(snapshots);
        ArgumentNullException.ThrowIfNull(registry);
        Options = options ?? new EventStoreOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(Options.ConcurrentRecoveries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Options.RecoverySilence, TimeSpan.Zero);
        Journal = journal;
        Snapshots = snapshots;
        Registry = registry;
        _recoveryPermits = new RecoveryPermits(Options.ConcurrentRecoveries);
    }

    public IJournal Journal { get; }

    public ISnapshotStore Snapshots { get; }

    public EventRegistry Registry { get; }

    public EventStoreOptions Options { get; }

    /// <summary>Recoveries that could start right now without waiting for others.</summary>
    public int FreeRecoveryPermits => _recoveryPermits.Free;

    /// <summary>Waits for one of the permits, in the order of asking; give it back by <see cref="ReturnRecoveryPermit"/>.</summary>
    internal Task TakeRecoveryPermit(CancellationToken giveUp) => _recoveryPermits.TakeAsync(giveUp);

    internal void ReturnRecoveryPermit() => _recoveryPermits.Return();
}

/// <summary>Limits of recoveries.</summary>
public sealed record EventStoreOptions
{
    /// <summary>Recoveries that run at once; further actors wait. Default 50.</summary>
    public int ConcurrentRecoveries { get; init; } = 50;

    /// <summary>A recovery fails when the store says nothing for so long. Default 30 s.</summary>
    public TimeSpan RecoverySilence { get; init; } = TimeSpan.FromSeconds(30);
}
