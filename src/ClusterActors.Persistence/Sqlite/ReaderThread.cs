using ClusterActors.Persistence.Storage;

namespace ClusterActors.Persistence.Sqlite;

/// <summary>The one thread that reads: recoveries share it page by page, and it never waits for the writer (WAL).</summary>
internal sealed class ReaderThread : IAsyncDisposable
{
    private readonly string _path;
    private readonly JobQueue<ReadJob> _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReaderStatements? _db;

    public ReaderThread(string path, int capacity)
    {
        _path = path;
        _queue = new JobQueue<ReadJob>(capacity);
        _db = new ReaderStatements(path);
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
        try
        {
            job.Run(_db ??= new ReaderStatements(_path));
        }
        catch (SqliteFailure e)
        {
            _db?.Dispose();
            _db = null;
            var fault = e.SaysDamaged ? JournalFault.Damaged : JournalFault.Storage;
            job.Fail(new JournalException(fault, $"{_path}: read failed ({e.Message}, code {e.ExtendedCode}); check the disk and the kernel log", e));
        }
        catch (JournalException e)
        {
            job.Fail(e);
        }
    }
}
