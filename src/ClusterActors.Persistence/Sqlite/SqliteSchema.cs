namespace ClusterActors.Persistence.Sqlite;

/// <summary>The tables, and the two numbers in the file header that say whose file it is and in which version.</summary>
internal static class SqliteSchema
{
    /// <summary><c>PRAGMA application_id</c>: the letters "CLPJ". Any other value is someone else's database.</summary>
    public const int ApplicationId = 0x434C504A;

    /// <summary><c>PRAGMA user_version</c> of the tables below.</summary>
    public const int Version = 1;

    /// <summary>
    /// STRICT: a value of the wrong type is refused by SQLite itself. The primary key (stream, seq) is the last line of defence
    /// against two writers; the writer epoch in <c>streams</c> is the first.
    /// </summary>
    private static readonly string[] Tables =
    [
        """
        CREATE TABLE streams (
            stream  INTEGER PRIMARY KEY,
            id      TEXT    NOT NULL UNIQUE,
            epoch   INTEGER NOT NULL CHECK (epoch >= 0),
            highest INTEGER NOT NULL CHECK (highest >= 0),
            deleted INTEGER NOT NULL CHECK (deleted BETWEEN 0 AND highest)
        ) STRICT
        """,
        """
        CREATE TABLE events (
            stream   INTEGER NOT NULL,
            seq      INTEGER NOT NULL CHECK (seq >= 1),
            epoch    INTEGER NOT NULL,
            manifest TEXT    NOT NULL,
            version  INTEGER NOT NULL,
            at       INTEGER NOT NULL,
            crc      INTEGER NOT NULL,
            payload  BLOB    NOT NULL,
            PRIMARY KEY (stream, seq)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE snapshots (
            stream   INTEGER NOT NULL,
            seq      INTEGER NOT NULL CHECK (seq >= 1),
            manifest TEXT    NOT NULL,
            version  INTEGER NOT NULL,
            at       INTEGER NOT NULL,
            crc      INTEGER NOT NULL,
            payload  BLOB    NOT NULL,
            PRIMARY KEY (stream, seq)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE store (
            name  TEXT NOT NULL PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ];

    public static void Create(SqliteConnection connection, string storeId)
    {
        connection.Execute("BEGIN IMMEDIATE");
        foreach (var table in Tables)
        {
            connection.Execute(table);
        }

        // The id is hexadecimal text made by the program, so it can stand inside the statement.
        connection.Execute($"INSERT INTO store VALUES ('id', '{storeId}')");
        connection.Execute($"PRAGMA application_id = {ApplicationId}");
        connection.Execute($"PRAGMA user_version = {Version}");
        connection.Execute("COMMIT");
    }

    public static bool IsComplete(SqliteConnection connection) =>
        connection.QueryLong("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('streams', 'events', 'snapshots', 'store')") == Tables.Length
        && connection.QueryLong("SELECT count(*) FROM store WHERE name = 'id'") == 1;

    /// <summary>
    /// WAL with synchronous=FULL: each commit forces the log to the disk before it returns. A checkpoint every 1,000 pages keeps the
    /// log near 4 MB; it is cut back to 16 MB after a burst.
    /// </summary>
    public static void Configure(SqliteConnection connection)
    {
        if (connection.QueryText("PRAGMA journal_mode = WAL") != "wal")
        {
            throw new SqliteFailure(1, 1, "the file system refuses the write-ahead log (shared memory is needed); use a local file system");
        }

        connection.Execute("PRAGMA synchronous = FULL");
        connection.Execute("PRAGMA wal_autocheckpoint = 1000");
        connection.Execute("PRAGMA journal_size_limit = 16777216");
        connection.Execute("PRAGMA trusted_schema = OFF");
        connection.Execute("PRAGMA cell_size_check = ON");
    }
}
