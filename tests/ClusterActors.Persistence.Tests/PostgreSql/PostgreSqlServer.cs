using ClusterActors.TestKit.PostgreSql;

[assembly: AssemblyFixture(typeof(ClusterActors.Persistence.Tests.PostgreSql.PostgreSqlServer))]

namespace ClusterActors.Persistence.Tests.PostgreSql;

/// <summary>One <see cref="ScratchPostgreSql"/> for all tests of this run, started by the first that needs it.</summary>
public sealed class PostgreSqlServer : IDisposable
{
    private readonly Lazy<ScratchPostgreSql> _running = new(() => ScratchPostgreSql.Start());

    /// <summary>The socket's folder. Skips the calling test when the package is missing.</summary>
    public string Directory
    {
        get
        {
            Assert.SkipWhen(ScratchPostgreSql.MissingReason is not null, ScratchPostgreSql.MissingReason ?? "");
            return _running.Value.Directory;
        }
    }

    public string SocketPath => Path.Combine(Directory, ".s.PGSQL.5432");

    public string Connection => $"Host={Directory};Username=clp;Database=postgres";

    public void Dispose()
    {
        if (_running.IsValueCreated)
            _running.Value.Dispose();
    }
}
