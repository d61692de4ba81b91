using ClusterActors.Model;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>A fence device of the test world: switches servers off for real, as far as the world is real.</summary>
internal sealed class FakeFence(World world) : IProofArbiter
{
    private static readonly TimeSpan Takes = TimeSpan.FromSeconds(1);

    public string Name => "power";

    public string Type => "fence";

    public bool IsBroken { get; set; }

    public List<string> Shots { get; } = [];

    public int Checks { get; private set; }

    public bool Covers(ServerName server) => true;

    public async Task<ProofAnswer> ExcludeAsync(ServerName server, CancellationToken cancellation)
    {
        Shots.Add($"{server} at {world.Now.TotalSeconds:0.0}");
        await world.Delay(Takes, cancellation);
        if (IsBroken)
            return new(false, "device does not answer");
        if (world.Guardians[world.Config.IndexOf(server)].IsAlive)
            world.PowerOff(world.Config.IndexOf(server));
        return new(true, "status says off");
    }

    public Task<ProofAnswer> CheckAsync(ServerName server, CancellationToken cancellation)
    {
        Checks++;
        return Task.FromResult(IsBroken ? new ProofAnswer(false, "device does not answer") : new ProofAnswer(true, "on"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class FakePing : IVetoArbiter
{
    public string Name => "gateway";

    public string Type => "ping";

    public bool IsIsolated { get; set; }

    public int Asked { get; private set; }

    public Task<VetoAnswer> AskAsync(CancellationToken cancellation)
    {
        Asked++;
        return Task.FromResult(new VetoAnswer(IsIsolated, IsIsolated ? "none of the targets answers" : "10.77.1.254 answers"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One server's way to a store that both share; it can be cut on its own.</summary>
internal sealed class FakeStore(FakeStore.Shared shared) : IVoteStore
{
    public string Name => "etcd";

    public string Type => "etcd";

    public bool IsCut { get; set; }

    /// <summary>Makes the next change and gives no answer to it; how long that is waited for.</summary>
    public Func<Task>? Loses { get; set; }

    public async Task<StoreAnswer> ExchangeAsync(StoreChange? change, CancellationToken cancellation)
    {
        if (IsCut)
            return StoreAnswer.Failed("no answer within 2000 ms");
        var answer = shared.Exchange(change);
        if (change is null || Loses is not { } lost)
            return answer;
        Loses = null;
        await lost();
        return StoreAnswer.Failed("no answer within 1000 ms");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal sealed class Shared
    {
        private readonly Dictionary<string, StoreEntry> _entries = [];
        private long _revision = 1;

        public IReadOnlyDictionary<string, StoreEntry> Entries => _entries;

        public StoreAnswer Exchange(StoreChange? change)
        {
            var applied = change is not null && change.Compare.All(c => _entries.GetValueOrDefault(c.Key).Version == c.Value);
            if (applied)
            {
                _revision++;
                foreach (var (key, value) in change!.Put)
                    _entries[key] = new(value, _revision);
            }

            return new(applied, new Dictionary<string, StoreEntry>(_entries), new StoreStamp("a", _revision), null);
        }
    }
}
