using ClusterActors.Actors;
using ClusterActors.Cluster.Process;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Simulation.Daemon;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Faults;

/// <summary>A person with a terminal. Every command has to be answered within its wait and a moment.</summary>
internal sealed partial class Administrator(World world)
{
    private const double WaitSeconds = 20;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(WaitSeconds + 5);
    private readonly Chance _chance = world.ChanceFor("administrator");
    private int _commands;
    private int _version;

    private readonly List<DaemonProcess> _open = [];

    /// <summary>Commands without an answer so far, at daemons that still live.</summary>
    public int Open => _open.Count(d => d.IsAlive);

    public void Command(AdminVerb verb, Fault fault)
    {
        GroupConfig group = world.Cluster.Groups[(int)(fault.Amount * world.Cluster.Groups.Count)];
        foreach (SimMachine machine in world.Machines)
            Command(machine, verb, group.Name);
    }

    /// <summary>To one server, which refuses unless it is the coordinator.</summary>
    public void Command(SimMachine machine, AdminVerb verb, GroupName group, ServerName? on = null)
    {
        if (machine.Daemon is not { Cluster: { } cluster } daemon)
            return;
        string id = $"c{++_commands}";
        _open.Add(daemon);
        world.Detail($"administrator: {verb} {group} at {machine.Name} ({id})");
        long asked = world.Now;
        daemon.Post(() => cluster.Coordinator
            .Ask<AdminOutcome>(new AdminCommand(id, verb, group, on, WaitSeconds, false, "simulation", "root"), AnswerLimit)
            .ContinueWith(task => Answered(daemon, id, asked, AnswerLimit, task), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
    }

    /// <summary>Says that the servers without power are off, at one that has it. Never a lie: those are off.</summary>
    public void EndWait(Fault fault)
    {
        if (world.Machines.Any(m => m.IsPowered && m.Index != fault.Server && !m.IsStopped))
            return;
        if (world.Machines[fault.Server].Daemon is not { Cluster: { } cluster } daemon)
            return;
        world.Note($"administrator: {daemon.Machine.Name} goes on alone");
        daemon.Post(() => cluster.ProcessManager.Tell(new EndStartupWait("root", "the others are off")));
    }

    /// <summary>SIGTERM to the guardian: the daemon stops its groups, then both end.</summary>
    public void StopServer(SimMachine machine)
    {
        if (machine.Guardian is not { } guardian)
            return;
        world.Note($"{machine.Name}: told to stop");
        guardian.Post(() => guardian.InControl(guardian.Core.Terminate));
    }

    /// <summary>A new cluster.conf on one server; its daemon is restarted to read it.</summary>
    public void Configure(SimMachine first)
    {
        _version++;
        Use(first);
    }

    public void ConfigureRest()
    {
        foreach (SimMachine machine in world.Machines)
            Use(machine);
    }

    private void Use(SimMachine machine)
    {
        if (machine.ConfigVersion == _version)
            return;
        machine.ConfigVersion = _version;
        world.Note($"{machine.Name}: configuration {_version}");
        machine.KillDaemon("restarted for a new configuration");
    }

    private void Answered(DaemonProcess daemon, string id, long asked, TimeSpan limit, Task<AdminOutcome> task)
    {
        _open.Remove(daemon);
        world.Detail($"administrator: {id} at {daemon.Machine.Name}: {(task.IsCompletedSuccessfully ? task.Result.Message : task.Exception?.InnerException?.Message)}");

        // Who stood still meanwhile could not answer.
        if (daemon.Machine.StoodStillAt < asked && task.IsFaulted && task.Exception!.InnerException is AskTimeoutException)
            world.Oracle.Fail($"{daemon.Machine.Name}: command {id} was not answered within {limit.TotalSeconds} s");
    }
}
