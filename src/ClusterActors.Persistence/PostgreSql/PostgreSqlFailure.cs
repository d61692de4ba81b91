using System.Net.Sockets;
using Npgsql;

namespace ClusterActors.Persistence.PostgreSql;

/// <summary>What the server, or the way to it, answered instead of a result.</summary>
/// <param name="what">In words.</param>
/// <param name="state">SQLSTATE of the server; empty when there was no answer.</param>
internal sealed class PostgreSqlFailure(string what, string state, Exception? inner) : Exception(what, inner)
{
    /// <summary>SQLSTATE of the server's answer, empty without an answer.</summary>
    public string State { get; } = state;

    /// <summary>The server refused the statement and the connection lives: what the transaction had done is undone for certain.</summary>
    public bool IsAnswer => State.Length == 5 && !EndsConnection;

    /// <summary>The stored data itself is at fault (class XX, internal error: a damaged page or index).</summary>
    public bool SaysDamaged => State is "XX001" or "XX002";

    private bool EndsConnection => State.StartsWith("08", StringComparison.Ordinal) || State.StartsWith("57P", StringComparison.Ordinal)
        || State is "25P03" or "25P04";

    /// <summary>What went wrong below a call of the driver; null when it is no failure of server or network but a defect of ours.</summary>
    public static PostgreSqlFailure? From(Exception e) => e switch
    {
        PostgresException p => new PostgreSqlFailure($"{p.MessageText} ({p.SqlState})", p.SqlState, p),
        NpgsqlException n => new PostgreSqlFailure(n.InnerException is { } inner ? $"{n.Message}: {inner.Message}" : n.Message, "", n),
        SocketException or IOException or TimeoutException => new PostgreSqlFailure(e.Message, "", e),
        // How the driver speaks of a connection that it closed itself after a fault.
        InvalidOperationException or ObjectDisposedException => new PostgreSqlFailure(e.Message, "", e),
        _ => null,
    };

    public string Remedy => State switch
    {
        "53100" => "free space on the database server's file system",
        "28P01" or "28000" => "check user and password in the connection string and pg_hba.conf",
        "3D000" => "make the database, or name the right one in the connection string",
        "42501" => "give the user the right to create and use the schema",
        _ when SaysDamaged => "restore the database, or make an empty one: this server then takes its state from a peer",
        _ => "check the database server and the network to it",
    };
}
