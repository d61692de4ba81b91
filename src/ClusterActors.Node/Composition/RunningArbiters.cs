using ClusterActors.Arbiters;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Node.Composition;

/// <summary>The arbiters of this daemon's life; ended with it, together with what they still run.</summary>
internal sealed class RunningArbiters(IReadOnlyList<IArbiter> all) : IAsyncDisposable
{
    public IReadOnlyList<IArbiter> All { get; } = all;

    public static RunningArbiters Create(ClusterConfig config, ServerName self, Guid clusterId, TimeProvider time, Action<string> note) =>
        new(ArbiterFactory.Create(config, self, clusterId, time, note));

    public async ValueTask DisposeAsync()
    {
        foreach (var arbiter in All)
            await arbiter.DisposeAsync().ConfigureAwait(false);
    }
}
