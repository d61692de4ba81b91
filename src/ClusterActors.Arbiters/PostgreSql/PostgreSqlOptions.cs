namespace ClusterActors.Arbiters.PostgreSql;

/// <param name="Connection">Connection string of Npgsql: Host, Database, Username, Password ...; several hosts may be named.</param>
/// <param name="Table">Name of the table, made when it is not there.</param>
/// <param name="ClusterId">Id of this ClusterActors cluster; its rows carry it.</param>
/// <param name="Timeout">Longest time for one exchange, connecting included.</param>
public sealed record PostgreSqlOptions(string Connection, string Table, Guid ClusterId, TimeSpan Timeout)
{
    /// <summary>Longest time for one exchange on a connection that works; null = the timeout. Making a connection may take that whole time.</summary>
    public TimeSpan? Limit { get; init; }
}
