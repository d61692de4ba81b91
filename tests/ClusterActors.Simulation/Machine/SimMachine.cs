using System.Net;
using ClusterActors.Model;
using ClusterActors.Simulation.Daemon;
using ClusterActors.Simulation.Guardian;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Machine;

/// <summary>A program that the kernel runs for a group.</summary>
internal sealed record SimProgram(string Ticket, Term Term, string Group, string Resource, bool Helper, int ProcessId, long StartedAt)
{
    /// <summary>The life of the guardian that started it.</summary>
    public SimProcess? StartedBy { get; init; }
}

/// <summary>What resources of a machine do wrong from now on; each counter says how often.</summary>
internal sealed class ResourceTroubles
{
    public int StartsFail { get; set; }

    public int StartsHang { get; set; }

    public int StopsFail { get; set; }

    public int ChecksLie { get; set; }

    /// <summary>Factor for everything a resource does.</summary>
    public double Slowness { get; set; } = 1;

    public void Clear() => (StartsFail, StartsHang, StopsFail, ChecksLie, Slowness) = (0, 0, 0, 0, 1);
}

/// <summary>One server: power, kernel, disks, and the two processes of the product. The kernel keeps its own time limits while they stand still.</summary>
internal sealed class SimMachine : Network.INetworkHost
{
    private const int NicRing = 64;
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(100);

    private readonly TimerHeap _kernel = new();
    private readonly Queue<(int Network, byte[] Bytes)> _ring = new();
    private readonly Chance _chance;
    private int _freezes;
    private int _pauses;
    private long _nextDue = -1;
    private long _nextAt;
    private int _nextCourse;
    private int _lastProcessId = 1000;

    public SimMachine(World world, int index)
    {
        (World, Index) = (world, index);
        Clock = new MachineClock(world);
        _chance = world.ChanceFor($"machine {index}");
        Files = new GuardianFiles(world, this);
        Journal = new JournalDisk(world, this);
        Fence = new KernelFence(this);
        PartsPerMillion = _chance.Between(-200, 200);
    }

    public World World { get; }

    public int Index { get; }

    public ServerName Name => World.Cluster.Names[Index];

    public MachineClock Clock { get; }

    /// <summary>Error of its clock's rate.</summary>
    public long PartsPerMillion { get; }

    public GuardianFiles Files { get; }

    public JournalDisk Journal { get; }

    public EventsOnDisk Events { get; } = new();

    public KernelFence Fence { get; }

    public ResourceTroubles Troubles { get; } = new();

    public DiskTroubles DiskTroubles { get; } = new();

    public Dictionary<(string Group, string Resource), SimProgram> Programs { get; } = [];

    /// <summary>Group addresses on the interface.</summary>
    public HashSet<IPAddress> Interface { get; } = [];

    /// <summary>Resources that somebody started by hand, past the cluster: a check finds them active, the guardian holds nothing of them.</summary>
    public HashSet<(string Group, string Resource)> ByHand { get; } = [];

    /// <summary>Group addresses that somebody put on the interface.</summary>
    public HashSet<IPAddress> AddressesByHand { get; } = [];

    /// <summary>The file with the daemon's sign of life.</summary>
    public long Sign { get; set; }

    public GuardianProcess? Guardian { get; private set; }

    public DaemonProcess? Daemon { get; private set; }

    public bool IsPowered { get; private set; }

    public ulong Boot { get; private set; }

    /// <summary>Version of cluster.conf on its disk.</summary>
    public int ConfigVersion { get; set; }

    /// <summary>Factor of the timeouts that an administrator's <c>clptoratio</c> has told this server.</summary>
    public int Ratio { get; private set; } = 1;

    public bool IsPaused => _pauses > 0;

    public bool IsFrozen => _freezes > 0;

    public bool IsRunning => IsPowered && _freezes == 0 && _pauses == 0;

    /// <summary>Killing a program takes so long; zero for the usual.</summary>
    public TimeSpan KillsTake { get; set; }

    /// <summary>Highest term that any life on this machine has shown.</summary>
    public Term HighestShown { get; set; }

    /// <summary>The guardian left in order and is not started again by the init system.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>True time at which it last came out of a pause of its hypervisor.</summary>
    public long ResumedAt { get; private set; } = long.MinValue / 2;

    /// <summary>True time at which it, or its daemon alone, last stood still.</summary>
    public long StoodStillAt { get; set; } = long.MinValue / 2;

    public long NextAt
    {
        get
        {
            if (!IsPowered || IsPaused)
                return long.MaxValue;
            long due = Math.Min(_kernel.NextDue, Math.Min(Guardian?.NextDue ?? long.MaxValue, Daemon?.NextDue ?? long.MaxValue));
            if (due == _nextDue && Clock.Course == _nextCourse)
                return _nextAt;
            (_nextDue, _nextCourse) = (due, Clock.Course);
            return _nextAt = Clock.TrueTimeOf(due);
        }
    }

    public SimTimer KernelTimer(Action fire) => new(_kernel, fire);

    public int NextProcessId() => ++_lastProcessId;

    public void PowerOn()
    {
        if (IsPowered)
            return;
        World.Note($"{Name}: power on");
        (IsPowered, IsStopped) = (true, false);
        Boot = _chance.NextBits();
        Clock.Start(PartsPerMillion);
        KernelTimer(StartGuardian).SetAt(Clock.Local + (_chance.Between(300, 1500) * 1_000_000));
    }

    public void PowerOff()
    {
        if (!IsPowered)
            return;
        World.Note($"{Name}: power off");
        Journal.PowerLost();
        Files.PowerLost();
        IsPowered = false;
        Daemon?.Transport.ProcessEnded(silently: true);
        Daemon?.Kill();
        Guardian?.Kill();
        (Daemon, Guardian) = (null, null);
        _kernel.Clear();
        _ring.Clear();
        Programs.Clear();
        Interface.Clear();
        ByHand.Clear();
        AddressesByHand.Clear();
        Fence.Forget();
        (_freezes, _pauses) = (0, 0);
    }

    /// <summary>SIGSTOP to every process; the kernel goes on.</summary>
    public void Freeze()
    {
        _freezes++;
        World.Note($"{Name}: frozen");
    }

    public void Thaw()
    {
        if (_freezes == 0)
            return;
        _freezes--;
        StoodStillAt = World.Now;
        World.Note($"{Name}: thawed");
        WakeAll();
    }

    /// <summary>The hypervisor stops it, clocks and kernel included.</summary>
    public void Pause()
    {
        if (!IsPowered)
            return;
        if (_pauses++ == 0)
            Clock.Stop();
        World.Note($"{Name}: paused by its hypervisor");
    }

    public void Resume()
    {
        if (_pauses == 0)
            return;
        if (--_pauses > 0)
            return;
        Clock.Continue();
        ResumedAt = StoodStillAt = World.Now;
        World.Note($"{Name}: goes on after its pause");
        while (_ring.TryDequeue(out (int Network, byte[] Bytes) waiting))
            Guardian?.Received(waiting.Network, waiting.Bytes);
        WakeAll();
        World.Oracle.Look(always: true);
    }

    /// <summary>A datagram at the network card.</summary>
    public void Arrive(int network, ReadOnlySpan<byte> bytes)
    {
        if (!IsPowered)
            return;
        if (!IsPaused)
            Guardian?.Received(network, bytes);
        else if (_ring.Count < NicRing)
            _ring.Enqueue((network, bytes.ToArray()));
    }

    /// <summary>Starts the guardian, as the init system does.</summary>
    public void StartGuardian()
    {
        if (!IsPowered || Guardian is not null)
            return;
        IsStopped = false;
        Sign = 0;
        Guardian = new GuardianProcess(this);
        Guardian.Begin();
    }

    /// <summary>SIGKILL to the guardian, from outside or by its own timer.</summary>
    /// <param name="survivorsFor">How long its programs live on, since the reaper is late; longer than the next life lets them they do not.</param>
    public void KillGuardian(string why, TimeSpan survivorsFor = default)
    {
        if (Guardian is not { } guardian)
            return;
        World.Note($"{Name}: guardian killed: {why}");
        guardian.Kill();
        GuardianEnded(restart: true, survivorsFor);
    }

    /// <summary>The guardian has ended by itself.</summary>
    public void GuardianLeft(int exitCode)
    {
        World.Note($"{Name}: guardian ended with {exitCode}");
        Guardian?.Kill();
        GuardianEnded(restart: exitCode != 0);
    }

    public void StartDaemon()
    {
        if (!IsPowered || Guardian is null || Daemon is not null)
            return;
        World.Note($"{Name}: daemon starts");
        Daemon = new DaemonProcess(this);
        Daemon.Begin();
    }

    /// <summary>The daemon's process ends; the guardian is told when it looks.</summary>
    public void KillDaemon(string why)
    {
        if (Daemon is not { } daemon)
            return;
        World.Note($"{Name}: daemon ended: {why}");
        Journal.ProcessEnded();
        daemon.Transport.ProcessEnded(silently: false);
        daemon.Kill();
        Daemon = null;
        Guardian?.DaemonEnded(why);
    }

    public void Stretch(int ratio)
    {
        if (Ratio == ratio)
            return;
        Ratio = ratio;
        World.Note($"{Name}: timeouts times {ratio}");
        Daemon?.TellSettings();
    }

    /// <summary>A program ends, whoever ended it.</summary>
    public void EndProgram(SimProgram program, int exitCode, int signal)
    {
        if (!Programs.Remove((program.Group, program.Resource)))
            return;
        World.Note($"{Name}: {program.Group}.{program.Resource} ended{(signal != 0 ? $" by signal {signal}" : $" with {exitCode}")}");
        Guardian?.ProgramEnded(program, exitCode, signal);
    }

    /// <summary>Somebody starts a group's resources past the cluster, as with <c>mount</c> or <c>ip addr add</c>.</summary>
    public void StartByHand(GroupConfig group)
    {
        if (!IsPowered)
            return;
        foreach (ResourceConfig resource in group.Resources)
        {
            IPAddress address = Running.SimCluster.AddressOf(group.Name);
            if (resource.Type != "fip")
                ByHand.Add((group.Name.Value, resource.Name.Value));
            else if (Interface.Add(address))
                AddressesByHand.Add(address);
        }

        World.Note($"{Name}: {group.Name} is started by hand");
    }

    public void StopByHand(GroupConfig group)
    {
        ByHand.RemoveWhere(r => r.Group == group.Name.Value);
        IPAddress address = Running.SimCluster.AddressOf(group.Name);
        if (AddressesByHand.Remove(address))
            Interface.Remove(address);
        World.Note($"{Name}: what was started of {group.Name} by hand is stopped");
    }

    /// <summary>Would act for its clients now, if they asked; what was started by hand is not the cluster's doing.</summary>
    public bool IsActive(GroupConfig group)
    {
        if (!IsPowered || IsPaused)
            return false;
        foreach (ResourceConfig resource in group.Resources)
        {
            bool acts = resource.Type == "fip"
                ? Running.SimCluster.AddressOf(group.Name) is var address && Fence.Answers(address) && !AddressesByHand.Contains(address)
                : Programs.ContainsKey((group.Name.Value, resource.Name.Value));
            if (acts)
                return true;
        }

        return false;
    }

    private void GuardianEnded(bool restart, TimeSpan survivorsFor = default)
    {
        // Its programs are in its containment and die with it; so does the daemon, its child.
        foreach (SimProgram program in Programs.Values.ToArray())
        {
            if (survivorsFor > TimeSpan.Zero)
                KernelTimer(() => DiesWithGuardian(program)).SetAt(Clock.Local + (survivorsFor.Ticks * 100));
            else
                DiesWithGuardian(program);
        }

        if (Daemon is { } daemon)
        {
            Journal.ProcessEnded();
            daemon.Transport.ProcessEnded(silently: false);
            daemon.Kill();
            Daemon = null;
        }

        Guardian = null;
        IsStopped = !restart;
        if (restart)
            KernelTimer(StartGuardian).SetAt(Clock.Local + (RestartPause.Ticks * 100));
    }

    private void DiesWithGuardian(SimProgram program)
    {
        if (!Programs.TryGetValue((program.Group, program.Resource), out SimProgram? running) || running != program)
            return;
        Programs.Remove((program.Group, program.Resource));
        World.Note($"{Name}: {program.Group}.{program.Resource} died with its guardian");
    }

    public void RunDue()
    {
        if (!IsPowered || IsPaused)
            return;
        while (_kernel.NextDue is var due && due < long.MaxValue && _kernel.TakeDue(Clock.Local) is { } timer)
            timer.Fire();
        if (Guardian is { } guardian && guardian.NextDue <= Clock.Local)
            guardian.Run();
        if (Daemon is { } daemon && daemon.NextDue <= Clock.Local)
            daemon.Run();
    }

    private void WakeAll()
    {
        Guardian?.Ready();
        Daemon?.Ready();
    }
}
