using ClusterActors.Actors;

namespace ClusterActors.Persistence;

public abstract partial class ReceivePersistentActor
{
    // The one recovery began with, then the last that was stored: known to be readable, or written by this program.
    private long _newestSnapshot;

    /// <summary>
    /// Stores the state as of <see cref="LastSequenceNr"/>; call it in a command or in an event's handler. Answered by
    /// <see cref="SaveSnapshotSuccess"/> or <see cref="SaveSnapshotFailure"/>; a failure costs recovery time, nothing else.
    /// </summary>
    protected void SaveSnapshot(object snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var number = LastSequenceNr;
        if (number < 1)
        {
            throw new InvalidOperationException($"{PersistenceId}: there is no event yet, so there is nothing that a snapshot could stand for");
        }

        Answer(
            () => _store.Snapshots.SaveAsync(PersistenceId, new StoredSnapshot(number, _store.Registry.Serialize(snapshot), _time.GetUtcNow())),
            new SaveSnapshotSuccess(number),
            cause => new SaveSnapshotFailure(number, cause));
    }

    /// <summary>
    /// Deletes events up to and including a number, for streams whose snapshot stands for them. Answered by
    /// <see cref="DeleteMessagesSuccess"/> or <see cref="DeleteMessagesFailure"/> (also when the number lies beyond the last event).
    /// </summary>
    protected void DeleteMessages(long toSequenceNr) => Answer(
        () => _store.Journal.DeleteToAsync(PersistenceId, _epoch, toSequenceNr),
        new DeleteMessagesSuccess(toSequenceNr),
        cause => new DeleteMessagesFailure(toSequenceNr, cause));

    /// <summary>Deletes snapshots. Answered by <see cref="DeleteSnapshotsSuccess"/> or <see cref="DeleteSnapshotsFailure"/>.</summary>
    protected void DeleteSnapshots(SnapshotCriteria criteria) => Answer(
        () => _store.Snapshots.DeleteAsync(PersistenceId, criteria),
        new DeleteSnapshotsSuccess(criteria),
        cause => new DeleteSnapshotsFailure(criteria, cause));

    /// <summary>
    /// Handler of <see cref="SaveSnapshotSuccess"/> for actors whose stream would else grow for ever: deletes the events that the snapshot before this one
    /// stands for, and the snapshots before that. Two stay, so that recovery has one to fall back on, with every event since. A deletion that fails is
    /// logged and comes again with the next snapshot.
    /// </summary>
    protected void DeleteBehind(SaveSnapshotSuccess saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        if (saved.SequenceNr <= _newestSnapshot)
        {
            return; // Of an earlier instance: recovery has begun with it.
        }

        if (_newestSnapshot > 0)
        {
            DeleteMessages(_newestSnapshot);
            DeleteSnapshots(SnapshotCriteria.Latest with { MaxSequenceNr = _newestSnapshot - 1 });
        }

        _newestSnapshot = saved.SequenceNr;
    }

    private void Answer(Func<Task> request, object success, Func<Exception, object> failure)
    {
        Task task;
        try
        {
            task = request();
        }
        catch (EventSchemaException e)
        {
            task = Task.FromException(e);
        }

        task.PipeTo(Self, Self, () => success, failure);
    }
}
