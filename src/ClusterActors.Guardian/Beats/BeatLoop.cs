using System.Collections.Concurrent;
using ClusterActors.Guardian.Beats.Devices;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Heartbeats.Lan;
using ClusterActors.Linux;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats;

/// <summary>What the control thread may know of the engine without asking it; replaced as a whole when it changes.</summary>
internal sealed record EngineStatus(Term Term, bool MayStart, bool MayRun, GrantState Grant, GuardianFlags Flags)
{
    public static EngineStatus Of(HeartbeatEngine engine) => new(engine.Term, engine.MayStart, engine.MayRun, engine.Grant, engine.Flags);

    /// <summary>Still what <paramref name="engine"/> would say. Allocates nothing.</summary>
    public bool IsOf(HeartbeatEngine engine) =>
        Term == engine.Term && MayStart == engine.MayStart && MayRun == engine.MayRun && Grant == engine.Grant && Flags == engine.Flags;
}

/// <summary>
/// The beat thread: owns the engine, its sockets and the kernel's deadlines. Wakes at absolute instants, drains, judges, sends, then moves
/// the leases and the kill timer to the new deadline. Other threads hand it short commands; a pass allocates nothing.
/// </summary>
internal sealed class BeatLoop : IDisposable
{
    private const int MaxCommands = 256;
    private const int MaxDatagramsPerDrain = 4096;
    private const int WakeSlot = 0;

    private readonly ConcurrentQueue<Action<HeartbeatEngine, long>> _commands = new();
    private readonly EventFd _wake = new();
    private readonly KillTimer _killTimer = new();
    private readonly HeartbeatEngine _engine;
    private readonly BeatPass _pass;
    private readonly Action _notesReady;
    private readonly RealtimeThread _thread;
    private readonly int _devicePriority;
    private readonly byte[] _datagram = new byte[2048];
    private readonly byte[] _beat = new byte[BeatCodec.Size];

    private GuardianSettings _settings;
    private BeatChannels _channels;
    private WitnessChannel _witness;
    private PollSet _poll;
    private volatile bool _stop;
    private volatile EngineStatus _status;

    /// <param name="engine">From now on owned by the beat thread.</param>
    /// <param name="notesReady">Called on the beat thread when the engine has notes; must only wake somebody.</param>
    /// <param name="devicePriority">Priority of the threads of disk and serial channels when they are opened anew.</param>
    public BeatLoop(
        GuardianSettings settings, HeartbeatEngine engine, BeatChannels channels, ILeases leases, int priority, Action notesReady, int devicePriority = 0)
    {
        _devicePriority = devicePriority;
        _settings = settings;
        _engine = engine;
        _channels = channels;
        _witness = WitnessChannel.Open(settings);
        _pass = new BeatPass(settings, engine, leases, _killTimer, KernelBootClock.Instance);
        _notesReady = notesReady;
        _poll = MakePollSet();
        _status = EngineStatus.Of(engine);
        SchedulingPolicy policy = priority > 0 ? SchedulingPolicy.RoundRobin : SchedulingPolicy.Other;
        _thread = new RealtimeThread("clp-beat", policy, priority, Run);
    }

    /// <summary>Lateness of each scheduled pass against its planned instant.</summary>
    public LatencyHistogram Lateness => _pass.Lateness;

    /// <summary>Time that renewing the kernel leases took.</summary>
    public LatencyHistogram Renewal => _pass.Renewal;

    public EngineStatus Status => _status;

    /// <summary>Boot time at which the grant ends unless renewed; 0 when there is none.</summary>
    public long GrantDeadline => _pass.GrantDeadline;

    /// <summary>Boot time at which the newest pass began.</summary>
    public long LastPass => _pass.Last;

    /// <summary>Devices of the disk and serial channels, as seen now; any thread.</summary>
    public IReadOnlyList<ChannelDevice> Devices => [.. _channels.Devices.Select(d => (d.Index, d.Report)).Select(d => new ChannelDevice(d.Index, d.Report.State, d.Report.Detail))];

    /// <summary>Why an address of the witness cannot be asked from here, as sentences.</summary>
    public IReadOnlyList<string> WitnessProblems => _witness.Problems;

    public NoteQueue Notes => _engine.Notes;

    public BeatCounters Counters => _engine.Counters;

    public Incarnation Incarnation => _engine.Incarnation;

    /// <summary>Starts beating; returns 0 or the errno with which real-time priority was refused.</summary>
    public int Start()
    {
        _pass.PlanFrom(BootClock.NowNanoseconds());
        return _thread.Start();
    }

    /// <summary>Runs a short command on the beat thread, between two passes; false when too many wait already.</summary>
    public bool TryPost(Action<HeartbeatEngine, long> command)
    {
        if (_commands.Count >= MaxCommands)
            return false;
        _commands.Enqueue(command);
        _wake.Signal();
        return true;
    }

    /// <summary>On the beat thread only: send a pass at once instead of at the next interval, because the peers should know now.</summary>
    public void RequestPass() => _pass.Request();

    /// <summary>
    /// On the beat thread only: use new settings. The old sockets are closed first, since the new ones usually want the same ports.
    /// Null, or why the old settings are still in force.
    /// </summary>
    public string? Reconfigure(GuardianSettings settings)
    {
        _channels.Dispose();
        _witness.Dispose();
        string? problem = null;
        try
        {
            _channels = BeatChannels.Open(settings, _devicePriority);
        }
        catch (LinuxException e)
        {
            problem = $"{e.Message}; the settings before it are still used";
            settings = _settings;
            _channels = BeatChannels.Open(settings, _devicePriority);
        }

        _witness = WitnessChannel.Open(settings);
        _poll.Dispose();
        _poll = MakePollSet();
        _settings = settings;
        _engine.Apply(settings);
        _pass.Apply(settings);
        _pass.PlanFrom(BootClock.NowNanoseconds());
        return problem;
    }

    /// <summary>On the beat thread only: nothing is left that the kill timer would have to end.</summary>
    public void DisarmKill() => _pass.DisarmKill();

    public void Dispose()
    {
        _stop = true;
        _wake.Signal();
        if (!_thread.Join(TimeSpan.FromSeconds(5)))
            return;
        _killTimer.Disarm();
        _killTimer.Dispose();
        _channels.Dispose();
        _witness.Dispose();
        _poll.Dispose();
        _wake.Dispose();
        _engine.Dispose();
    }

    private void Run()
    {
        while (!_stop)
        {
            _poll.WaitUntil(Math.Min(_pass.Next, _engine.NextChange()));
            Drain();
            RunCommands();
            long now = BootClock.NowNanoseconds();
            _engine.OnTick(now);
            if (_pass.IsDue(now))
                Pass(now);
            Publish();
        }
    }

    private void Drain()
    {
        for (int i = 0; i < _channels.Sockets.Length; i++)
        {
            int left = MaxDatagramsPerDrain;
            while (left-- > 0 && _channels.Sockets[i].TryReceive(_datagram, out BeatDatagram received))
            {
                _engine.OnDatagram(
                    BootClock.NowNanoseconds(), received.ReceivedNanoseconds, _channels.Networks[i], _datagram.AsSpan(0, received.Length));
            }
        }

        foreach (UdpBeatSocket socket in _witness.Sockets)
        {
            int left = MaxDatagramsPerDrain;
            while (left-- > 0 && socket.TryReceive(_datagram, out BeatDatagram received))
                _engine.OnWitnessDatagram(BootClock.NowNanoseconds(), _datagram.AsSpan(0, received.Length));
        }

        foreach (DeviceChannel device in _channels.Devices)
        {
            int left = MaxDatagramsPerDrain;
            while (left-- > 0 && device.TryReceive(_datagram, out int length, out long receivedAt))
                _engine.OnDatagram(BootClock.NowNanoseconds(), receivedAt, device.Index, _datagram.AsSpan(0, length));
        }
    }

    private void RunCommands()
    {
        if (_poll[WakeSlot] == PollEvents.None)
            return;
        _ = _wake.Take();
        while (_commands.TryDequeue(out Action<HeartbeatEngine, long>? command))
            command(_engine, BootClock.NowNanoseconds());
    }

    private void Pass(long now)
    {
        _pass.Begin(now);
        for (int i = 0; i < _channels.Channels.Length; i++)
        {
            (int socket, byte peer) = _channels.Channels[i];
            int size = _engine.WriteBeat(peer, _channels.Networks[socket], _beat);
            _engine.CountSend(_channels.Sockets[socket].Send(_beat.AsSpan(0, size), in _channels.Endpoint(i)) == 0);
        }

        AskWitness();
        PassToDevices(now);
        _pass.End(now);
    }

    private void AskWitness()
    {
        if (_witness.Sockets.Length == 0)
            return;
        int size = _engine.WriteWitnessRequest(_beat);
        for (int i = 0; size > 0 && i < _witness.Count; i++)
            _engine.CountSend(_witness.Send(i, _beat.AsSpan(0, size)) == 0);
    }

    /// <summary>Nothing here touches a device: beats are put down for its thread, and what that has to tell is told.</summary>
    private void PassToDevices(long now)
    {
        foreach (DeviceChannel device in _channels.Devices)
        {
            if (device.WantsBeats(now))
            {
                for (int i = 0; i < device.Peers.Length; i++)
                {
                    int size = _engine.WriteBeat(device.Peers[i], device.Index, _beat);
                    device.Outbox.Put(i, _beat.AsSpan(0, size));
                    _engine.CountSend(true);
                }

                device.Publish(now);
            }

            TellOf(device, now);
        }
    }

    private void TellOf(DeviceChannel device, long now)
    {
        if (device.TryTell(out DeviceReport report))
        {
            _engine.Notes.Add(new EngineNote { Kind = EngineNoteKind.Device, Network = device.Index, Device = report.State, Reason = report.Detail });
        }

        if (device.TryWarn(now, out byte percent, out long elapsed, out LateSide side))
        {
            _engine.Notes.Add(new EngineNote
            {
                Kind = EngineNoteKind.Late,
                Server = byte.MaxValue,
                Network = device.Index,
                Percent = percent,
                Nanoseconds = elapsed,
                LimitNanoseconds = device.Limit,
                Side = side,
                Reason = side == LateSide.Sender ? "the device takes that long to write" : "the device takes that long to read",
            });
        }
    }

    private void Publish()
    {
        if (!_status.IsOf(_engine))
            _status = EngineStatus.Of(_engine);
        if (_engine.Notes.HasNotes)
            _notesReady();
    }

    private PollSet MakePollSet()
    {
        var poll = new PollSet(_channels.Sockets.Length + _witness.Sockets.Length + _channels.Devices.Length + 1);
        poll.Add(_wake.FileDescriptor);
        foreach (UdpBeatSocket socket in _channels.Sockets)
            poll.Add(socket.FileDescriptor);
        foreach (DeviceChannel device in _channels.Devices)
            poll.Add(device.InboxDescriptor);
        foreach (UdpBeatSocket socket in _witness.Sockets)
            poll.Add(socket.FileDescriptor);
        return poll;
    }
}
