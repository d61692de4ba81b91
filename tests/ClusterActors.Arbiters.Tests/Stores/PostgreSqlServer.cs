using ClusterActors.Arbiters.PostgreSql;

namespace ClusterActors.Arbiters.Tests.Stores;

/// <summary>One PostgreSQL server for the tests of a class; Debian package postgresql.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private const string Versions = "/usr/lib/postgresql";
    private const string Account = "postgres";
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-pg-").FullName;
    private readonly string? _programs = Directory.Exists(Versions)
        ? Directory.GetDirectories(Versions).Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    private ServerProcess? _process;

    public bool IsInstalled => _programs is not null;

    public string Connection { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (_programs is null)
            return;
        var data = Path.Combine(_folder, "data");
        if (Environment.IsPrivilegedProcess)
            await ServerProcess.RunAsync("/bin/chown", [Account, _folder]);
        await RunAsync("initdb", "--pgdata", data, "--username", Account, "--auth", "trust", "--no-sync", "--locale", "C");
        var port = ServerProcess.FreePort();
        var arguments = AsAccount("postgres", "-D", data, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={_folder}");
        _process = ServerProcess.Start(arguments[0], [.. arguments.Skip(1)]);
        Connection = $"Host=127.0.0.1;Port={port};Username={Account};Database={Account}";
        await _process.UntilAsync("PostgreSQL", async () =>
        {
            await using var store = Open(Guid.NewGuid());
            return (await store.ExchangeAsync(null, TestContext.Current.CancellationToken)).Problem is null;
        });
    }

    public PostgreSqlVoteStore Open(Guid cluster, string table = "clp_votes") =>
        new("pg", new PostgreSqlOptions(Connection, table, cluster, TimeSpan.FromSeconds(10)), TimeProvider.System);

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        Directory.Delete(_folder, true);
        return ValueTask.CompletedTask;
    }

    private Task<string> RunAsync(string program, params string[] arguments)
    {
        var all = AsAccount(program, arguments);
        return ServerProcess.RunAsync(all[0], [.. all.Skip(1)]);
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private string[] AsAccount(string program, params string[] arguments)
    {
        string[] own = [Path.Combine(_programs!, program), .. arguments];
        return Environment.IsPrivilegedProcess ? ["/usr/bin/setpriv", "--reuid", Account, "--regid", Account, "--clear-groups", .. own] : own;
    }
}
