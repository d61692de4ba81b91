namespace ClusterActors.Persistence.Sqlite;

/// <summary>Bounds of a <see cref="SqliteStore"/>.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>Requests that may wait for the writer, and as many for the reader; further ones fail with QueueFull. Default 10,000.</summary>
    public int QueueCapacity { get; init; } = 10_000;

    /// <summary>The database never grows beyond this; a write that needs more fails like on a full disk. Default 1 GiB.</summary>
    public long MaxSizeBytes { get; init; } = 1L << 30;
}

/// <summary>
/// Journal and snapshot store of one server in one SQLite file. Confirmations come only after the write-ahead log was forced to the
/// disk (<c>synchronous = FULL</c>); all requests waiting at that moment share the flush.
/// </summary>
public sealed class SqliteStore : IJournal, ISnapshotStore, IAsyncDisposable
{
    private readonly WriterThread _writer;
    private readonly ReaderThread _reader;
    private readonly int _capacity;

    private SqliteStore(string path, StoreOpening opening, SqliteStoreOptions options)
    {
        Opening = opening;
        _capacity = options.QueueCapacity;
        _writer = new WriterThread(path, options);
        _reader = new ReaderThread(path, _capacity);
    }

    /// <summary>What was found when the file was opened; look at it before using an empty store.</summary>
    public StoreOpening Opening { get; }

    /// <summary>Opens and checks the file, making a new one where there is none or a bad one (kept aside). Reads the whole file once.</summary>
    /// <param name="path">The database file, conventionally <c>/var/lib/clp/journal.db</c>.</param>
    /// <param name="time">Names files that are moved aside.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    /// <exception cref="JournalException">In use by another process, not accessible, or written by a newer version.</exception>
    public static SqliteStore Open(string path, TimeProvider time, SqliteStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(time);
        options ??= new SqliteStoreOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxSizeBytes, 65_536);
        var opening = SqliteFile.Prepare(path, time);
        return new SqliteStore(path, opening, options);
    }

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

    /// <summary>Writes what was handed in, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _reader.DisposeAsync().ConfigureAwait(false);
    }

    private Task<T> Submit<T>(string id, StoreJob<T> job)
    {
        Answer(_writer.TryAdd(job), id, job.Fail);
        return job.Task;
    }

    private Task<T> Submit<T>(string id, ReadJob<T> job)
    {
        Answer(_reader.TryAdd(job), id, job.Fail);
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
