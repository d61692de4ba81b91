namespace ClusterActors.Persistence;

/// <summary>The sentences in which every store refuses; in one place so that the in-memory twin speaks like the real one.</summary>
internal static class JournalRefusals
{
    public static JournalException Replaced(string id, long epoch, long current) => new(
        JournalFault.WriterReplaced,
        $"journal {id}: writer epoch {epoch} was replaced by {current}; only the newest writer may write: this one must stop")
    {
        PersistenceId = id,
    };

    public static JournalException NotNext(string id, long first, long highest) => new(
        JournalFault.Refused,
        $"journal {id}: write begins at {first} but the last stored event is {highest}; it must begin at {highest + 1}: recover before writing")
    {
        PersistenceId = id,
        SequenceNr = first,
    };

    public static JournalException DeleteBeyondEnd(string id, long to, long highest) => new(
        JournalFault.Refused,
        $"journal {id}: deletion up to {to} was asked for but the last event is {highest}; nothing was deleted")
    {
        PersistenceId = id,
        SequenceNr = to,
    };

    public static JournalException Full(string id, int capacity) => new(
        JournalFault.QueueFull,
        $"journal {id}: {capacity} requests are waiting for the disk, the most allowed; nothing was written: find out why the disk is slow")
    {
        PersistenceId = id,
    };

    public static JournalException Closed(string id) => new(JournalFault.Closed, $"journal {id}: the store is closed; nothing was done")
    {
        PersistenceId = id,
    };

    public static JournalException Unreadable(string id, long sequenceNr, string what) => new(
        JournalFault.Damaged,
        $"journal {id}: event {sequenceNr} {what}; the stream cannot be trusted from there on: take the state from a peer")
    {
        PersistenceId = id,
        SequenceNr = sequenceNr,
    };

    /// <summary>Refuses requests that are wrong in themselves, before they are queued.</summary>
    public static void RequireWritable(string id, long epoch, IReadOnlyList<JournalEvent> events)
    {
        RequireId(id);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentOutOfRangeException.ThrowIfLessThan(epoch, 1);
        if (events.Count == 0)
        {
            throw new ArgumentException($"journal {id}: a write holds at least one event");
        }

        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].SequenceNr != events[0].SequenceNr + i || events[i].SequenceNr < 1)
            {
                throw new ArgumentException($"journal {id}: numbers of a write must be without gaps from 1 up; found {events[i].SequenceNr} at place {i}");
            }
        }
    }

    public static void RequireId(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (id.Length > 250)
        {
            throw new ArgumentException($"journal: persistence id of {id.Length} characters; at most 250 are allowed");
        }
    }
}
