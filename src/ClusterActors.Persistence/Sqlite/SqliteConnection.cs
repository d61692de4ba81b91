using SQLitePCL;

namespace ClusterActors.Persistence.Sqlite;

/// <summary>An error that SQLite reported, with its primary result code.</summary>
internal sealed class SqliteFailure(int code, int extendedCode, string message) : Exception(message)
{
    /// <summary>Primary result code, such as <c>SQLITE_FULL</c> (13).</summary>
    public int Code { get; } = code;

    public int ExtendedCode { get; } = extendedCode;

    /// <summary>The file itself is at fault: not a database, or its structure is broken.</summary>
    public bool SaysDamaged => Code is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;
}

/// <summary>
/// One connection to the database, used by one thread. A thin layer over the SQLite C interface: the journal executes a handful of
/// prepared statements very often, and this way a row costs no allocation besides its own data.
/// </summary>
internal sealed class SqliteConnection : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly List<SqliteStatement> _statements = [];

    static SqliteConnection() => Batteries_V2.Init();

    public SqliteConnection(string path, bool create)
    {
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_PRIVATECACHE | (create ? raw.SQLITE_OPEN_CREATE : 0);
        var code = raw.sqlite3_open_v2(path, out _handle, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var text = _handle is null ? raw.sqlite3_errstr(code).utf8_to_string() : raw.sqlite3_errmsg(_handle).utf8_to_string();
            _handle?.Dispose();
            throw new SqliteFailure(code & 0xff, code, text);
        }

        _ = raw.sqlite3_extended_result_codes(_handle, 1);
        _ = raw.sqlite3_busy_timeout(_handle, 2000);
    }

    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>False while a transaction is open.</summary>
    public bool AutoCommit => raw.sqlite3_get_autocommit(_handle) != 0;

    public SqliteStatement Prepare(string sql)
    {
        Require(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
        var statement = new SqliteStatement(this, handle);
        _statements.Add(statement);
        return statement;
    }

    public void Execute(string sql)
    {
        using var statement = Once(sql);
        while (statement.Step())
        {
        }
    }

    public long QueryLong(string sql)
    {
        using var statement = Once(sql);
        return statement.Step() ? statement.Long(0) : 0;
    }

    public string QueryText(string sql)
    {
        using var statement = Once(sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    public void Require(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw new SqliteFailure(code & 0xff, raw.sqlite3_extended_errcode(_handle), raw.sqlite3_errmsg(_handle).utf8_to_string());
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _ = raw.sqlite3_close_v2(_handle);
        _handle.Dispose();
    }

    private SqliteStatement Once(string sql)
    {
        Require(raw.sqlite3_prepare_v2(_handle, sql, out var handle));
        return new SqliteStatement(this, handle);
    }
}

/// <summary>A prepared statement; parameters count from 1, columns from 0.</summary>
internal sealed class SqliteStatement(SqliteConnection connection, sqlite3_stmt handle) : IDisposable
{
    public SqliteStatement Bind(int index, long value)
    {
        connection.Require(raw.sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, string value)
    {
        connection.Require(raw.sqlite3_bind_text(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        connection.Require(raw.sqlite3_bind_blob(handle, index, value));
        return this;
    }

    /// <summary>True: a row is there. False: done.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        connection.Require(code);
        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs a statement that returns no rows and makes it ready for the next use.</summary>
    public void Run()
    {
        try
        {
            while (Step())
            {
            }
        }
        finally
        {
            Reset();
        }
    }

    public long Long(int column) => raw.sqlite3_column_int64(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    public byte[] Blob(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    // The code that a reset returns repeats the error of the last step, which has been reported already.
    public void Reset() => _ = raw.sqlite3_reset(handle);

    public void Dispose() => handle.Dispose();
}
