namespace ClusterActors.Persistence.Storage;

/// <summary>
/// One request to the writer thread. <see cref="Run"/> executes inside the transaction of its group; it throws a
/// <see cref="JournalException"/> only before it has changed anything, so that a refusal leaves the rest of the group untouched.
/// </summary>
internal abstract class StoreJob
{
    private JournalException? _refusal;

    public void RunInGroup(IWriterTables db)
    {
        _refusal = null;
        try
        {
            Run(db);
        }
        catch (JournalException e)
        {
            _refusal = e;
        }
    }

    /// <summary>Called once the transaction is on the disk.</summary>
    public void Conclude()
    {
        if (_refusal is { } refusal)
        {
            Fail(refusal);
        }
        else
        {
            Succeed();
        }
    }

    public abstract void Fail(JournalException reason);

    protected abstract void Run(IWriterTables db);

    protected abstract void Succeed();
}

internal abstract class StoreJob<TResult> : StoreJob
{
    private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Task => _done.Task;

    protected TResult? Result { get; set; }

    public override void Fail(JournalException reason) => _done.TrySetException(reason);

    protected override void Succeed() => _done.TrySetResult(Result!);
}

internal sealed class ClaimJob(string id) : StoreJob<WriterClaim>
{
    protected override void Run(IWriterTables db) => Result = db.Claim(id);
}

internal sealed class WriteJob(string id, long epoch, IReadOnlyList<JournalEvent> events) : StoreJob<bool>
{
    protected override void Run(IWriterTables db) => db.Append(id, epoch, events);
}

internal sealed class DeleteEventsJob(string id, long epoch, long to) : StoreJob<bool>
{
    protected override void Run(IWriterTables db) => db.DeleteEvents(id, epoch, to);
}

internal sealed class SaveSnapshotJob(string id, StoredSnapshot snapshot) : StoreJob<bool>
{
    protected override void Run(IWriterTables db) => db.SaveSnapshot(id, snapshot);
}

internal sealed class DeleteSnapshotsJob(string id, SnapshotCriteria criteria) : StoreJob<bool>
{
    protected override void Run(IWriterTables db) => db.DeleteSnapshots(id, criteria);
}
