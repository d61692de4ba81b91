using ClusterActors.Persistence.Storage;
using SQLitePCL;

namespace ClusterActors.Persistence.Sqlite;

/// <summary>
/// The one thread that writes. It takes everything that waits, executes it in one transaction, and only after that transaction has
/// been forced to the disk tells each caller: one disk flush serves all actors (group commit).
/// </summary>
internal sealed class WriterThread : IAsyncDisposable
{
    private readonly string _path;
    private readonly long _maxSizeBytes;
    private readonly StoreHealth _health;
    private readonly JobQueue<StoreJob> _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WriterStatements? _db;

    public WriterThread(string path, SqliteStoreOptions options, StoreHealth health)
    {
        _path = path;
        _health = health;
        _maxSizeBytes = options.MaxSizeBytes;
        _queue = new JobQueue<StoreJob>(options.QueueCapacity);
        _db = new WriterStatements(path, _maxSizeBytes);
        new Thread(Loop) { IsBackground = true, Name = "journal-writer" }.Start();
    }

    public AddResult TryAdd(StoreJob job) => _queue.TryAdd(job);

    /// <summary>Completes everything handed in before, then ends the thread and closes the database.</summary>
    public ValueTask DisposeAsync()
    {
        _queue.Close();
        return new ValueTask(_ended.Task);
    }

    private void Loop()
    {
        var group = new List<StoreJob>();
        while (_queue.TakeAll(ref group))
        {
            Commit(group);
            group.Clear();
        }

        _db?.Dispose();
        _queue.Dispose();
        _ended.SetResult();
    }

    private void Commit(List<StoreJob> group)
    {
        if (TryTransaction(group) is not { } failure)
        {
            _health.Worked();
            return;
        }

        // One request may be the reason (too large for what is left of the disk): alone, the others still can succeed.
        // After an I/O error or with a broken file nothing more is tried for this group.
        var alone = group.Count > 1 && failure.Code is not (raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_BUSY);
        foreach (var job in group)
        {
            var reason = alone ? TryTransaction([job]) : failure;
            if (reason is not null)
            {
                var explained = Explain(reason);
                _health.Refused(explained);
                job.Fail(explained);
            }
        }
    }

    /// <summary>Null when the group is on the disk and every caller has been told.</summary>
    private SqliteFailure? TryTransaction(List<StoreJob> group)
    {
        try
        {
            var db = _db ??= new WriterStatements(_path, _maxSizeBytes);
            db.Begin();
            foreach (var job in group)
            {
                job.RunInGroup(db);
            }

            db.Commit();
        }
        catch (SqliteFailure failure)
        {
            Abandon(failure);
            return failure;
        }

        foreach (var job in group)
        {
            job.Conclude();
        }

        return null;
    }

    /// <summary>Rolls back; after anything but a full disk or a refused statement the connection is given up and opened anew.</summary>
    private void Abandon(SqliteFailure failure)
    {
        try
        {
            _db?.RollbackIfOpen();
        }
        catch (SqliteFailure)
        {
            failure = new SqliteFailure(raw.SQLITE_IOERR, raw.SQLITE_IOERR, failure.Message); // What could not be rolled back is given up with its connection.
        }

        if (failure.Code is raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            _db?.Dispose();
            _db = null;
        }
    }

    private JournalException Explain(SqliteFailure failure)
    {
        var remedy = failure.Code switch
        {
            raw.SQLITE_FULL => "free space on its file system",
            raw.SQLITE_BUSY => "make sure that no other program holds the file open for writing",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "restart clpd: it keeps the damaged file aside and takes the state from a peer",
            _ => "check the disk and the kernel log",
        };
        var fault = failure.SaysDamaged ? JournalFault.Damaged : JournalFault.Storage;
        return new JournalException(fault, $"{_path}: write failed ({failure.Message}, code {failure.ExtendedCode}); {remedy}", failure);
    }
}
