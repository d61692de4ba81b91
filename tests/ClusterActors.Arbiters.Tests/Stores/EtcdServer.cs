using ClusterActors.Arbiters.Etcd;

namespace ClusterActors.Arbiters.Tests.Stores;

/// <summary>One etcd member for the tests of a class; Debian package etcd-server.</summary>
public sealed class EtcdServer : IAsyncLifetime
{
    private const string Program = "/usr/bin/etcd";
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-etcd-").FullName;
    private ServerProcess? _process;

    public bool IsInstalled => File.Exists(Program);

    public Uri Endpoint { get; private set; } = null!;

    internal ServerProcess Process => _process!;

    public async ValueTask InitializeAsync()
    {
        if (!IsInstalled)
            return;
        Endpoint = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var peer = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        _process = ServerProcess.Start(Program,
        [
            "--name", "test", "--data-dir", _folder, "--listen-client-urls", Endpoint.GetLeftPart(UriPartial.Authority), "--advertise-client-urls", Endpoint.GetLeftPart(UriPartial.Authority),
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"test={peer}",
        ]);
        await _process.UntilAsync("etcd", async () =>
        {
            await using var store = Open(Guid.NewGuid(), [Endpoint]);
            return (await store.ExchangeAsync(null, TestContext.Current.CancellationToken)).Problem is null;
        });
    }

    public EtcdVoteStore Open(Guid cluster, IReadOnlyList<Uri> endpoints) =>
        new("etcd", new EtcdOptions(endpoints, "/clusteractors", cluster, TimeSpan.FromSeconds(10)), TimeProvider.System);

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        Directory.Delete(_folder, true);
        return ValueTask.CompletedTask;
    }
}
