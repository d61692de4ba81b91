namespace ClusterActors.Persistence;

/// <summary>What went wrong with stored state; decides whether trying again can help.</summary>
public enum JournalFault
{
    /// <summary>The store could not be written or read (disk full, I/O error). The stored state is as before or holds the whole write.</summary>
    Storage,

    /// <summary>Another writer has claimed the same persistence id since; this writer must stop and never try again.</summary>
    WriterReplaced,

    /// <summary>A stored row does not match its checksum, its numbering has a hole, or its shape is unknown.</summary>
    Damaged,

    /// <summary>The bounded queue of the store is full; nothing was written.</summary>
    QueueFull,

    /// <summary>The request itself makes no sense (deleting beyond the last event); nothing was done.</summary>
    Refused,

    /// <summary>The store has been closed; nothing was written.</summary>
    Closed,
}

/// <summary>A journal or snapshot operation failed. The message says where, what was found, what is allowed and what to do.</summary>
public sealed class JournalException : Exception
{
    public JournalException(JournalFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    public JournalFault Fault { get; }

    /// <summary>The persistence id concerned; null when the whole store is.</summary>
    public string? PersistenceId { get; init; }

    /// <summary>The sequence number concerned; 0 when none is.</summary>
    public long SequenceNr { get; init; }
}

/// <summary>An event or snapshot has no registered form, or a stored one has a form this program does not know.</summary>
public sealed class EventSchemaException : Exception
{
    public EventSchemaException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
