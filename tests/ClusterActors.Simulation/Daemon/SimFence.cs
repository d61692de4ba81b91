using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Running;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Daemon;

/// <summary>The fence arbiter of one daemon: an agent that takes its time to start, asks the switch and waits for the answer within a limit.</summary>
internal sealed class SimFence(DaemonProcess daemon) : IProofArbiter
{
    private readonly Chance _chance = daemon.World.ChanceFor($"fence of {daemon.Name} at {daemon.World.Now}");

    public string Name => SimCluster.FenceName;

    public string Type => "fence";

    public bool Covers(ServerName server) => true;

    public Task<ProofAnswer> ExcludeAsync(ServerName server, CancellationToken cancellation)
    {
        SimMachine target = MachineOf(server);
        daemon.World.Shots.Asked(daemon.Machine, target);
        return AskAsync(target, off: true, cancellation);
    }

    public Task<ProofAnswer> CheckAsync(ServerName server, CancellationToken cancellation) => AskAsync(MachineOf(server), off: false, cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private SimMachine MachineOf(ServerName server) => daemon.World.Machines.First(m => m.Name == server);

    private async Task<ProofAnswer> AskAsync(SimMachine target, bool off, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<ProofAnswer>();
        void Answer(ProofAnswer said) => HereAndNow.Run(() => answer.TrySetResult(said));
        var limit = new SimTimer(daemon.Timers, () => Answer(new ProofAnswer(false, $"no answer within {SimCluster.FenceTimeout.TotalSeconds} s")));
        limit.SetAt(daemon.Machine.Clock.Local + (SimCluster.FenceTimeout.Ticks * 100));
        daemon.PostAfter(
            _chance.Between(TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(400)),
            () => daemon.World.Switch.Ask(daemon.Machine, target, off, said => daemon.Post(() => Answer(said))));
        using (cancellation.Register(() => Answer(new ProofAnswer(false, "the daemon ends"))))
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
}
