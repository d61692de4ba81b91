using ClusterActors.Arbiters.PostgreSql;
using ClusterActors.TestKit.PostgreSql;

namespace ClusterActors.Arbiters.Tests.Stores;

/// <summary>One PostgreSQL server for the tests of a class.</summary>
public sealed class PostgreSqlServer : IDisposable
{
    private readonly ScratchPostgreSql? _server = ScratchPostgreSql.MissingReason is null ? ScratchPostgreSql.Start() : null;

    /// <summary>Skips the calling test when the package is missing.</summary>
    public string Connection
    {
        get
        {
            Assert.SkipWhen(_server is null, ScratchPostgreSql.MissingReason ?? "");
            return $"Host={_server!.Directory};Username=clp;Database=postgres";
        }
    }

    public PostgreSqlVoteStore Open(Guid cluster, string table = "clp_votes") =>
        new("pg", new PostgreSqlOptions(Connection, table, cluster, TimeSpan.FromSeconds(10)), TimeProvider.System);

    public void Dispose() => _server?.Dispose();
}
