namespace ClusterActors.Remoting.Tests.InMemory;

/// <summary>One end of a connection of <see cref="InMemoryNetwork"/>. Deliveries are drained in order by whoever's timer fires.</summary>
internal sealed class InMemoryConnection(InMemoryNetwork network, string owner, string peer) : ILinkConnection
{
    private readonly Lock _gate = new();
    private readonly Lock _delivery = new();
    private readonly Queue<byte[]> _arriving = new();
    private InMemoryConnection? _other;
    private Action<ReadOnlyMemory<byte>>? _onFrame;
    private Action<int, ReadOnlyMemory<byte>>? _onOversize;
    private Action<string>? _onClosed;
    private string? _closing;
    private bool _ended;

    public string Owner => owner;

    public string Peer => peer;

    public static void Join(InMemoryConnection a, InMemoryConnection b) => (a._other, b._other) = (b, a);

    public void Start(Action<ReadOnlyMemory<byte>> onFrame, Action<int, ReadOnlyMemory<byte>> onOversize, Action<string> onClosed)
    {
        lock (_gate)
        {
            (_onFrame, _onOversize, _onClosed) = (onFrame, onOversize, onClosed);
        }

        network.Once(network.Latency, Drain);
    }

    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_closing is not null || _ended)
            {
                return false;
            }
        }

        // A cut swallows silently, as a dead network does; the sender notices by silence.
        return !network.Passes(owner, peer) || _other!.Arrive(frame.ToArray());
    }

    public void Close(string reason)
    {
        Break(reason);
        if (network.Passes(owner, peer))
        {
            _other!.Break(reason);
        }
    }

    /// <summary>Ends this side after everything that has arrived is delivered.</summary>
    public void Break(string reason)
    {
        lock (_gate)
        {
            if (_closing is not null)
            {
                return;
            }

            _closing = reason;
        }

        network.Forget(this);
        network.Once(network.Latency, Drain);
    }

    private bool Arrive(byte[] frame)
    {
        lock (_gate)
        {
            if (_closing is not null || _ended)
            {
                return true; // Lost under way, as on a real network.
            }

            if (_arriving.Count >= network.QueueCapacity)
            {
                return false;
            }

            _arriving.Enqueue(frame);
        }

        network.Once(network.Latency, Drain);
        return true;
    }

    private void Drain()
    {
        lock (_delivery)
        {
            while (true)
            {
                byte[]? frame;
                Action<string>? onClosed = null;
                lock (_gate)
                {
                    if (_onFrame is null || _ended)
                    {
                        return;
                    }

                    if (!_arriving.TryDequeue(out frame) && _closing is not null)
                    {
                        _ended = true;
                        onClosed = _onClosed;
                    }
                }

                onClosed?.Invoke(_closing!);
                if (frame is null)
                {
                    return;
                }

                Deliver(frame);
            }
        }
    }

    private void Deliver(byte[] frame)
    {
        var body = frame.AsMemory(FrameBuffer.LengthBytes);
        if (frame.Length > network.MaxFrameBytes)
        {
            _onOversize!(frame.Length, body);
        }
        else
        {
            _onFrame!(body);
        }
    }
}
