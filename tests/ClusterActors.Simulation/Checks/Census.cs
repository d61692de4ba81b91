using ClusterActors.Actors;
using ClusterActors.Simulation.Daemon;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Checks;

/// <summary>What there is in all daemons and guardians at an instant.</summary>
internal sealed record Census(int Actors, int Timers, int ProcessTimers, int Questions, int Operations, int Writes, int Connections)
{
    public static Census Of(World world)
    {
        var census = new Census(0, 0, 0, 0, 0, 0, 0);
        foreach (SimMachine machine in world.Machines)
        {
            if (machine.Daemon is { System: { } system } daemon)
                census = census.With(daemon, system);
            census = census with
            {
                ProcessTimers = census.ProcessTimers + (machine.Guardian?.Timers.Count ?? 0),
                Operations = census.Operations + (machine.Guardian?.UnderWay ?? 0),
                Writes = census.Writes + machine.Journal.UnderWay,
            };
        }

        return census;
    }

    public Census Least(Census other) => new(
        Math.Min(Actors, other.Actors), Math.Min(Timers, other.Timers), Math.Min(ProcessTimers, other.ProcessTimers),
        Math.Min(Questions, other.Questions), Math.Min(Operations, other.Operations), Math.Min(Writes, other.Writes), Math.Min(Connections, other.Connections));

    /// <summary>What became more, or null.</summary>
    public string? GrownTo(Census later)
    {
        bool grown = later.Actors > Actors || later.Timers > Timers || later.ProcessTimers > ProcessTimers || later.Questions > Questions
            || later.Operations > Operations || later.Writes > Writes || later.Connections > Connections;
        return grown ? $"{this} became {later}" : null;
    }

    private Census With(DaemonProcess daemon, ActorSystem system) => this with
    {
        Actors = Actors + CountFrom(system.Provider.RootGuardian),
        Timers = Timers + system.Scheduler.Count,
        ProcessTimers = ProcessTimers + daemon.Timers.Count,
        Questions = Questions + daemon.Link.Pending,
        Operations = Operations + daemon.Operations,
        Connections = Connections + daemon.Transport.Connections,
    };

    private static int CountFrom(LocalActorRef actor) => 1 + actor.Cell.GetChildren().Sum(child => CountFrom((LocalActorRef)child));
}
