using ClusterActors.Guardian.Beats;
using ClusterActors.Guardian.Control;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Network;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Guardian;

/// <summary>Makes the one loop of a guardian's life.</summary>
internal sealed class SimEngineLoops(SimMachine machine, GuardianProcess process, ILeases leases, Action notesReady) : IEngineLoops
{
    public SimEngineLoop? Current { get; private set; }

    public GuardianSettings? Settings { get; private set; }

    public string? Open(GuardianSettings settings) => null;

    public IEngineLoop Start(GuardianSettings settings, HeartbeatEngine engine)
    {
        Settings = settings;
        return Current = new SimEngineLoop(machine, process, settings, engine, leases, notesReady);
    }
}

/// <summary>
/// The beat thread's loop, as <see cref="BeatLoop"/> runs it, over simulated sockets: drain, commands, tick, pass when due. Engine and pass
/// are the product's.
/// </summary>
internal sealed class SimEngineLoop : IEngineLoop
{
    private const int MaxCommands = 256;
    private const int SocketBuffer = 512;

    private readonly SimMachine _machine;
    private readonly GuardianProcess _process;
    private readonly HeartbeatEngine _engine;
    private readonly BeatPass _pass;
    private readonly Action _notesReady;
    private readonly SimTimer _wake;
    private readonly Chance _chance;
    private readonly Queue<Action<HeartbeatEngine, long>> _commands = new();
    private readonly Queue<Action> _answers = new();
    private readonly Queue<(int Network, long At, byte[] Bytes)> _socket = new();
    private readonly Stack<byte[]> _spare = new();
    private readonly byte[] _beat = new byte[BeatCodec.Size];
    private readonly List<(byte Network, byte Peer)> _channels = [];
    private long _wakeAt;
    private bool _due = true;
    private Term _highest;

    public SimEngineLoop(
        SimMachine machine, GuardianProcess process, GuardianSettings settings, HeartbeatEngine engine, ILeases leases, Action notesReady)
    {
        (_machine, _process, _engine, _notesReady) = (machine, process, engine, notesReady);
        _chance = machine.World.ChanceFor($"beats {machine.Index} at {machine.World.Now}");
        _pass = new BeatPass(settings, engine, leases, new SimKillTimer(machine, process), machine.Clock);
        _wake = new SimTimer(process.Timers, () => (_due, _wakeAt) = (true, long.MaxValue));
        _wakeAt = long.MaxValue;
        _highest = engine.Term;
        Status = EngineStatus.Of(engine);
        Layout(settings);
        _pass.PlanFrom(machine.Clock.Local);
    }

    public EngineStatus Status { get; private set; }

    public HeartbeatEngine Engine => _engine;

    public long GrantDeadline => _pass.GrantDeadline;

    public NoteQueue Notes => _engine.Notes;

    public BeatCounters Counters => _engine.Counters;

    public LatencyHistogram Lateness => _pass.Lateness;

    public LatencyHistogram Renewal => _pass.Renewal;

    public bool TryPost(Action<HeartbeatEngine, long> command)
    {
        if (_commands.Count >= MaxCommands)
            return false;
        _commands.Enqueue(command);
        WakeAt(_machine.Clock.Local + (_chance.Between(2, 200) * 1000));
        return true;
    }

    public bool TryAsk(Func<HeartbeatEngine, long, Action> command) => TryPost((engine, now) =>
    {
        _answers.Enqueue(command(engine, now));
        _process.PostAfter(TimeSpan.FromMicroseconds(_chance.Between(2, 200)), () => _process.InControl(RunAnswers));
    });

    public void RunAnswers()
    {
        while (_answers.TryDequeue(out Action? rest))
            rest();
    }

    public void RequestPass() => _pass.Request();

    public string? Reconfigure(GuardianSettings settings)
    {
        _engine.Apply(settings);
        _pass.Apply(settings);
        Layout(settings);
        _pass.PlanFrom(_machine.Clock.Local);
        return null;
    }

    public void DisarmKill() => _pass.DisarmKill();

    /// <summary>From the kernel, which stamps it.</summary>
    public void Received(int network, ReadOnlySpan<byte> bytes)
    {
        if (_socket.Count >= SocketBuffer)
            return;
        byte[] copy = _spare.TryPop(out byte[]? spare) && spare.Length == bytes.Length ? spare : new byte[bytes.Length];
        bytes.CopyTo(copy);
        _socket.Enqueue((network, _machine.Clock.Local, copy));
        _due = true;
        _process.Ready();
    }

    /// <summary>One turn of the loop, if anything woke it.</summary>
    public void Iterate()
    {
        if (!_due)
            return;
        _due = false;
        Drain();
        while (_commands.TryDequeue(out Action<HeartbeatEngine, long>? command))
            command(_engine, _machine.Clock.Local);
        long now = _machine.Clock.Local;
        _engine.OnTick(now);
        if (_pass.IsDue(now))
            Pass(now);
        Publish();
        WakeAt(Math.Min(_pass.Next + (_chance.Between(0, 200) * 1000), _engine.NextChange()));
    }

    public void Dispose() => _engine.Dispose();

    private void Drain()
    {
        while (_socket.TryDequeue(out (int Network, long At, byte[] Bytes) received))
        {
            if (received.Network >= SimNetwork.WitnessPort)
                _engine.OnWitnessDatagram(_machine.Clock.Local, received.Bytes);
            else
                _engine.OnDatagram(_machine.Clock.Local, received.At, received.Network, received.Bytes);
            _spare.Push(received.Bytes);
        }
    }

    private void Pass(long now)
    {
        _pass.Begin(now);
        _process.MustBeAsSaid(_engine.Flags);
        foreach ((byte network, byte peer) in _channels)
        {
            int size = _engine.WriteBeat(peer, network, _beat);
            _machine.World.Network.SendBeat(_machine.Index, peer, network, _beat.AsSpan(0, size));
            _engine.CountSend(true);
            _machine.Clock.MayStandStill();
        }

        AskWitness();
        _pass.End(now);
    }

    private void AskWitness()
    {
        int size = _engine.WriteWitnessRequest(_beat);
        for (int network = 0; size > 0 && network < _machine.World.Network.Networks; network++)
        {
            _machine.World.Network.SendBeat(_machine.Index, _machine.World.Machines.Length, network + SimNetwork.WitnessPort, _beat.AsSpan(0, size));
            _machine.Clock.MayStandStill();
        }
    }

    private void Publish()
    {
        if (!Status.IsOf(_engine))
        {
            Status = EngineStatus.Of(_engine);
            _machine.World.Note($"{_machine.Name}: term {Status.Term}, grant {Status.Grant}, {Status.Flags}{(Status.MayStart ? ", may start" : "")}");
            if (Status.Term < _highest)
                _machine.World.Oracle.Fail($"{_machine.Name}: term went back from {_highest} to {Status.Term} in one life");
            _highest = Status.Term;
            if (_highest > _machine.HighestShown)
                _machine.HighestShown = _highest;
            _machine.World.TermRate.Shown(_highest);
        }

        if (_engine.Notes.HasNotes)
            _notesReady();
    }

    private void WakeAt(long local)
    {
        if (local == long.MaxValue || local >= _wakeAt)
            return;
        _wakeAt = local;
        _wake.SetAt(local);
    }

    private void Layout(GuardianSettings settings)
    {
        _channels.Clear();
        foreach (GuardianNetwork network in settings.Networks)
        {
            foreach (GuardianPeerAddress peer in network.Peers)
                _channels.Add((network.Index, peer.ServerIndex));
        }
    }
}
