using ClusterActors.Persistence.Storage;

namespace ClusterActors.Persistence.Sqlite;

/// <summary>What the writer thread does to the tables, as prepared statements over its own connection.</summary>
internal sealed class WriterStatements : IWriterTables, IDisposable
{
    private const int RowsAtOnce = 8;
    private const int ColumnsOfEvent = 8;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, long> _streams = new(StringComparer.Ordinal);
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _findStream;
    private readonly SqliteStatement _addStream;
    private readonly SqliteStatement _claim;
    private readonly SqliteStatement _advance;
    private readonly SqliteStatement _state;
    private readonly SqliteStatement _insertOne;
    private readonly SqliteStatement _insertMany;
    private readonly SqliteStatement _markDeleted;
    private readonly SqliteStatement _deleteEvents;
    private readonly SqliteStatement _saveSnapshot;
    private readonly SqliteStatement _deleteSnapshots;

    public WriterStatements(string path, long maxSizeBytes)
    {
        _connection = new SqliteConnection(path, create: false);
        SqliteSchema.Configure(_connection);
        _connection.Execute($"PRAGMA max_page_count = {maxSizeBytes / _connection.QueryLong("PRAGMA page_size")}");

        // After an I/O error the pages of the log may be clean in memory and still not on the disk. Copying them into the database
        // and starting the log anew is the only way to stand on ground that was forced out for certain.
        _connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        _begin = _connection.Prepare("BEGIN IMMEDIATE");
        _commit = _connection.Prepare("COMMIT");
        _findStream = _connection.Prepare("SELECT stream FROM streams WHERE id = ?");
        _addStream = _connection.Prepare("INSERT INTO streams (id, epoch, highest, deleted) VALUES (?, 0, 0, 0)");
        _claim = _connection.Prepare("UPDATE streams SET epoch = epoch + 1 WHERE stream = ?");
        _advance = _connection.Prepare("UPDATE streams SET highest = ? WHERE stream = ? AND epoch = ? AND highest = ?");
        _state = _connection.Prepare("SELECT epoch, highest, deleted FROM streams WHERE stream = ?");
        const string row = "(?, ?, ?, ?, ?, ?, ?, ?)";
        const string insert = "INSERT INTO events (stream, seq, epoch, manifest, version, at, crc, payload) VALUES ";
        _insertOne = _connection.Prepare(insert + row);
        _insertMany = _connection.Prepare(insert + string.Join(", ", Enumerable.Repeat(row, RowsAtOnce)));
        _markDeleted = _connection.Prepare("UPDATE streams SET deleted = max(deleted, ?) WHERE stream = ?");
        _deleteEvents = _connection.Prepare("DELETE FROM events WHERE stream = ? AND seq <= ?");
        _saveSnapshot = _connection.Prepare(
            "INSERT OR REPLACE INTO snapshots (stream, seq, manifest, version, at, crc, payload) VALUES (?, ?, ?, ?, ?, ?, ?)");
        _deleteSnapshots = _connection.Prepare("DELETE FROM snapshots WHERE stream = ? AND seq BETWEEN ? AND ? AND at <= ?");
    }

    public void Begin() => _begin.Run();

    /// <summary>Returns when the log with this transaction has been forced to the disk.</summary>
    public void Commit() => _commit.Run();

    public void RollbackIfOpen()
    {
        _streams.Clear(); // A stream added in the lost transaction has no number any more.
        if (!_connection.AutoCommit)
        {
            _connection.Execute("ROLLBACK");
        }
    }

    public WriterClaim Claim(string id)
    {
        var stream = StreamOf(id);
        _claim.Bind(1, stream).Run();
        var (epoch, highest, _) = StateOf(stream);
        return new WriterClaim(epoch, highest);
    }

    public void Append(string id, long epoch, IReadOnlyList<JournalEvent> events)
    {
        var first = events[0].SequenceNr;
        var stream = StreamOf(id);
        _advance.Bind(1, events[^1].SequenceNr).Bind(2, stream).Bind(3, epoch).Bind(4, first - 1).Run();
        if (_connection.Changes != 1)
        {
            throw WhyRefused(id, stream, epoch, first);
        }

        var next = 0;
        for (; events.Count - next >= RowsAtOnce; next += RowsAtOnce)
        {
            for (var i = 0; i < RowsAtOnce; i++)
            {
                BindEvent(_insertMany, i * ColumnsOfEvent, id, stream, epoch, events[next + i]);
            }

            _insertMany.Run();
        }

        for (; next < events.Count; next++)
        {
            BindEvent(_insertOne, 0, id, stream, epoch, events[next]);
            _insertOne.Run();
        }
    }

    public void DeleteEvents(string id, long epoch, long to)
    {
        var stream = StreamOf(id);
        var (currentEpoch, highest, _) = StateOf(stream);
        if (currentEpoch != epoch)
        {
            throw JournalRefusals.Replaced(id, epoch, currentEpoch);
        }

        if (to > highest)
        {
            throw JournalRefusals.DeleteBeyondEnd(id, to, highest);
        }

        _markDeleted.Bind(1, to).Bind(2, stream).Run();
        _deleteEvents.Bind(1, stream).Bind(2, to).Run();
    }

    public void SaveSnapshot(string id, StoredSnapshot snapshot) => _saveSnapshot
        .Bind(1, StreamOf(id))
        .Bind(2, snapshot.SequenceNr)
        .Bind(3, snapshot.Form.Manifest)
        .Bind(4, snapshot.Form.Version)
        .Bind(5, snapshot.At.ToUnixTimeMilliseconds())
        .Bind(6, RowChecksum.Of(id, snapshot.SequenceNr, snapshot.Form))
        .Bind(7, snapshot.Form.Json.Span)
        .Run();

    public void DeleteSnapshots(string id, SnapshotCriteria criteria) => _deleteSnapshots
        .Bind(1, StreamOf(id))
        .Bind(2, criteria.MinSequenceNr)
        .Bind(3, criteria.MaxSequenceNr)
        .Bind(4, criteria.MaxTime.ToUnixTimeMilliseconds())
        .Run();

    public void Dispose() => _connection.Dispose();

    private static void BindEvent(SqliteStatement statement, int offset, string id, long stream, long epoch, JournalEvent e) => statement
        .Bind(offset + 1, stream)
        .Bind(offset + 2, e.SequenceNr)
        .Bind(offset + 3, epoch)
        .Bind(offset + 4, e.Form.Manifest)
        .Bind(offset + 5, e.Form.Version)
        .Bind(offset + 6, e.At.ToUnixTimeMilliseconds())
        .Bind(offset + 7, RowChecksum.Of(id, e.SequenceNr, e.Form))
        .Bind(offset + 8, e.Form.Json.Span);

    private JournalException WhyRefused(string id, long stream, long epoch, long first)
    {
        var (currentEpoch, highest, _) = StateOf(stream);
        return currentEpoch != epoch ? JournalRefusals.Replaced(id, epoch, currentEpoch) : JournalRefusals.NotNext(id, first, highest);
    }

    private (long Epoch, long Highest, long Deleted) StateOf(long stream)
    {
        _state.Bind(1, stream);
        try
        {
            _state.Step();
            return (_state.Long(0), _state.Long(1), _state.Long(2));
        }
        finally
        {
            _state.Reset();
        }
    }

    private long StreamOf(string id)
    {
        if (_streams.TryGetValue(id, out var known))
        {
            return known;
        }

        var stream = FindStream(id);
        if (stream == 0)
        {
            _addStream.Bind(1, id).Run();
            stream = FindStream(id);
        }

        _streams[id] = stream;
        return stream;
    }

    private long FindStream(string id)
    {
        _findStream.Bind(1, id);
        try
        {
            return _findStream.Step() ? _findStream.Long(0) : 0;
        }
        finally
        {
            _findStream.Reset();
        }
    }
}
