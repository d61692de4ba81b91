using ClusterActors.Persistence.PostgreSql;
using Npgsql;

namespace ClusterActors.Persistence.Tests.PostgreSql;

/// <summary>A schema of its own for one test, and what a test does to it behind the store's back.</summary>
internal sealed class PostgreSqlSchemas(PostgreSqlServer server)
{
    private static int s_count;

    public string Name { get; } = $"test{Interlocked.Increment(ref s_count)}";

    public PostgreSqlStoreOptions Options => new()
    {
        Connection = $"{server.Connection};Application Name={Name}",
        Owner = "cluster1/server1",
        Schema = Name,
        OpeningLimit = TimeSpan.Zero,
    };

    public Task<PostgreSqlStore> Open(PostgreSqlStoreOptions? options = null) =>
        PostgreSqlStore.OpenAsync(options ?? Options, TimeProvider.System, TestContext.Current.CancellationToken);

    public object? Sql(string text)
    {
        using var connection = new NpgsqlConnection($"{server.Connection};Pooling=false;Search Path={Name}");
        connection.Open();
        using var command = new NpgsqlCommand(text, connection);
        return command.ExecuteScalar();
    }

    /// <summary>Ends every session of this test's store, as a restart of the database server does.</summary>
    public void EndSessions() => Sql($"SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = '{Name}'");
}
