using System.Data;
using System.Globalization;
using System.Net.Sockets;
using ClusterActors.Model.Arbiters;
using Npgsql;

namespace ClusterActors.Arbiters.PostgreSql;

/// <summary>
/// A PostgreSQL database as a vote store. One row for each cluster is locked by every exchange, so that they follow
/// each other; it carries the id of the store and a revision that grows with each change. Only a primary that keeps what it
/// acknowledged can vote: a standby is refused, and a promoted one that lost changes shows by its lower revision.
/// </summary>
public sealed class PostgreSqlVoteStore : IVoteStore
{
    public const string TypeName = "postgresql";

    /// <summary>Key of the row that is locked: its value is the id of the store, its version the revision.</summary>
    private const string StoreKey = "#store";

    private const string DurableCommit = """
        SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, false)
        """;

    private readonly PostgreSqlOptions _options;
    private readonly TimeProvider _time;
    private readonly string _connectionText;
    private readonly string _table;
    private NpgsqlConnection? _connection;
    private bool _schemaThere;

    public PostgreSqlVoteStore(string name, PostgreSqlOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (Name, _options, _time) = (name, options, time);
        _table = string.Join('.', options.Table.Split('.').Select(part => $"\"{part.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
        var seconds = Math.Max(1, (int)Math.Ceiling(options.Timeout.TotalSeconds));
        // Own bounds come first; these only keep a lost connection from lingering. No pool: one connection, and one that failed is dropped.
        _connectionText = new NpgsqlConnectionStringBuilder(options.Connection) { Pooling = false, Timeout = seconds, CommandTimeout = seconds, CancellationTimeout = -1, ApplicationName = "ClusterActors" }.ConnectionString;
    }

    public string Name { get; }

    public string Type => TypeName;

    public async Task<StoreAnswer> ExchangeAsync(StoreChange? change, CancellationToken cancellation)
    {
        var longest = _schemaThere && _connection is { State: ConnectionState.Open } && _options.Limit is { } shorter ? shorter : _options.Timeout;
        using var limit = new CancellationTokenSource(longest, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var exchange = ExchangeOnConnectionAsync(change, either.Token);
        try
        {
            return await exchange.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is NpgsqlException or SocketException or IOException or InvalidOperationException or FormatException
            || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            await DropAsync().ConfigureAwait(false);
            return StoreAnswer.Failed(failure is OperationCanceledException
                ? string.Create(CultureInfo.InvariantCulture, $"no answer within {longest.TotalMilliseconds:0} ms")
                : failure.Message);
        }
        catch (OperationCanceledException)
        {
            await DropAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await DropAsync().ConfigureAwait(false);

    private async Task<StoreAnswer> ExchangeOnConnectionAsync(StoreChange? change, CancellationToken cancellation)
    {
        var connection = _connection ??= new NpgsqlConnection(_connectionText);
        if (connection.State != ConnectionState.Open)
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
        if (!_schemaThere)
            await PrepareAsync(connection, cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation).ConfigureAwait(false);
        var (id, revision) = await LockAsync(connection, cancellation).ConfigureAwait(false);
        var entries = await ReadAsync(connection, cancellation).ConfigureAwait(false);
        var applied = change is not null && change.Compare.All(c => entries.GetValueOrDefault(c.Key).Version == c.Value);
        if (applied)
        {
            revision++;
            foreach (var (key, value) in change!.Put)
            {
                await PutAsync(connection, key, value, revision, cancellation).ConfigureAwait(false);
                entries[key] = new(value, revision);
            }

            await RunAsync(connection, $"UPDATE {_table} SET version = $3 WHERE cluster = $1 AND key = $2", cancellation, _options.ClusterId, StoreKey, revision).ConfigureAwait(false);
        }

        // Also after a mere read: a lock that is let go before its reader's answer would let the answer be older than a vote.
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return new(applied, entries, new StoreStamp(id, revision), null);
    }

    private async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using (var question = new NpgsqlCommand("SELECT pg_is_in_recovery(), current_setting('fsync')", connection))
        await using (var reader = await question.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            await reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (reader.GetBoolean(0))
                throw new InvalidOperationException("this PostgreSQL server is a standby; name the primary");
            if (reader.GetString(1) != "on")
                throw new InvalidOperationException("fsync is off on this PostgreSQL server: it would forget votes in a crash");
        }

        await MakeTableAsync(connection, cancellation).ConfigureAwait(false);
        // Whatever the server's default is: an acknowledged vote must survive its crash.
        await RunAsync(connection, DurableCommit, cancellation).ConfigureAwait(false);
        await RunAsync(connection, $"INSERT INTO {_table} (cluster, key, value, version) VALUES ($1, $2, gen_random_uuid()::text, 1) ON CONFLICT DO NOTHING",
            cancellation, _options.ClusterId, StoreKey).ConfigureAwait(false);
        _schemaThere = true;
    }

    /// <summary>Both servers may come first: the one that loses the race finds the table there.</summary>
    private async Task MakeTableAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var schema = $"CREATE TABLE IF NOT EXISTS {_table} (cluster uuid NOT NULL, key text NOT NULL, value text NOT NULL, version bigint NOT NULL, PRIMARY KEY (cluster, key))";
        try
        {
            await RunAsync(connection, schema, cancellation).ConfigureAwait(false);
        }
        catch (PostgresException race) when (race.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable)
        {
            await RunAsync(connection, schema, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<(string Id, long Revision)> LockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"SELECT value, version FROM {_table} WHERE cluster = $1 AND key = $2 FOR UPDATE", connection)
        {
            Parameters = { new() { Value = _options.ClusterId }, new() { Value = StoreKey } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        if (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            return (reader.GetString(0), reader.GetInt64(1));
        _schemaThere = false;
        throw new InvalidOperationException($"the row of this cluster is gone from {_table}");
    }

    private async Task<Dictionary<string, StoreEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"SELECT key, value, version FROM {_table} WHERE cluster = $1 AND key <> $2", connection)
        {
            Parameters = { new() { Value = _options.ClusterId }, new() { Value = StoreKey } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var entries = new Dictionary<string, StoreEntry>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            entries[reader.GetString(0)] = new(reader.GetString(1), reader.GetInt64(2));
        return entries;
    }

    private Task PutAsync(NpgsqlConnection connection, string key, string value, long version, CancellationToken cancellation) => RunAsync(
        connection, $"INSERT INTO {_table} (cluster, key, value, version) VALUES ($1, $2, $3, $4) ON CONFLICT (cluster, key) DO UPDATE SET value = $3, version = $4",
        cancellation, _options.ClusterId, key, value, version);

    private static async Task RunAsync(NpgsqlConnection connection, string text, CancellationToken cancellation, params object[] values)
    {
        await using var command = new NpgsqlCommand(text, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private async Task DropAsync()
    {
        if (_connection is not { } connection)
            return;
        _connection = null;
        _schemaThere = false;
        try
        {
            await connection.DisposeAsync().AsTask().WaitAsync(_options.Timeout, _time).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is NpgsqlException or SocketException or IOException or InvalidOperationException or TimeoutException)
        {
            // The exchange that was given up may still use it. The connection is gone either way, and what it would have said no longer counts.
        }
    }
}
