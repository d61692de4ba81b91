using ClusterActors.Guardian;
using ClusterActors.Guardian.Addresses;
using ClusterActors.Guardian.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Guardian;

/// <summary>One life of <c>clpmonp</c>: the product's core, engine, passes and leases over the simulated kernel.</summary>
internal sealed class GuardianProcess : SimProcess, IGuardianLog, IDaemonProcess
{
    private readonly SimPrograms _programs;
    private readonly SimAddresses _addresses;
    private readonly FenceLeases _leases;
    private readonly SimTimer _control;
    private readonly Chance _chance;
    private bool _controlDue;

    public GuardianProcess(SimMachine machine)
        : base(machine, $"{machine.Name}/clpmonp")
    {
        _chance = World.ChanceFor($"guardian {machine.Index} at {World.Now}");
        SimGuardianDisk disk = machine.Files.Open(this);
        if (disk.State.Term.Term < machine.HighestShown && !machine.Files.WasSetBack)
            World.Oracle.Fail($"{machine.Name}: its disk says term {disk.State.Term.Term}, but an earlier life has shown {machine.HighestShown}");
        _leases = new FenceLeases(machine.Clock);
        _programs = new SimPrograms(machine, this);
        _addresses = new SimAddresses(machine, this, _leases);
        Loops = new SimEngineLoops(machine, this, _leases, () => _control!.SetAt(Machine.Clock.Local + (_chance.Between(5, 300) * 1000)));
        _control = new SimTimer(Timers, () => _controlDue = true);
        var options = new GuardianOptions(new GuardianPaths("", machine.Name.Value), "", [], false);
        var ports = new GuardianPorts(this, machine.Clock, disk, Loops, _programs, _addresses, this);
        Incarnation = new Incarnation(machine.Boot, disk.State.StartCounter);
        Core = new GuardianCore(options, Incarnation, null, ports);
    }

    public GuardianCore Core { get; }

    public Incarnation Incarnation { get; }

    public SimEngineLoops Loops { get; }

    bool IDaemonProcess.Runs => Machine.Daemon is not null;

    /// <summary>Nothing of it waits for an answer from the machine.</summary>
    public int UnderWay => _programs.UnderWay + _addresses.UnderWay;

    public void Begin() => Post(() =>
    {
        // Without stored settings somebody has to start the daemon, which hands them over.
        Core.Start();
        if (Loops.Settings is null)
            Machine.KernelTimer(Machine.StartDaemon).SetAt(Machine.Clock.Local + 200_000_000);
    });

    /// <summary>From the kernel: a datagram on one of its sockets.</summary>
    public void Received(int network, ReadOnlySpan<byte> bytes) => Loops.Current?.Received(network, bytes);

    /// <summary>From the kernel: its child has ended.</summary>
    public void DaemonEnded(string why) => PostAfter(TimeSpan.FromMicroseconds(_chance.Between(20, 500)), () => InControl(() =>
    {
        Core.DaemonEnded(why);
    }));

    public void ProgramEnded(SimProgram program, int exitCode, int signal) => Post(() => InControl(() => _programs.Ended(program, exitCode, signal)));

    /// <summary>A start carries the term of the view that it was decided in; another term means another view, and somebody else may own the group there.</summary>
    public void MustBeInTerm(Term term, string what)
    {
        if (Loops.Current is { } loop && loop.Status.Term != term)
            World.Oracle.Fail($"{Machine.Name} starts {what}, decided in term {term}, in term {loop.Status.Term}");
    }

    /// <summary>
    /// What its next beat says must be so: "clean" while something of an earlier life runs, or "down and clean" while anything does, lets a peer
    /// start the same beside it.
    /// </summary>
    public void MustBeAsSaid(GuardianFlags flags)
    {
        if ((flags & GuardianFlags.Unclean) != 0)
            return;
        if (Machine.Programs.Values.FirstOrDefault(p => p.StartedBy != this) is { } old)
            World.Oracle.Fail($"{Machine.Name}: {old.Group}.{old.Resource} runs, which nobody started in this life of its guardian, and its beats do not say so");
        if ((flags & GuardianFlags.DownAndClean) == 0)
            return;
        if (Machine.Programs.Values.FirstOrDefault() is { } left)
            World.Oracle.Fail($"{Machine.Name} says \"down and clean\" while {left.Group}.{left.Resource} runs");
        if (Machine.Interface.Except(Machine.AddressesByHand).FirstOrDefault() is { } address)
            World.Oracle.Fail($"{Machine.Name} says \"down and clean\" while it has {address}");
    }

    /// <summary>Something for the control thread.</summary>
    public void InControl(Action action)
    {
        action();
        _controlDue = true;
    }

    void IGuardianLog.Info(string text) => World.Detail($"{Machine.Name} guardian: {text}");

    void IGuardianLog.Warn(string text) => World.Detail($"{Machine.Name} guardian: {text}");

    void IGuardianLog.Error(string text) => World.Detail($"{Machine.Name} guardian: {text}");

    bool IDaemonProcess.Start(string path, IReadOnlyList<string> arguments)
    {
        Machine.StartDaemon();
        return Machine.Daemon is not null;
    }

    /// <summary>A start takes as long as any other here: only the real one has something to load.</summary>
    void IDaemonProcess.StartAhead(string path, IReadOnlyList<string> arguments)
    {
    }

    void IDaemonProcess.DropAhead()
    {
    }

    void IDaemonProcess.Signal(int signal)
    {
        SimMachine machine = Machine;
        Post(() => machine.KillDaemon($"signal {signal}"));
    }

    protected override void Work()
    {
        Loops.Current?.Iterate();
        if (!_controlDue)
            return;
        _controlDue = false;
        Core.TakeNotes();
        Core.Tick();
        if (Core.HasEnded)
        {
            Machine.GuardianLeft(Core.ExitCode);
            return;
        }

        long due = Core.NextDue;
        if (due < long.MaxValue)
            _control.SetAt(Math.Max(due, Machine.Clock.Local + 1000));
    }

    protected override void OnKilled()
    {
        Machine.Files.ProcessEnded();
        Loops.Current?.Dispose();
        _leases.Dispose();
    }
}
