using ClusterActors.Actors;

namespace ClusterActors.Remoting;

/// <summary>
/// Everything this server shares with one peer: the connection, the numbered system messages, the watches across. All state is
/// guarded by one lock; what others have to be told is collected in <see cref="Effects"/> and told after the lock is free.
/// Split by concern: connecting, sending, receiving, watches.
/// <para>
/// Session: both sides remember each other as (incarnation, session). When a hello shows that one side has forgotten, or is a new
/// process, the other side forgets too: its watchers hear AddressTerminated, its session grows, and the next connection begins
/// afresh. So what one side has declared void is never continued by the other, and nobody stays shut out (D12).
/// </para>
/// </summary>
internal sealed partial class Link : IDisposable
{
    private const int Protocol = 1;

    private readonly Lock _gate = new();
    private readonly ActorSystem _system;
    private readonly ILinkTransport _transport;
    private readonly WireRegistry _registry;
    private readonly LinkOptions _options;
    private readonly Func<string> _configHash;
    private readonly ILoggingAdapter _log;
    private readonly string _peer;
    private readonly bool _weDialFirst;

    private long _session = 1;
    private string? _peerIncarnation;
    private long _peerSession;
    private readonly Queue<Action> _toTell = [];
    private bool _telling;

    public Link(ActorSystem system, ILinkTransport transport, WireRegistry registry, LinkOptions options, string peer, Func<string> configHash)
    {
        _system = system;
        _transport = transport;
        _registry = registry;
        _options = options;
        _configHash = configHash;
        _peer = peer;
        _log = system.LogFor(ActorPath.Root(system.Provider.DefaultAddress) / "system" / "links" / peer);
        var order = string.Compare(options.Server, peer, StringComparison.OrdinalIgnoreCase);
        _weDialFirst = order < 0;
        if (order == 0)
        {
            throw new ArgumentException($"links: server {peer} is named as its own peer");
        }
    }

    public LinkStatistics Statistics => new(
        _peer,
        _up is not null,
        Interlocked.Read(ref _sent),
        Interlocked.Read(ref _received),
        Interlocked.Read(ref _droppedDown),
        Interlocked.Read(ref _droppedFull),
        Interlocked.Read(ref _droppedUnsendable),
        Interlocked.Read(ref _droppedUnreadable));

    public void DeclareLost(string reason)
    {
        var effects = new Effects(this);
        lock (_gate)
        {
            Disconnect("declared lost", effects);
            _lost = true;
            Forget(reason, effects);
            Redial();
        }

        effects.Run();
    }

    /// <summary>Voids everything shared with the peer.</summary>
    private void Forget(string reason, Effects effects)
    {
        _session++;
        _peerIncarnation = null;
        _peerSession = 0;
        _unacknowledged.Clear();
        _lastSent = 0;
        _lastDelivered = 0;
        EndWatches(effects);
        effects.Add(() => _system.EventStream.Publish(new PeerLost(_peer, reason)));
    }

    private void Tell()
    {
        lock (_gate)
        {
            if (_telling)
            {
                return; // Whoever tells now goes on until nothing is left.
            }

            _telling = true;
        }

        try
        {
            while (NextToTell() is { } told)
            {
                told();
            }
        }
        catch
        {
            lock (_gate)
            {
                _telling = false;
            }

            throw;
        }
    }

    private Action? NextToTell()
    {
        lock (_gate)
        {
            _telling = _toTell.TryDequeue(out var next);
            return next;
        }
    }

    /// <summary>
    /// Actions to be run once the lock is free. They run in the order in which they were added under the lock, whichever thread added them: a
    /// LinkDown that came after the LinkUp behind it would leave the link down for its readers for ever.
    /// </summary>
    private sealed class Effects(Link? link)
    {
        public static readonly Effects Unheard = new(null);

        public void Add(Action action) => link?._toTell.Enqueue(action);

        public void Run() => link?.Tell();
    }
}
