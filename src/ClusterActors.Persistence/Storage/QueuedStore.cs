namespace ClusterActors.Persistence.Storage;

/// <summary>
/// A store with one thread that writes and one that reads, each behind a bounded queue. Requests that are wrong in themselves are
/// refused before they are queued; a full queue fails the request at once and changes nothing.
/// </summary>
public abstract class QueuedStore : IJournal, ISnapshotStore, IAsyncDisposable
{
    private readonly int _capacity;

    private protected QueuedStore(StoreOpening opening, int capacity)
    {
        Opening = opening;
        _capacity = capacity;
    }

    /// <summary>What was found when the store was opened; look at it before using an empty one.</summary>
    public StoreOpening Opening { get; }

    /// <summary>Whether it takes writes.</summary>
    public StoreHealth Health { get; } = new();

    public Task<WriterClaim> ClaimAsync(string persistenceId)
    {
        JournalRefusals.RequireId(persistenceId);
        return Submit(persistenceId, new ClaimJob(persistenceId));
    }

    public Task WriteAsync(string persistenceId, long epoch, IReadOnlyList<JournalEvent> events)
    {
        JournalRefusals.RequireWritable(persistenceId, epoch, events);
        return Submit(persistenceId, new WriteJob(persistenceId, epoch, events));
    }

    public Task<EventPage> ReadAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, int max)
    {
        JournalRefusals.RequireId(persistenceId);
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        return Submit(persistenceId, new ReadJob<EventPage>(db => db.ReadEvents(persistenceId, fromSequenceNr, toSequenceNr, max)));
    }

    public Task DeleteToAsync(string persistenceId, long epoch, long toSequenceNr)
    {
        JournalRefusals.RequireId(persistenceId);
        return Submit(persistenceId, new DeleteEventsJob(persistenceId, epoch, toSequenceNr));
    }

    public Task SaveAsync(string persistenceId, StoredSnapshot snapshot)
    {
        JournalRefusals.RequireId(persistenceId);
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentOutOfRangeException.ThrowIfLessThan(snapshot.SequenceNr, 1);
        return Submit(persistenceId, new SaveSnapshotJob(persistenceId, snapshot));
    }

    public Task<SnapshotSelection> LoadAsync(string persistenceId, SnapshotCriteria criteria)
    {
        JournalRefusals.RequireId(persistenceId);
        ArgumentNullException.ThrowIfNull(criteria);
        return Submit(persistenceId, new ReadJob<SnapshotSelection>(db => db.LoadSnapshot(persistenceId, criteria)));
    }

    public Task DeleteAsync(string persistenceId, SnapshotCriteria criteria)
    {
        JournalRefusals.RequireId(persistenceId);
        ArgumentNullException.ThrowIfNull(criteria);
        return Submit(persistenceId, new DeleteSnapshotsJob(persistenceId, criteria));
    }

    /// <summary>Writes what was handed in, then closes the store.</summary>
    public abstract ValueTask DisposeAsync();

    private protected abstract AddResult TryAdd(StoreJob job);

    private protected abstract AddResult TryAdd(ReadJob job);

    private Task<T> Submit<T>(string id, StoreJob<T> job)
    {
        Answer(TryAdd(job), id, job.Fail);
        return job.Task;
    }

    private Task<T> Submit<T>(string id, ReadJob<T> job)
    {
        Answer(TryAdd(job), id, job.Fail);
        return job.Task;
    }

    private void Answer(AddResult result, string id, Action<JournalException> fail)
    {
        if (result != AddResult.Added)
        {
            fail(result == AddResult.Full ? JournalRefusals.Full(id, _capacity) : JournalRefusals.Closed(id));
        }
    }
}
