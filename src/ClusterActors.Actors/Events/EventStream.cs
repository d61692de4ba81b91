namespace ClusterActors.Actors;

/// <summary>
/// Publish and subscribe by type inside one system: a subscriber to a class or interface gets everything assignable to
/// it, each event once. A subscriber that ends is unsubscribed by itself.
/// </summary>
public sealed class EventStream
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IActorRef, Subscription> _subscriptions = [];
    private readonly EndListener _endListener;
    private Dictionary<Type, IActorRef[]> _cache = [];

    internal EventStream(ActorSystem system) => _endListener = new EndListener(system, this);

    /// <summary>Wants events of <paramref name="channel"/>; false when it already gets them.</summary>
    public bool Subscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(channel);
        var isNew = false;
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue(subscriber, out var subscription))
            {
                isNew = true;
                _subscriptions[subscriber] = subscription = new Subscription();
            }
            if (!subscription.Include(channel)) return false;
            _cache = [];
        }
        if (isNew) ((InternalActorRef)subscriber).SendSystemMessage(new Watch(subscriber, _endListener));
        return true;
    }

    /// <summary>Wants events of <typeparamref name="T"/>.</summary>
    public bool Subscribe<T>(IActorRef subscriber) => Subscribe(subscriber, typeof(T));

    /// <summary>Wants no more events of <paramref name="channel"/> and below; false when it got none.</summary>
    public bool Unsubscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(channel);
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue(subscriber, out var subscription) || !subscription.Exclude(channel)) return false;
            _cache = [];
            if (!subscription.IsEmpty) return true;
            _subscriptions.Remove(subscriber);
        }
        ((InternalActorRef)subscriber).SendSystemMessage(new Unwatch(subscriber, _endListener));
        return true;
    }

    /// <summary>Wants nothing any more; false when it got nothing.</summary>
    public bool Unsubscribe(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        if (!Remove(subscriber)) return false;
        ((InternalActorRef)subscriber).SendSystemMessage(new Unwatch(subscriber, _endListener));
        return true;
    }

    /// <summary>Tells the event to its subscribers, without sender.</summary>
    public void Publish(object evt)
    {
        ArgumentNullException.ThrowIfNull(evt);
        foreach (var subscriber in SubscribersOf(evt.GetType())) subscriber.Tell(evt, ActorRefs.NoSender);
    }

    private bool Remove(IActorRef subscriber)
    {
        lock (_lock)
        {
            if (!_subscriptions.Remove(subscriber)) return false;
            _cache = [];
            return true;
        }
    }

    private IActorRef[] SubscribersOf(Type type)
    {
        lock (_lock)
        {
            if (_cache.TryGetValue(type, out var known)) return known;
            var found = new List<IActorRef>();
            foreach (var (subscriber, subscription) in _subscriptions)
            {
                if (subscription.Wants(type)) found.Add(subscriber);
            }
            return _cache[type] = [.. found];
        }
    }

    /// <summary>Types wanted, and types below them taken back since.</summary>
    private sealed class Subscription
    {
        private readonly List<Type> _included = [];
        private readonly List<Type> _excluded = [];

        public bool IsEmpty => _included.Count == 0;

        public bool Wants(Type type) =>
            _included.Exists(channel => channel.IsAssignableFrom(type)) && !_excluded.Exists(channel => channel.IsAssignableFrom(type));

        public bool Include(Type channel)
        {
            if (_included.Contains(channel) && !_excluded.Exists(channel.IsAssignableFrom)) return false;
            _excluded.RemoveAll(excluded => channel.IsAssignableFrom(excluded) || excluded.IsAssignableFrom(channel));
            if (!_included.Contains(channel)) _included.Add(channel);
            return true;
        }

        public bool Exclude(Type channel)
        {
            var changed = _included.RemoveAll(channel.IsAssignableFrom) > 0;
            if (Wants(channel))
            {
                _excluded.Add(channel);
                changed = true;
            }
            return changed;
        }
    }

    private sealed class EndListener(ActorSystem system, EventStream stream) : MinimalActorRef
    {
        private readonly ActorPath _path = ActorPath.Root(new Address(system.Name)) / "system" / "eventStream";

        public override ActorPath Path => _path;

        public override ActorSystem System => system;

        public override void SendSystemMessage(SystemMessage message)
        {
            if (message is DeathWatchNotification notification) stream.Remove(notification.Actor);
        }

        protected override void TellInternal(object message, IActorRef? sender) { }
    }
}
