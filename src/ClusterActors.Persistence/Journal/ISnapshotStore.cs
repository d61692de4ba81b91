namespace ClusterActors.Persistence;

/// <summary>The store of snapshots: shortcuts for recovery; of events that were deleted the two newest stand for them. Non-blocking like <see cref="IJournal"/>.</summary>
public interface ISnapshotStore
{
    /// <summary>Stores a snapshot durably; one of the same number is replaced.</summary>
    Task SaveAsync(string persistenceId, StoredSnapshot snapshot);

    /// <summary>The newest snapshot that fits and whose checksum is right, or null. Broken ones are passed over and reported.</summary>
    Task<SnapshotSelection> LoadAsync(string persistenceId, SnapshotCriteria criteria);

    /// <summary>Deletes all snapshots that fit.</summary>
    Task DeleteAsync(string persistenceId, SnapshotCriteria criteria);
}

/// <summary>A snapshot as stored.</summary>
/// <param name="SequenceNr">The last event whose effect it holds.</param>
/// <param name="Form">Manifest, version and JSON.</param>
/// <param name="At">When it was taken, by the clock of the writer.</param>
public sealed record StoredSnapshot(long SequenceNr, StoredForm Form, DateTimeOffset At);

/// <summary>Which snapshots are meant; the bounds are inclusive.</summary>
public sealed record SnapshotCriteria(long MaxSequenceNr, DateTimeOffset MaxTime, long MinSequenceNr = 0)
{
    public static SnapshotCriteria Latest { get; } = new(long.MaxValue, DateTimeOffset.MaxValue);

    /// <summary>Fits no snapshot: recovery replays every event.</summary>
    public static SnapshotCriteria None { get; } = new(0, DateTimeOffset.MinValue);

    public bool Fits(StoredSnapshot snapshot) => snapshot.SequenceNr <= MaxSequenceNr && snapshot.SequenceNr >= MinSequenceNr && snapshot.At <= MaxTime;
}

/// <summary>What <see cref="ISnapshotStore.LoadAsync"/> found.</summary>
/// <param name="Snapshot">Newest good one, or null.</param>
/// <param name="Broken">Numbers of newer ones that fit but are damaged.</param>
public sealed record SnapshotSelection(StoredSnapshot? Snapshot, IReadOnlyList<long> Broken);
