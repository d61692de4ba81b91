using ClusterActors.Persistence.Storage;

namespace ClusterActors.Persistence.PostgreSql;

/// <summary>
/// The one thread that writes: everything that waits becomes one transaction, and each caller is told after its commit (group commit).
/// <para>
/// When the connection breaks, the rule is about COMMIT alone. Before it was sent, nothing can have been stored, so the group is done
/// once more over a new connection. After it was sent without an answer nobody knows, so nothing is repeated and nothing is assumed:
/// the callers get Storage and find out by recovering. Their claim waits, by the row lock, for a transaction that the server still
/// carries out.
/// </para>
/// </summary>
internal sealed class PostgreSqlWriterThread : IAsyncDisposable
{
    private readonly PostgreSqlStoreOptions _options;
    private readonly StoreHealth _health;
    private readonly JobQueue<StoreJob> _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PostgreSqlWriter? _db;

    public PostgreSqlWriterThread(PostgreSqlStoreOptions options, StoreHealth health)
    {
        _options = options;
        _health = health;
        _queue = new JobQueue<StoreJob>(options.QueueCapacity);
        new Thread(Loop) { IsBackground = true, Name = "journal-writer" }.Start();
    }

    public AddResult TryAdd(StoreJob job) => _queue.TryAdd(job);

    /// <summary>Completes everything handed in before, then ends the thread and closes the connection.</summary>
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
        var fresh = _db is null;
        var end = TryTransaction(group);
        if (end is { Unknown: false, Reason.IsAnswer: false } && !fresh)
        {
            end = TryTransaction(group);
        }

        if (end is null)
        {
            _health.Worked();
            return;
        }

        // One request may be the reason (a deadlock with another program, no space for a large row): alone, the others can succeed.
        var alone = group.Count > 1 && end is { Unknown: false, Reason.IsAnswer: true };
        foreach (var job in group)
        {
            var own = alone ? TryTransaction([job]) : end;
            if (own is not null)
            {
                var explained = Explain(own);
                _health.Refused(explained);
                job.Fail(explained);
            }
        }
    }

    /// <summary>Null when the server has confirmed the group and every caller has been told.</summary>
    private Failure? TryTransaction(List<StoreJob> group)
    {
        var committing = false;
        try
        {
            var db = _db ??= new PostgreSqlWriter(_options);
            db.Begin();
            foreach (var job in group)
            {
                job.RunInGroup(db);
            }

            committing = true;
            db.Commit();
        }
        catch (PostgreSqlFailure reason)
        {
            Abandon(keep: reason.IsAnswer && !committing);
            return new Failure(reason, committing);
        }

        foreach (var job in group)
        {
            job.Conclude();
        }

        return null;
    }

    private void Abandon(bool keep)
    {
        try
        {
            if (keep && _db is { Lives: true } db)
            {
                db.Rollback();
                return;
            }
        }
        catch (PostgreSqlFailure)
        {
            // What could not be rolled back is given up with its connection, below: the server undoes it.
        }

        _db?.Dispose();
        _db = null;
    }

    private static JournalException Explain(Failure end)
    {
        var known = end.Unknown ? "whether it was stored is not known; recovery shows it" : "nothing was stored";
        return new JournalException(
            end.Reason.SaysDamaged ? JournalFault.Damaged : JournalFault.Storage,
            $"journal in PostgreSQL: write failed ({end.Reason.Message}); {known}: {end.Reason.Remedy}",
            end.Reason);
    }

    /// <param name="Reason">What the driver said.</param>
    /// <param name="Unknown">COMMIT was sent and not answered.</param>
    private sealed record Failure(PostgreSqlFailure Reason, bool Unknown);
}
