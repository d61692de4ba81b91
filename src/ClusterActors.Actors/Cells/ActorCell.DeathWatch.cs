namespace ClusterActors.Actors;

internal sealed partial class ActorCell
{
    // Watched actors with the message to deliver instead of Terminated (null: Terminated itself).
    private Dictionary<IActorRef, object?>? _watching;

    // Terminated is on its way through the user mailbox (R-DW4); Unwatch takes the entry away and so the notice (R-DW1).
    private Dictionary<IActorRef, object?>? _terminatedQueued;
    private HashSet<IActorRef>? _watchers;

    public IActorRef Watch(IActorRef subject) => DoWatch(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return DoWatch(subject, message);
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (_watching?.Remove(subject) == true)
            ((InternalActorRef)subject).SendSystemMessage(new Unwatch(subject, SelfRef));
        _terminatedQueued?.Remove(subject);
        return subject;
    }

    /// <summary>Watches and notices under way; for leak tests.</summary>
    internal int WatchBookkeeping => (_watching?.Count ?? 0) + (_terminatedQueued?.Count ?? 0);

    /// <summary>A stashed notice must be delivered once more (R-BS7).</summary>
    public void RearmTerminated(Terminated terminated) => (_terminatedQueued ??= []).TryAdd(terminated.ActorRef, null);

    private IActorRef DoWatch(IActorRef subject, object? message)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (ReferenceEquals(subject, SelfRef)) return subject;
        _watching ??= [];
        if (_watching.TryGetValue(subject, out var present))
        {
            if (!Equals(present, message))
                throw new InvalidOperationException(
                    $"{SelfRef.Path}: already watches {subject} with {present ?? "Terminated"}, asked for {message ?? "Terminated"}; Unwatch first");
            return subject;
        }
        _watching.Add(subject, message);
        ((InternalActorRef)subject).SendSystemMessage(new Watch(subject, SelfRef));
        return subject;
    }

    private void AddWatcher(Watch watch)
    {
        if (!ReferenceEquals(watch.Watcher, SelfRef)) (_watchers ??= []).Add(watch.Watcher);
    }

    private void RemoveWatcher(Unwatch unwatch) => _watchers?.Remove(unwatch.Watcher);

    private void WatchedActorTerminated(DeathWatchNotification notification)
    {
        var dead = notification.Actor;
        if (Phase is not CellPhase.Terminating && TryEndWatch(dead, out var watched, out var message))
        {
            (_terminatedQueued ??= [])[watched] = message;
            Mailbox.Post(new Terminated(watched, notification.ExistenceConfirmed, notification.AddressTerminated), dead, force: true);
        }
        if (StatsOf(dead) is not null) RemoveChild(dead);
    }

    /// <summary>A ref without uid, resolved from a path, is ended by the notice of whichever incarnation answered.</summary>
    private bool TryEndWatch(IActorRef dead, out IActorRef watched, out object? message)
    {
        watched = dead;
        message = null;
        if (_watching is null) return false;
        if (_watching.Remove(dead, out message)) return true;
        foreach (var candidate in _watching.Keys)
        {
            if (candidate.Path.Uid != ActorPath.UndefinedUid || candidate.Path != dead.Path) continue;
            watched = candidate;
            return _watching.Remove(candidate, out message);
        }
        return false;
    }

    private void ReceivedTerminated(Terminated terminated)
    {
        if (_terminatedQueued is null || !_terminatedQueued.Remove(terminated.ActorRef, out var message)) return;
        if (message is not null) ReceiveUnwrapped(message);
        else _actor!.AroundReceive(_behaviour!, terminated);
    }

    private void TellWatchersWeDied()
    {
        if (_watchers is null) return;
        foreach (var watcher in _watchers)
        {
            // The parent has been told already, as parent.
            if (!ReferenceEquals(watcher, ParentRef))
                ((InternalActorRef)watcher).SendSystemMessage(
                    new DeathWatchNotification(SelfRef, existenceConfirmed: true, addressTerminated: false));
        }
        _watchers = null;
    }

    private void UnwatchAll()
    {
        if (_watching is not null)
        {
            foreach (var subject in _watching.Keys)
                ((InternalActorRef)subject).SendSystemMessage(new Unwatch(subject, SelfRef));
        }
        _watching = null;
        _terminatedQueued = null;
    }
}
