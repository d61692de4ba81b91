using ClusterActors.Actors;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Simulation.Daemon;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Faults;

/// <summary>What he wants of a server as a whole, or of the cluster: standby, maintenance, suspend, a ratio of the timeouts.</summary>
internal sealed partial class Administrator
{
    /// <summary>The product answers after 10 s that nothing was stored.</summary>
    private static readonly TimeSpan WishLimit = TimeSpan.FromSeconds(15);

    /// <summary>To every server: all but the coordinator refuse it.</summary>
    public void Wish(WishVerb verb, ServerName? server = null, int ratio = 1, TimeSpan time = default)
    {
        world.Note($"administrator: {verb} {server?.Value ?? "the cluster"}{(ratio > 1 ? $" by {ratio}" : "")}");
        world.WishesWereGiven = true;
        foreach (SimMachine machine in world.Machines)
            Wish(machine, verb, server, ratio, time);
    }

    /// <summary>A wish that its end has not reached, as while there was no coordinator, would last for the rest of the run.</summary>
    public void EndWishes(ClusterWishes wishes)
    {
        if (wishes.Suspended)
            Wish(WishVerb.Resume);
        if (wishes.Ratio > 1)
            Wish(WishVerb.Normal);
        foreach (ServerWish wish in wishes.Servers)
            Wish(WishVerb.ResumeServer, wish.Server);
    }

    private void Wish(SimMachine machine, WishVerb verb, ServerName? server, int ratio, TimeSpan time)
    {
        if (machine.Daemon is not { Cluster: { } cluster } daemon)
            return;
        string id = $"w{++_commands}";
        _open.Add(daemon);
        long asked = world.Now;
        daemon.Post(() => cluster.Coordinator
            .Ask<AdminOutcome>(new WishCommand(id, verb, server, ratio, time.TotalSeconds, false, "simulation", "root"), WishLimit)
            .ContinueWith(task => Answered(daemon, id, asked, WishLimit, task), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
    }
}
