using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Voting;
using ClusterActors.Simulation.Running;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Daemon;

/// <summary>The way of one daemon to the vote store, with the time limit that the real ones have.</summary>
internal sealed class SimStoreClient(DaemonProcess daemon) : IVoteStore
{
    private readonly TimeSpan _limit = StoreTimes.Limit(daemon.Config.Heartbeat, SimCluster.StoreRoundTrip(daemon.Config.Heartbeat), SimCluster.StoreTimeout);

    public string Name => SimCluster.StoreName;

    public string Type => "etcd";

    public async Task<StoreAnswer> ExchangeAsync(StoreChange? change, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<StoreAnswer>();
        void Answer(StoreAnswer said) => HereAndNow.Run(() => answer.TrySetResult(said));
        var limit = new SimTimer(daemon.Timers, () => Answer(StoreAnswer.Failed($"no answer within {_limit.TotalMilliseconds:0} ms")));
        limit.SetAt(daemon.Machine.Clock.Local + (_limit.Ticks * 100));
        daemon.World.Store.Ask(daemon.Machine.Index, change, said => daemon.Post(() => Answer(said)));
        using (cancellation.Register(() => Answer(StoreAnswer.Failed("the daemon ends"))))
        {
            try
            {
                return await answer.Task.ConfigureAwait(false);
            }
            finally
            {
                limit.Cancel();
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
