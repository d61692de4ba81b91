using ClusterActors.Persistence.Storage;

namespace ClusterActors.Persistence.PostgreSql;

/// <summary>The one thread that reads. A read whose connection broke is done once more: reading twice changes nothing.</summary>
internal sealed class PostgreSqlReaderThread : IAsyncDisposable
{
    private readonly PostgreSqlStoreOptions _options;
    private readonly JobQueue<ReadJob> _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PostgreSqlReader? _db;

    public PostgreSqlReaderThread(PostgreSqlStoreOptions options)
    {
        _options = options;
        _queue = new JobQueue<ReadJob>(options.QueueCapacity);
        new Thread(Loop) { IsBackground = true, Name = "journal-reader" }.Start();
    }

    public AddResult TryAdd(ReadJob job) => _queue.TryAdd(job);

    public ValueTask DisposeAsync()
    {
        _queue.Close();
        return new ValueTask(_ended.Task);
    }

    private void Loop()
    {
        var jobs = new List<ReadJob>();
        while (_queue.TakeAll(ref jobs))
        {
            jobs.ForEach(Serve);
            jobs.Clear();
        }

        _db?.Dispose();
        _queue.Dispose();
        _ended.SetResult();
    }

    private void Serve(ReadJob job)
    {
        var old = _db is not null;
        var failure = Try(job);
        if (old && failure is { IsAnswer: false })
        {
            failure = Try(job);
        }

        if (failure is not null)
        {
            job.Fail(new JournalException(
                failure.SaysDamaged ? JournalFault.Damaged : JournalFault.Storage,
                $"journal in PostgreSQL: read failed ({failure.Message}); {failure.Remedy}",
                failure));
        }
    }

    private PostgreSqlFailure? Try(ReadJob job)
    {
        try
        {
            job.Run(_db ??= new PostgreSqlReader(_options));
        }
        catch (JournalException refusal)
        {
            job.Fail(refusal);
        }
        catch (PostgreSqlFailure failure)
        {
            if (!failure.IsAnswer)
            {
                _db?.Dispose();
                _db = null;
            }

            return failure;
        }

        return null;
    }
}
