using ClusterActors.Persistence.Storage;
using Npgsql;
using NpgsqlTypes;

namespace ClusterActors.Persistence.PostgreSql;

/// <summary>
/// What the writer thread does to the tables. Each write first advances the stream's row under the condition of epoch and number, so
/// the row lock orders two writers: whoever comes second sees what the first one left, and is refused.
/// </summary>
internal sealed class PostgreSqlWriter : IWriterTables, IDisposable
{
    private const string ClaimSql =
        """
        INSERT INTO {schema}.streams (id, epoch, highest, deleted) VALUES ($1, 1, 0, 0)
        ON CONFLICT (id) DO UPDATE SET epoch = streams.epoch + 1 RETURNING epoch, highest
        """;

    private const string AppendSql =
        """
        WITH s AS (UPDATE {schema}.streams SET highest = $2 WHERE id = $1 AND epoch = $3 AND highest = $4 RETURNING id)
        INSERT INTO {schema}.events (id, seq, epoch, manifest, version, at, crc, payload)
        SELECT s.id, e.seq, $3, e.manifest, e.version, e.at, e.crc, e.payload
        FROM s, unnest($5, $6, $7, $8, $9, $10) AS e (seq, manifest, version, at, crc, payload)
        """;

    private const string DeleteSql =
        """
        WITH s AS (UPDATE {schema}.streams SET deleted = greatest(deleted, $3) WHERE id = $1 AND epoch = $2 AND highest >= $3 RETURNING id),
             d AS (DELETE FROM {schema}.events e USING s WHERE e.id = s.id AND e.seq <= $3)
        SELECT count(*) FROM s
        """;

    private const string SaveSql =
        """
        INSERT INTO {schema}.snapshots (id, seq, manifest, version, at, crc, payload) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id, seq) DO UPDATE
        SET manifest = excluded.manifest, version = excluded.version, at = excluded.at, crc = excluded.crc, payload = excluded.payload
        """;

    private readonly PostgreSqlConnection _connection;

    public PostgreSqlWriter(PostgreSqlStoreOptions options) => _connection = PostgreSqlConnection.Open(options);

    /// <summary>False when the driver gave the connection up.</summary>
    public bool Lives => _connection.Lives;

    public void Begin() => _connection.Begin();

    /// <summary>Returns when the server has forced the transaction out. A failure of any kind leaves open whether it did.</summary>
    public void Commit() => _connection.Commit();

    public void Rollback() => _connection.Rollback();

    public WriterClaim Claim(string id) => PostgreSqlConnection.Guard(() =>
    {
        using var command = _connection.Command(ClaimSql, Text(id));
        using var row = command.ExecuteReader();
        row.Read();
        return new WriterClaim(row.GetInt64(0), row.GetInt64(1));
    });

    public void Append(string id, long epoch, IReadOnlyList<JournalEvent> events)
    {
        var first = events[0].SequenceNr;
        var stored = PostgreSqlConnection.Guard(() =>
        {
            using var command = _connection.Command(
                AppendSql,
                Text(id), Long(events[^1].SequenceNr), Long(epoch), Long(first - 1),
                Array(NpgsqlDbType.Bigint, events.Select(e => e.SequenceNr).ToArray()),
                Array(NpgsqlDbType.Text, events.Select(e => e.Form.Manifest).ToArray()),
                Array(NpgsqlDbType.Integer, events.Select(e => e.Form.Version).ToArray()),
                Array(NpgsqlDbType.Bigint, events.Select(e => e.At.ToUnixTimeMilliseconds()).ToArray()),
                Array(NpgsqlDbType.Bigint, events.Select(e => RowChecksum.Of(id, e.SequenceNr, e.Form)).ToArray()),
                Array(NpgsqlDbType.Bytea, events.Select(e => e.Form.Json.ToArray()).ToArray()));
            return command.ExecuteNonQuery();
        });
        if (stored != events.Count)
        {
            var (current, highest) = StateOf(id);
            throw current != epoch ? JournalRefusals.Replaced(id, epoch, current) : JournalRefusals.NotNext(id, first, highest);
        }
    }

    public void DeleteEvents(string id, long epoch, long to)
    {
        if (_connection.Text(DeleteSql, Text(id), Long(epoch), Long(to)) != "1")
        {
            var (current, highest) = StateOf(id);
            throw current != epoch ? JournalRefusals.Replaced(id, epoch, current) : JournalRefusals.DeleteBeyondEnd(id, to, highest);
        }
    }

    public void SaveSnapshot(string id, StoredSnapshot snapshot) => _connection.Execute(
        SaveSql,
        Text(id), Long(snapshot.SequenceNr), Text(snapshot.Form.Manifest), new NpgsqlParameter<int> { TypedValue = snapshot.Form.Version },
        Long(snapshot.At.ToUnixTimeMilliseconds()), Long(RowChecksum.Of(id, snapshot.SequenceNr, snapshot.Form)),
        new NpgsqlParameter<byte[]> { TypedValue = snapshot.Form.Json.ToArray() });

    public void DeleteSnapshots(string id, SnapshotCriteria criteria) => _connection.Execute(
        "DELETE FROM {schema}.snapshots WHERE id = $1 AND seq BETWEEN $2 AND $3 AND at <= $4",
        Text(id), Long(criteria.MinSequenceNr), Long(criteria.MaxSequenceNr), Long(criteria.MaxTime.ToUnixTimeMilliseconds()));

    public void Dispose() => _connection.Dispose();

    internal static NpgsqlParameter Text(string value) => new NpgsqlParameter<string> { TypedValue = value };

    internal static NpgsqlParameter Long(long value) => new NpgsqlParameter<long> { TypedValue = value };

    private static NpgsqlParameter Array<T>(NpgsqlDbType type, T[] values) => new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    private (long Epoch, long Highest) StateOf(string id) => PostgreSqlConnection.Guard(() =>
    {
        using var command = _connection.Command("SELECT epoch, highest FROM {schema}.streams WHERE id = $1", Text(id));
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), row.GetInt64(1)) : default;
    });
}
