namespace ClusterActors.Model;

/// <summary>Which store keeps the daemon's journal.</summary>
public enum JournalKind
{
    /// <summary>A file on this server.</summary>
    Sqlite = 0,

    /// <summary>A schema in a PostgreSQL database.</summary>
    Postgresql = 1,
}

/// <param name="Kind">Which store.</param>
/// <param name="Connection">Connection string of the database, may hold a password; null with <see cref="JournalKind.Sqlite"/>.</param>
/// <param name="Schema">Schema of the database that holds this server's tables.</param>
public sealed record JournalConfig(JournalKind Kind, string? Connection, string Schema)
{
    /// <summary>The journal in a local file.</summary>
    public static JournalConfig LocalFile { get; } = new(JournalKind.Sqlite, null, "");
}
