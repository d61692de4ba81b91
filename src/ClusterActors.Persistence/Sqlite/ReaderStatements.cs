using ClusterActors.Persistence.Storage;

namespace ClusterActors.Persistence.Sqlite;

/// <summary>What the reader thread asks the tables, as prepared statements over its own connection.</summary>
internal sealed class ReaderStatements : IReaderTables, IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _stream;
    private readonly SqliteStatement _events;
    private readonly SqliteStatement _snapshots;

    public ReaderStatements(string path)
    {
        _connection = new SqliteConnection(path, create: false);
        SqliteSchema.Configure(_connection);
        _stream = _connection.Prepare("SELECT stream, highest, deleted FROM streams WHERE id = ?");
        _events = _connection.Prepare(
            "SELECT seq, manifest, version, at, crc, payload FROM events WHERE stream = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?");
        _snapshots = _connection.Prepare(
            "SELECT seq, manifest, version, at, crc, payload FROM snapshots WHERE stream = ? AND seq BETWEEN ? AND ? AND at <= ? ORDER BY seq DESC");
    }

    public EventPage ReadEvents(string id, long from, long to, int max)
    {
        var (stream, highest, deleted) = FindStream(id);
        var events = new List<JournalEvent>();
        if (stream == 0 || max == 0 || from > to)
        {
            return new EventPage(events, highest, deleted, true);
        }

        var limit = Math.Min(max, PageLimits.Events);
        var bytes = 0;
        var rowsLeft = false;
        _events.Bind(1, stream).Bind(2, from).Bind(3, to).Bind(4, limit + 1L);
        try
        {
            while (_events.Step())
            {
                if (events.Count == limit || bytes > PageLimits.Bytes)
                {
                    rowsLeft = events.Count < max;
                    break;
                }

                var e = ReadEvent(id);
                bytes += e.Form.Json.Length;
                events.Add(e);
            }
        }
        finally
        {
            _events.Reset();
        }

        return new EventPage(events, highest, deleted, !rowsLeft);
    }

    public SnapshotSelection LoadSnapshot(string id, SnapshotCriteria criteria)
    {
        var broken = new List<long>();
        var (stream, _, _) = FindStream(id);
        _snapshots.Bind(1, stream).Bind(2, criteria.MinSequenceNr).Bind(3, criteria.MaxSequenceNr).Bind(4, criteria.MaxTime.ToUnixTimeMilliseconds());
        try
        {
            while (_snapshots.Step())
            {
                var (seq, form, at, good) = ReadRow(_snapshots, id);
                if (good)
                {
                    return new SnapshotSelection(new StoredSnapshot(seq, form, at), broken);
                }

                broken.Add(seq);
            }
        }
        finally
        {
            _snapshots.Reset();
        }

        return new SnapshotSelection(null, broken);
    }

    public void Dispose() => _connection.Dispose();

    private JournalEvent ReadEvent(string id)
    {
        var (seq, form, at, good) = ReadRow(_events, id);
        return good ? new JournalEvent(seq, form, at) : throw JournalRefusals.Unreadable(id, seq, "does not match its checksum");
    }

    private static (long Seq, StoredForm Form, DateTimeOffset At, bool Good) ReadRow(SqliteStatement row, string id)
    {
        var seq = row.Long(0);
        var form = new StoredForm(row.Text(1), (int)row.Long(2), row.Blob(5));
        return (seq, form, DateTimeOffset.FromUnixTimeMilliseconds(row.Long(3)), RowChecksum.Of(id, seq, form) == row.Long(4));
    }

    private (long Stream, long Highest, long Deleted) FindStream(string id)
    {
        _stream.Bind(1, id);
        try
        {
            return _stream.Step() ? (_stream.Long(0), _stream.Long(1), _stream.Long(2)) : default;
        }
        finally
        {
            _stream.Reset();
        }
    }
}
