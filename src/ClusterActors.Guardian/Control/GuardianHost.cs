using ClusterActors.Guardian.Beats;
using ClusterActors.Guardian.Logging;
using ClusterActors.Guardian.Storage;
using ClusterActors.Linux.Files;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>
/// The control thread of the guardian: sockets, processes and signals for <see cref="GuardianCore"/>, which decides. Everything runs on one
/// thread and never waits but in its poll: work that may block goes to workers and comes back through the queue.
/// </summary>
internal sealed class GuardianHost : IDisposable
{
    private const int QueueSlot = 0;
    private const int ListenerSlot = 1;
    private const int SignalSlot = 2;
    private const int ConnectionSlot = 4;
    private const int DaemonSlot = 5;
    private const int AheadSlot = 6;
    private const int FramesPerRound = 256;

    private readonly GuardianOptions _options;
    private readonly RingLog _log;
    private readonly IProgramHost _programs;
    private readonly ControlQueue _queue;
    private readonly Worker _disk;
    private readonly BeatThreads _beats;
    private readonly DaemonProcess _daemon;
    private readonly SeqPacketListener _listener;
    private readonly SignFile _sign;
    private readonly TerminationSignal _signal = new();
    private readonly PollSet _poll = new(7);
    private readonly GuardianCore _core;

    public GuardianHost(
        GuardianOptions options, RingLog log, GuardianStore store, ControlQueue queue, IProgramHost programs, IAddressHost addresses, ILeases leases,
        RealtimeReport? rights)
    {
        (_options, _log, _queue, _programs) = (options, log, queue, programs);
        bool realTime = rights is { HasRealtimeScheduling: true };
        var incarnation = new Incarnation(BootIdentity.Fold(BootIdentity.Read()), store.State.StartCounter);
        _disk = new Worker("clp-disk", realTime ? SchedulingPolicy.RoundRobin : SchedulingPolicy.Other, realTime ? GuardianOptions.Priority : 0);
        _sign = SignFile.Create(options.Paths.Sign);
        _listener = new SeqPacketListener(options.Paths.Socket);
        _beats = new BeatThreads(log, leases, queue, realTime);
        _daemon = new DaemonProcess(options.Paths, log);
        var ports = new GuardianPorts(
            log, KernelBootClock.Instance, new WorkerDisk(store, _disk, queue), _beats, programs, addresses, _daemon);
        _core = new GuardianCore(options, incarnation, rights, ports);
        _poll.Add(_queue.FileDescriptor);
        _poll.Add(_listener.FileDescriptor);
        _poll.Add(_signal.FileDescriptor);
        _poll.Add(_programs.FileDescriptor);
        _poll.Add(-1);
        _poll.Add(-1);
        _poll.Add(-1);
    }

    private DaemonConnection? Connection => (DaemonConnection?)_core.Connection;

    /// <summary>Runs until the guardian has left. Returns the process' exit code.</summary>
    public int Run()
    {
        _core.Start();
        while (!_core.HasEnded)
            Round();
        if (_core.ExitCode == 0)
            _beats.EndInOrder();
        return _core.ExitCode;
    }

    /// <summary>On the control thread: a note from one of its helpers.</summary>
    public void Tell(GuardianNote note) => _core.Tell(note);

    public void Dispose()
    {
        _beats.Dispose();
        _core.Connection?.Dispose();
        _daemon.Dispose();
        _listener.Dispose();
        _sign.Dispose();
        _signal.Dispose();
        _poll.Dispose();
        _disk.Dispose();
    }

    private void Round()
    {
        _poll.Set(DaemonSlot, _daemon.FileDescriptor);
        _poll.Set(AheadSlot, _daemon.AheadFileDescriptor);
        _poll.WaitUntil(_core.NextDue);
        _queue.Run(IsReady(QueueSlot));
        _core.TakeNotes();
        while (IsReady(ListenerSlot) && _listener.TryAccept() is { } accepted)
            Accept(accepted);
        if (_programs.FileDescriptor >= 0)
            _programs.Dispatch();
        ReadFrames();
        if (_signal.Requested)
        {
            _poll.Set(SignalSlot, -1);
            _core.Terminate();
        }

        if (IsReady(AheadSlot))
            _daemon.ReapAhead();
        if (IsReady(DaemonSlot) && _daemon.TryReap(out string how, out bool inOrder))
            _core.DaemonEnded(how, inOrder);
        _core.Tick();
        WriteFrames();
    }

    // Most rounds only look for the sign of life; what the poll has not found ready is not asked for.
    private bool IsReady(int slot) => _poll[slot] != PollEvents.None;

    private void Accept(SeqPacketConnection socket)
    {
        if (socket.PeerUserId != 0)
        {
            _log.Warn($"{_options.Paths.Socket}: a connection of user {socket.PeerUserId} was refused; only uid 0 is allowed");
            socket.Dispose();
            return;
        }

        // Its turn has come, and the end of the last one is not handled yet: that would drop this connection, or count it as the last one's. It comes again.
        if (socket.PeerProcessId == _daemon.AheadProcessId)
        {
            socket.Dispose();
            return;
        }

        _core.Accept(new DaemonConnection(socket, _sign));
    }

    private void ReadFrames()
    {
        for (int i = 0; i < FramesPerRound && Connection is { } connection; i++)
        {
            if (connection.Receive(out ulong id) is not { } frame)
                break;
            _core.Receive(connection, frame, id);
        }
    }

    private void WriteFrames()
    {
        Connection?.Flush();
        if (Connection is { Broken: { } reason })
        {
            bool stuck = reason.StartsWith("it does not read", StringComparison.Ordinal);
            _core.DropConnection(reason);
            if (stuck)
                _daemon.Signal(GuardianCore.SignalKill);
        }

        if (Connection is { } connection)
            _poll.Set(ConnectionSlot, connection.FileDescriptor, connection.HasWaiting ? PollEvents.Readable | PollEvents.Writable : PollEvents.Readable);
        else
            _poll.Set(ConnectionSlot, -1);
    }
}
