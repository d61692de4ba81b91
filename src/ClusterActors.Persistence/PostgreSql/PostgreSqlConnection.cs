using System.Globalization;
using Npgsql;

namespace ClusterActors.Persistence.PostgreSql;

/// <summary>
/// One connection, used by one thread, never shared and never from a pool. Its session ends by itself when this side is gone: an open
/// transaction of a server that lost its network keeps its row locks only for <see cref="PostgreSqlStoreOptions.StatementLimit"/>.
/// </summary>
internal sealed class PostgreSqlConnection : IDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly string _schema;
    private NpgsqlTransaction? _transaction;

    private PostgreSqlConnection(NpgsqlConnection connection, string schema)
    {
        _connection = connection;
        _schema = schema;
    }

    /// <summary>False once the driver has given the connection up.</summary>
    public bool Lives => _connection.FullState == System.Data.ConnectionState.Open;

    public static PostgreSqlConnection Open(PostgreSqlStoreOptions options)
    {
        var connection = new NpgsqlConnection(ConnectionString(options));
        try
        {
            connection.Open();
            var own = new PostgreSqlConnection(connection, options.Schema);
            own.Configure(options);
            return own;
        }
        catch (Exception e) when (PostgreSqlFailure.From(e) is PostgreSqlFailure failure)
        {
            connection.Dispose();
            throw failure;
        }
    }

    /// <summary>A statement that is executed often; <c>{schema}</c> in the text stands for the schema.</summary>
    public NpgsqlCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql.Replace("{schema}", $"\"{_schema}\"", StringComparison.Ordinal), _connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    /// <summary>Runs a call of the driver and translates its failures.</summary>
    public static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is not JournalException && PostgreSqlFailure.From(e) is PostgreSqlFailure failure)
        {
            throw failure;
        }
    }

    public void Begin() => _transaction = Guard(_connection.BeginTransaction);

    /// <summary>Returns when the server has forced the transaction out. A failure of any kind leaves open whether it did.</summary>
    public void Commit() => Guard(() =>
    {
        _transaction!.Commit();
        return true;
    });

    public void Rollback() => Guard(() =>
    {
        _transaction!.Rollback();
        return true;
    });

    public void Execute(string sql, params NpgsqlParameter[] parameters) => Guard(() =>
    {
        using var command = Command(sql, parameters);
        return command.ExecuteNonQuery();
    });

    public string Text(string sql, params NpgsqlParameter[] parameters) => Guard(() =>
    {
        using var command = Command(sql, parameters);
        return command.ExecuteScalar() is { } value and not DBNull ? Convert.ToString(value, CultureInfo.InvariantCulture)! : "";
    });

    public void Dispose() => _connection.Dispose();

    private static string ConnectionString(PostgreSqlStoreOptions options)
    {
        var seconds = Seconds(options.StatementLimit);
        var written = new NpgsqlConnectionStringBuilder(options.Connection);
        return new NpgsqlConnectionStringBuilder(options.Connection)
        {
            ApplicationName = written.ApplicationName ?? "clpd",
            Pooling = false,
            Enlist = false,
            Timeout = seconds,
            // The server's own limit (statement_timeout) comes first; this one is for a server that does not answer at all.
            CommandTimeout = seconds + 1,
            CancellationTimeout = 500,
            TcpKeepAlive = true,
            MaxAutoPrepare = 20,
            AutoPrepareMinUsages = 2,
        }.ConnectionString;
    }

    private static int Seconds(TimeSpan limit) => Math.Max(1, (int)Math.Ceiling(limit.TotalSeconds));

    /// <summary>A confirmation must mean the same as with a local file: forced to stable storage, whatever the server's default is.</summary>
    private void Configure(PostgreSqlStoreOptions options)
    {
        var limit = Seconds(options.StatementLimit) * 1000;
        Execute(string.Create(
            CultureInfo.InvariantCulture,
            $"SET statement_timeout = {limit}; SET lock_timeout = {limit}; SET idle_in_transaction_session_timeout = {limit}"));
        if (Text("SHOW synchronous_commit") is "off" or "local")
        {
            Execute("SET synchronous_commit = on");
        }
    }
}
