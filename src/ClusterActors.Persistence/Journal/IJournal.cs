namespace ClusterActors.Persistence;

/// <summary>
/// The store of events. One stream of events for each persistence id, numbered 1, 2, 3 … without gaps. No member blocks its
/// caller: work is queued and the task ends on a thread of the store, so continuations must be short.
/// Every failure is a <see cref="JournalException"/> in the task.
/// </summary>
public interface IJournal
{
    /// <summary>
    /// Makes the caller the only writer of <paramref name="persistenceId"/>: the writer epoch of the stream is raised durably, and
    /// from then on a write carrying an older epoch is refused. Requests are served in order, so writes handed in before the claim
    /// are part of what a read after it returns.
    /// </summary>
    Task<WriterClaim> ClaimAsync(string persistenceId);

    /// <summary>
    /// Appends events atomically: all or none. The task ends successfully only after the events are on stable storage.
    /// The first must continue the stream (highest + 1) and the numbers must be without gaps.
    /// </summary>
    /// <exception cref="JournalException">In the task: WriterReplaced (stop), Storage or QueueFull (stop; recovery shows what is stored).</exception>
    Task WriteAsync(string persistenceId, long epoch, IReadOnlyList<JournalEvent> events);

    /// <summary>
    /// Reads events with numbers in [from, to], in order, at most <paramref name="max"/> and at most a page that the store chooses:
    /// <see cref="EventPage.Complete"/> says whether anything is left. max 0 returns only the highest number; an unknown id has highest 0.
    /// </summary>
    Task<EventPage> ReadAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, int max);

    /// <summary>Deletes events up to and including a number. The highest number of the stream is kept for ever.</summary>
    /// <exception cref="JournalException">In the task: Refused when the number lies beyond the last event, WriterReplaced.</exception>
    Task DeleteToAsync(string persistenceId, long epoch, long toSequenceNr);
}

/// <summary>The right to write one stream until someone claims it anew.</summary>
/// <param name="Epoch">Grows by one with each claim.</param>
/// <param name="HighestSequenceNr">Number of the last event ever written, also if deleted since; 0 for none.</param>
public readonly record struct WriterClaim(long Epoch, long HighestSequenceNr);

/// <summary>One event as stored.</summary>
/// <param name="SequenceNr">1 and up.</param>
/// <param name="Form">Manifest, version and JSON.</param>
/// <param name="At">When it was persisted, by the clock of the writer; for people, never for decisions.</param>
public sealed record JournalEvent(long SequenceNr, StoredForm Form, DateTimeOffset At);

/// <summary>A piece of a stream.</summary>
/// <param name="Events">In ascending order.</param>
/// <param name="HighestSequenceNr">Number of the last event ever written to the stream.</param>
/// <param name="DeletedToSequenceNr">Events up to here were deleted on purpose; a missing number above it is damage.</param>
/// <param name="Complete">No further event lies in the range asked for (or <c>max</c> was reached).</param>
public sealed record EventPage(IReadOnlyList<JournalEvent> Events, long HighestSequenceNr, long DeletedToSequenceNr, bool Complete);
