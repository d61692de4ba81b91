namespace ClusterActors.Persistence.PostgreSql;

/// <summary>Where a <see cref="PostgreSqlStore"/> lives, and its bounds.</summary>
public sealed record PostgreSqlStoreOptions
{
    /// <summary>Connection string in Npgsql's form, such as <c>Host=db1;Database=clp;Username=clp;Password=...</c>.</summary>
    public required string Connection { get; init; }

    /// <summary>
    /// Whose store this is: cluster and server. Written at creation and compared at each opening, so that two servers that were given
    /// the same database by mistake find out before one reads the other's state as its own.
    /// </summary>
    public required string Owner { get; init; }

    /// <summary>The schema that holds the tables; made when it is missing. Default <c>clp</c>.</summary>
    public string Schema { get; init; } = "clp";

    /// <summary>Requests that may wait for the writer, and as many for the reader; further ones fail with QueueFull. Default 10,000.</summary>
    public int QueueCapacity { get; init; } = 10_000;

    /// <summary>How long one statement, and one attempt to connect, may take. Default 5 s, at least 1 s (the server counts in whole seconds).</summary>
    public TimeSpan StatementLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an opening tries to reach the server before it fails. Default 20 s.</summary>
    public TimeSpan OpeningLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Pause between two attempts of an opening. Default 500 ms.</summary>
    public TimeSpan OpeningPause { get; init; } = TimeSpan.FromMilliseconds(500);
}
