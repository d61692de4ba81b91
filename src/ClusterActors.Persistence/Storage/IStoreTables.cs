namespace ClusterActors.Persistence.Storage;

/// <summary>
/// What a job of the writer does to the tables, inside the transaction of its group. A member throws a <see cref="JournalException"/>
/// only before it has changed anything.
/// </summary>
internal interface IWriterTables
{
    WriterClaim Claim(string id);

    void Append(string id, long epoch, IReadOnlyList<JournalEvent> events);

    void DeleteEvents(string id, long epoch, long to);

    void SaveSnapshot(string id, StoredSnapshot snapshot);

    void DeleteSnapshots(string id, SnapshotCriteria criteria);
}

/// <summary>What a job of the reader asks the tables.</summary>
internal interface IReaderTables
{
    EventPage ReadEvents(string id, long from, long to, int max);

    SnapshotSelection LoadSnapshot(string id, SnapshotCriteria criteria);
}

/// <summary>How much one page of events may hold: it ends at whichever comes first, so that a recovery never floods memory.</summary>
internal static class PageLimits
{
    public const int Events = 500;
    public const int Bytes = 1 << 20;
}
