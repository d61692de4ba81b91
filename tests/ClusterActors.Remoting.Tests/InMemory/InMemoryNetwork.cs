namespace ClusterActors.Remoting.Tests.InMemory;

/// <summary>
/// A network inside one process, for tests and simulation: same port, same frames, so messages are really written and read. Every
/// delivery is a timer of the given clock; on virtual time the whole cluster is repeatable.
/// </summary>
public sealed class InMemoryNetwork(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Action<ILinkConnection>> _listeners = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(string, string)> _cut = [];
    private readonly List<InMemoryConnection> _connections = [];

    /// <summary>Time from send to delivery. Default 0.1 ms.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(0.1);

    /// <summary>Frames that may be under way on one connection; more are refused. Default 100,000.</summary>
    public int QueueCapacity { get; set; } = 100_000;

    /// <summary>Largest frame a receiver takes; larger ones are passed over as on the real transport. Default 1 MiB.</summary>
    public int MaxFrameBytes { get; set; } = 1 << 20;

    /// <summary>The transport of one server.</summary>
    public ILinkTransport CreateTransport(string server) => new InMemoryTransport(this, server);

    /// <summary>From now on nothing passes from one server to the other, silently; the way back is not touched.</summary>
    public void CutOneWay(string from, string to)
    {
        lock (_gate)
        {
            _cut.Add(Key(from, to));
        }
    }

    /// <summary>From now on nothing passes between the two, silently.</summary>
    public void Cut(string a, string b)
    {
        CutOneWay(a, b);
        CutOneWay(b, a);
    }

    /// <summary>Everything passes again between the two.</summary>
    public void Heal(string a, string b)
    {
        lock (_gate)
        {
            _cut.Remove(Key(a, b));
            _cut.Remove(Key(b, a));
        }
    }

    /// <summary>Breaks every connection between the two at once, as a reset does; frames under way are lost.</summary>
    public void Reset(string a, string b)
    {
        List<InMemoryConnection> broken;
        lock (_gate)
        {
            broken = _connections.Where(c => Key(c.Owner, c.Peer) == Key(a, b)).ToList();
        }

        broken.ForEach(c => c.Break("connection reset"));
    }

    internal TimeProvider Time => time;

    internal bool Passes(string from, string to)
    {
        lock (_gate)
        {
            return !_cut.Contains(Key(from, to));
        }
    }

    internal void Listen(string server, Action<ILinkConnection> onAccepted)
    {
        lock (_gate)
        {
            _listeners[server] = onAccepted;
        }
    }

    /// <summary>The server's process is gone: nobody listens, its connections break.</summary>
    internal void Leave(string server)
    {
        List<InMemoryConnection> broken;
        lock (_gate)
        {
            _listeners.Remove(server);
            broken = _connections.Where(c => Key(c.Owner, "") == Key(server, "")).ToList();
        }

        broken.ForEach(c => c.Break("the process ended"));
    }

    internal Task<ILinkConnection> Connect(string from, string to)
    {
        var done = new TaskCompletionSource<ILinkConnection>();
        Once(Latency, () =>
        {
            Action<ILinkConnection>? accept;
            InMemoryConnection ours;
            InMemoryConnection theirs;
            lock (_gate)
            {
                _listeners.TryGetValue(to, out accept);
                if (accept is null || _cut.Contains(Key(from, to)) || _cut.Contains(Key(to, from)))
                {
                    accept = null;
                }

                ours = new InMemoryConnection(this, from, to);
                theirs = new InMemoryConnection(this, to, from);
                InMemoryConnection.Join(ours, theirs);
                if (accept is not null)
                {
                    _connections.Add(ours);
                    _connections.Add(theirs);
                }
            }

            if (accept is null)
            {
                done.SetException(new IOException($"{to} does not answer"));
                return;
            }

            accept(theirs);
            done.SetResult(ours);
        });
        return done.Task;
    }

    internal void Forget(InMemoryConnection connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
        }
    }

    /// <summary>Runs an action once after a while, on the clock of the network.</summary>
    internal void Once(TimeSpan after, Action action)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(
            _ =>
            {
                action();
                Volatile.Read(ref timer)?.Dispose();
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(after, Timeout.InfiniteTimeSpan);
    }

    private static (string, string) Key(string a, string b) => (a.ToUpperInvariant(), b.ToUpperInvariant());

    private sealed class InMemoryTransport(InMemoryNetwork network, string server) : ILinkTransport
    {
        public void Listen(Action<ILinkConnection> onAccepted) => network.Listen(server, onAccepted);

        public Task<ILinkConnection> ConnectAsync(string peer, CancellationToken giveUp) => network.Connect(server, peer);

        public ValueTask DisposeAsync()
        {
            network.Leave(server);
            return ValueTask.CompletedTask;
        }
    }
}
