using System.Globalization;
using Npgsql;

namespace ClusterActors.Persistence.PostgreSql;

/// <summary>
/// The tables, and the rows of <c>store</c> that say what they are: mark, version, id and owner. Nothing that is found in a database
/// is ever moved or replaced: what does not fit is refused, because the database belongs to an administrator.
/// </summary>
internal static class PostgreSqlSchema
{
    /// <summary>Value of the row <c>mark</c>. Any other is someone else's table.</summary>
    private const string Mark = "clusteractors-journal";

    /// <summary>Value of the row <c>version</c> for the tables below.</summary>
    private const int Version = 1;

    private const string Tables =
        """
        CREATE SCHEMA IF NOT EXISTS {schema};
        CREATE TABLE {schema}.streams (
            id      text   PRIMARY KEY,
            epoch   bigint NOT NULL CHECK (epoch >= 0),
            highest bigint NOT NULL CHECK (highest >= 0),
            deleted bigint NOT NULL CHECK (deleted BETWEEN 0 AND highest)
        );
        CREATE TABLE {schema}.events (
            id       text   NOT NULL,
            seq      bigint NOT NULL CHECK (seq >= 1),
            epoch    bigint NOT NULL,
            manifest text   NOT NULL,
            version  int    NOT NULL,
            at       bigint NOT NULL,
            crc      bigint NOT NULL,
            payload  bytea  NOT NULL,
            PRIMARY KEY (id, seq)
        );
        CREATE TABLE {schema}.snapshots (
            id       text   NOT NULL,
            seq      bigint NOT NULL CHECK (seq >= 1),
            manifest text   NOT NULL,
            version  int    NOT NULL,
            at       bigint NOT NULL,
            crc      bigint NOT NULL,
            payload  bytea  NOT NULL,
            PRIMARY KEY (id, seq)
        );
        CREATE TABLE {schema}.store (
            name  text PRIMARY KEY,
            value text NOT NULL
        );
        """;

    /// <summary>Checks the server and the tables, making them where there are none.</summary>
    /// <exception cref="JournalException">Another owner, another version, not ours, or a server that does not keep what it confirms.</exception>
    public static StoreOpening Prepare(PostgreSqlConnection connection, PostgreSqlStoreOptions options)
    {
        RequireServer(connection, options);
        connection.Begin();
        // Two that find no tables must not both make them.
        connection.Execute("SELECT pg_advisory_xact_lock(1129271370)");
        var opening = Inspect(connection, options);
        connection.Commit();
        return opening;
    }

    private static StoreOpening Inspect(PostgreSqlConnection connection, PostgreSqlStoreOptions options)
    {
        var tables = connection.Text(
            "SELECT string_agg(table_name, ',' ORDER BY table_name) FROM information_schema.tables WHERE table_schema = $1", Parameter(options.Schema));
        return tables switch
        {
            "" => Create(connection, options),
            "events,snapshots,store,streams" => Accept(connection, options),
            _ => throw Refusal(options, $"holds the tables {tables}; allowed are exactly events, snapshots, store and streams, or none: give the journal a schema of its own"),
        };
    }

    private static StoreOpening Create(PostgreSqlConnection connection, PostgreSqlStoreOptions options)
    {
        connection.Execute(Tables);
        var id = Guid.NewGuid().ToString("N");
        connection.Execute(
            "INSERT INTO {schema}.store VALUES ('mark', $1), ('version', $2), ('id', $3), ('owner', $4)",
            Parameter(Mark), Parameter(Version.ToString(CultureInfo.InvariantCulture)), Parameter(id), Parameter(options.Owner));
        return new StoreOpening(StoreFinding.Created, $"schema {options.Schema} held no journal; an empty one was made", null, id);
    }

    private static StoreOpening Accept(PostgreSqlConnection connection, PostgreSqlStoreOptions options)
    {
        if (Value(connection, "mark") != Mark)
        {
            throw Refusal(options, "holds tables of these names that are not a journal of ClusterActors: give the journal a schema of its own");
        }

        var version = Value(connection, "version");
        if (version != Version.ToString(CultureInfo.InvariantCulture))
        {
            throw Refusal(options, $"has schema version {version}; this program reads {Version}: use the program that wrote it");
        }

        var owner = Value(connection, "owner");
        return owner == options.Owner
            ? new StoreOpening(StoreFinding.Intact, $"schema {options.Schema} holds the journal of {owner}", null, Value(connection, "id"))
            : throw Refusal(options, $"is the journal of {owner}, and this is {options.Owner}: each server needs a database or a schema of its own");
    }

    private static void RequireServer(PostgreSqlConnection connection, PostgreSqlStoreOptions options)
    {
        if (connection.Text("SELECT pg_is_in_recovery()") != "False")
        {
            throw Refusal(options, "lies on a standby server that takes no writes: name the primary");
        }

        if (connection.Text("SHOW fsync") != "on")
        {
            throw Refusal(options, "lies on a server with fsync = off, which confirms what it has not stored: set fsync = on");
        }

        if (connection.Text("SHOW server_encoding") is not "UTF8" and var encoding)
        {
            throw Refusal(options, $"lies in a database with encoding {encoding}; UTF8 is needed: make the database with ENCODING 'UTF8'");
        }
    }

    private static string Value(PostgreSqlConnection connection, string name) => connection.Text("SELECT value FROM {schema}.store WHERE name = $1", Parameter(name));

    private static NpgsqlParameter Parameter(string value) => new NpgsqlParameter<string> { TypedValue = value };

    private static JournalException Refusal(PostgreSqlStoreOptions options, string what) => new(JournalFault.Refused, $"journal: schema {options.Schema} {what}");
}
