using ClusterActors.Remoting;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Network;

/// <summary>
/// The daemons' links over the simulated networks, as TCP behaves: each connection is on one network, frames come in order and are sent
/// again after loss or a cut, a killed process closes its connections, a machine without power says nothing.
/// </summary>
internal sealed class SimTransport(SimProcess process, Func<int, SimTransport?> transportOf, IReadOnlyList<string> names) : ILinkTransport
{
    private static readonly TimeSpan NoAnswer = TimeSpan.FromSeconds(1);
    private readonly List<SimConnection> _connections = [];
    private Action<ILinkConnection>? _onAccepted;

    public SimProcess Process => process;

    public int Server => process.Machine.Index;

    public int Connections => _connections.Count;

    private World World => process.World;

    public void Listen(Action<ILinkConnection> onAccepted) => _onAccepted = onAccepted;

    public Task<ILinkConnection> ConnectAsync(string server, CancellationToken giveUp)
    {
        var done = new TaskCompletionSource<ILinkConnection>();
        int peer = IndexOf(server);
        int network = FirstThatPasses(peer);
        if (network < 0 || !World.Machines[peer].IsPowered)
        {
            process.PostAfter(NoAnswer, () => done.TrySetException(new IOException($"{server} does not answer")));
            return done.Task;
        }

        TimeSpan there = World.Network.Latency(network, Server, peer);
        World.After(there, () => Arrive(peer, network, done));
        return done.Task;
    }

    public ValueTask DisposeAsync()
    {
        ProcessEnded(silently: false);
        return ValueTask.CompletedTask;
    }

    /// <summary>The process is gone: its kernel closes the connections, unless the machine is gone too.</summary>
    public void ProcessEnded(bool silently)
    {
        _onAccepted = null;
        foreach (SimConnection connection in _connections.ToArray())
            connection.OwnerEnded(silently);
        _connections.Clear();
    }

    internal void Forget(SimConnection connection) => _connections.Remove(connection);

    private void Arrive(int peer, int network, TaskCompletionSource<ILinkConnection> done)
    {
        SimTransport? other = transportOf(peer);
        if (other?._onAccepted is null || !other.Process.IsAlive || !process.IsAlive)
        {
            process.PostAfter(World.Network.Latency(network, peer, Server), () => done.TrySetException(new IOException($"{names[peer]} refuses connections")));
            return;
        }

        var ours = new SimConnection(this, World, network, Server, peer, names[peer]);
        var theirs = new SimConnection(other, World, network, peer, Server, names[Server]);
        SimConnection.Join(ours, theirs);
        _connections.Add(ours);
        other._connections.Add(theirs);
        other.Process.Post(() => other._onAccepted?.Invoke(theirs));
        process.PostAfter(World.Network.Latency(network, peer, Server), () =>
        {
            if (!done.TrySetResult(ours))
                ours.Close("not wanted any more");
        });
    }

    private int FirstThatPasses(int peer)
    {
        for (int network = 0; network < World.Network.Networks; network++)
        {
            if (World.Network.Passes(network, Server, peer) && World.Network.Passes(network, peer, Server))
                return network;
        }

        return -1;
    }

    private int IndexOf(string server)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i].Equals(server, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        throw new ArgumentException($"simulation: there is no server {server}", nameof(server));
    }
}

/// <summary>One end of a connection.</summary>
internal sealed class SimConnection(SimTransport owner, World world, int network, int from, int to, string peer) : ILinkConnection
{
    private const int LengthBytes = 4;
    private const int MostWaiting = 2000;
    private static readonly TimeSpan Resend = TimeSpan.FromMilliseconds(200);

    private readonly Queue<Action> _sending = new();
    private readonly List<Action> _early = [];
    private SimConnection? _other;
    private Action<ReadOnlyMemory<byte>>? _onFrame;
    private Action<string>? _onClosed;
    private long _lastArrival;
    private bool _closed;
    private bool _ended;
    private bool _gone;
    private bool _resending;

    public string Peer => peer;

    public static void Join(SimConnection a, SimConnection b) => (a._other, b._other) = (b, a);

    public void Start(Action<ReadOnlyMemory<byte>> onFrame, Action<int, ReadOnlyMemory<byte>> onOversize, Action<string> onClosed)
    {
        (_onFrame, _onClosed) = (onFrame, onClosed);
        foreach (Action early in _early)
            early();
        _early.Clear();
    }

    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        if (_closed || _sending.Count >= MostWaiting)
            return false;
        byte[] copy = frame.ToArray();
        Send(() => _other!.TakeFrame(copy));
        return true;
    }

    public void Close(string reason)
    {
        if (_closed)
            return;
        _closed = true;
        Send(() => _other!.TakeEnd(reason));
        owner.Process.Post(() => End(reason));
    }

    /// <summary>The process at this end is gone.</summary>
    public void OwnerEnded(bool silently)
    {
        _gone = true;
        if (silently || _closed)
            return;
        _closed = true;
        Send(() => _other!.TakeEnd("the process ended"));
    }

    private void Send(Action arrive)
    {
        _sending.Enqueue(arrive);
        if (!_resending)
            Flush();
    }

    private void Flush()
    {
        _resending = false;
        while (_sending.TryPeek(out Action? arrive))
        {
            if (!owner.Process.Machine.IsPowered)
            {
                _sending.Clear();
                return;
            }

            if (!world.Network.Passes(network, from, to) || world.Network.IsLost(network, from, to))
            {
                // The one that waits for an answer gives up by its own silence limit; the kernel here goes on for minutes.
                _resending = true;
                world.After(Resend, Flush);
                return;
            }

            _sending.Dequeue();
            long at = Math.Max(_lastArrival, world.Now + (world.Network.Latency(network, from, to).Ticks * 100));
            _lastArrival = at;
            world.AddEvent(at, new Time.WorldAction(arrive));
        }
    }

    private void TakeFrame(byte[] frame)
    {
        if (_gone)
        {
            Reset();
            return;
        }

        Deliver(() =>
        {
            if (!_closed && !_ended)
                _onFrame!(frame.AsMemory(LengthBytes));
        });
    }

    private void TakeEnd(string reason)
    {
        if (_gone)
            return;
        Deliver(() =>
        {
            _closed = true;
            End(reason);
        });
    }

    private void Deliver(Action action) => owner.Process.Post(() =>
    {
        if (_onFrame is null)
            _early.Add(action);
        else
            action();
    });

    /// <summary>A frame for a connection that this machine does not know any more is answered by a reset.</summary>
    private void Reset()
    {
        if (owner.Process.Machine.IsPowered)
            world.After(world.Network.Latency(network, from, to), () => _other!.TakeEnd("connection reset"));
    }

    private void End(string reason)
    {
        if (_ended)
            return;
        _ended = true;
        owner.Forget(this);
        _onClosed?.Invoke(reason);
    }
}
