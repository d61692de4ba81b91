using ClusterActors.Actors;

namespace ClusterActors.Persistence;

/// <summary>Given to the recover handlers after the last event; commands follow.</summary>
public sealed class RecoveryCompleted
{
    private RecoveryCompleted()
    {
    }

    public static RecoveryCompleted Instance { get; } = new();
}

/// <summary>Given to the recover handlers before the events that follow it. An actor without a handler for it replays every event.</summary>
/// <param name="SequenceNr">The last event whose effect the snapshot holds.</param>
/// <param name="At">When it was taken; for people only.</param>
/// <param name="Snapshot">The state.</param>
public sealed record SnapshotOffer(long SequenceNr, DateTimeOffset At, object Snapshot);

/// <summary>Answers of the store to the actor itself. Those without a handler are dropped; failures are logged by the base class.</summary>
public interface IPersistenceAnswer : INotInfluenceReceiveTimeout;

/// <summary>A snapshot is on the disk.</summary>
public sealed record SaveSnapshotSuccess(long SequenceNr) : IPersistenceAnswer;

/// <summary>A snapshot was not stored; the events are, so nothing is lost and the actor goes on.</summary>
public sealed record SaveSnapshotFailure(long SequenceNr, Exception Cause) : IPersistenceAnswer;

/// <summary>Events up to the number are deleted.</summary>
public sealed record DeleteMessagesSuccess(long ToSequenceNr) : IPersistenceAnswer;

/// <summary>Nothing was deleted.</summary>
public sealed record DeleteMessagesFailure(long ToSequenceNr, Exception Cause) : IPersistenceAnswer;

/// <summary>The snapshots that fit are deleted.</summary>
public sealed record DeleteSnapshotsSuccess(SnapshotCriteria Criteria) : IPersistenceAnswer;

/// <summary>No snapshot was deleted.</summary>
public sealed record DeleteSnapshotsFailure(SnapshotCriteria Criteria, Exception Cause) : IPersistenceAnswer;

/// <summary>
/// A write of one instance has ended. It overtakes waiting commands, so that handlers run as soon as their events are stored;
/// another instance of the same actor does not know the write and lets the message pass without effect.
/// </summary>
internal sealed class WriteEnded(OutstandingWrite write) : IControlMessage, IDeadLetterSuppression, INotInfluenceReceiveTimeout
{
    public OutstandingWrite Write { get; } = write;
}
