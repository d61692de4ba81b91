namespace ClusterActors.Persistence.Storage;

/// <summary>One request to the reader thread.</summary>
internal abstract class ReadJob
{
    public abstract void Run(IReaderTables db);

    public abstract void Fail(JournalException reason);
}

internal sealed class ReadJob<TResult>(Func<IReaderTables, TResult> read) : ReadJob
{
    private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Task => _done.Task;

    public override void Run(IReaderTables db) => _done.TrySetResult(read(db));

    public override void Fail(JournalException reason) => _done.TrySetException(reason);
}
