using ClusterActors.Persistence.Storage;
using Npgsql;

namespace ClusterActors.Persistence.PostgreSql;

/// <summary>What the reader thread asks the tables.</summary>
internal sealed class PostgreSqlReader : IReaderTables, IDisposable
{
    private const string EventsSql =
        "SELECT seq, manifest, version, at, crc, payload FROM {schema}.events WHERE id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq LIMIT $4";

    private const string SnapshotsSql =
        "SELECT seq, manifest, version, at, crc, payload FROM {schema}.snapshots WHERE id = $1 AND seq BETWEEN $2 AND $3 AND at <= $4 ORDER BY seq DESC";

    private readonly PostgreSqlConnection _connection;

    public PostgreSqlReader(PostgreSqlStoreOptions options) => _connection = PostgreSqlConnection.Open(options);

    public EventPage ReadEvents(string id, long from, long to, int max) => PostgreSqlConnection.Guard(() =>
    {
        var (highest, deleted) = StreamOf(id);
        if (highest == 0 || max == 0 || from > to)
        {
            return new EventPage([], highest, deleted, true);
        }

        var limit = Math.Min(max, PageLimits.Events);
        var events = new List<JournalEvent>();
        var bytes = 0;
        using var command = _connection.Command(
            EventsSql, PostgreSqlWriter.Text(id), PostgreSqlWriter.Long(from), PostgreSqlWriter.Long(to), PostgreSqlWriter.Long(limit + 1L));
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            if (events.Count == limit || bytes > PageLimits.Bytes)
            {
                return new EventPage(events, highest, deleted, events.Count >= max);
            }

            var (seq, form, at, good) = ReadRow(rows, id);
            bytes += form.Json.Length;
            events.Add(good ? new JournalEvent(seq, form, at) : throw JournalRefusals.Unreadable(id, seq, "does not match its checksum"));
        }

        return new EventPage(events, highest, deleted, true);
    });

    public SnapshotSelection LoadSnapshot(string id, SnapshotCriteria criteria) => PostgreSqlConnection.Guard(() =>
    {
        var broken = new List<long>();
        using var command = _connection.Command(
            SnapshotsSql,
            PostgreSqlWriter.Text(id), PostgreSqlWriter.Long(criteria.MinSequenceNr), PostgreSqlWriter.Long(criteria.MaxSequenceNr),
            PostgreSqlWriter.Long(criteria.MaxTime.ToUnixTimeMilliseconds()));
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            var (seq, form, at, good) = ReadRow(rows, id);
            if (good)
            {
                return new SnapshotSelection(new StoredSnapshot(seq, form, at), broken);
            }

            broken.Add(seq);
        }

        return new SnapshotSelection(null, broken);
    });

    public void Dispose() => _connection.Dispose();

    private static (long Seq, StoredForm Form, DateTimeOffset At, bool Good) ReadRow(NpgsqlDataReader row, string id)
    {
        var seq = row.GetInt64(0);
        var form = new StoredForm(row.GetString(1), row.GetInt32(2), row.GetFieldValue<byte[]>(5));
        return (seq, form, DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)), RowChecksum.Of(id, seq, form) == row.GetInt64(4));
    }

    private (long Highest, long Deleted) StreamOf(string id)
    {
        using var command = _connection.Command("SELECT highest, deleted FROM {schema}.streams WHERE id = $1", PostgreSqlWriter.Text(id));
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), row.GetInt64(1)) : default;
    }
}
