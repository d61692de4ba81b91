namespace ClusterActors.Actors;

/// <summary>
/// The temporary ref behind an ask. Its path is made, and registered for lookup, only when somebody wants it (a link
/// layer, a log line), so that a local ask costs no registration. Answers a watch like any ref (D3).
/// </summary>
internal abstract class AskRef(ActorSystem system) : InternalActorRef
{
    private const int Waiting = 0;
    private const int Answered = 1;
    private const int TimedOut = 2;
    private const int Cancelled = 3;

    private int _state;
    private int _holders;
    private ICanTell? _target;
    private TimeSpan _timeout;
    private Extras? _extras;

    public override ActorSystem System => system;

    public override ActorPath Path => Volatile.Read(ref _extras)?.Path ?? RegisterPath();

    public override InternalActorRef? Parent => null;

    /// <summary>True once answered, failed, timed out or cancelled.</summary>
    public bool IsOver => Volatile.Read(ref _state) != Waiting;

    // Temporary refs are what they are: no other object stands for the same one.
    public override int GetHashCode() => global::System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    public void StartTimeout(TimeSpan timeout, ICanTell target)
    {
        if (timeout == Timeout.InfiniteTimeSpan) return;
        _target = target;
        _timeout = timeout;
        system.AskDeadlines.Add(this, timeout);
    }

    public void ListenTo(CancellationToken token)
    {
        if (!token.CanBeCanceled) return;
        var registration = token.UnsafeRegister(static (ask, cancelled) => ((AskRef)ask!).Cancel(cancelled), this);
        var extras = GetExtras();
        lock (extras) extras.Registration = registration;
        // Over meanwhile: End may have looked before the registration was there.
        if (IsOver) registration.Unregister();
    }

    /// <summary>A target elsewhere cannot tell that it lost the question; watching it is the only way to know (D2).</summary>
    public void WatchTarget(InternalActorRef target)
    {
        var extras = GetExtras();
        lock (extras) extras.WatchedTarget = target;
        target.SendSystemMessage(new Watch(target, this));
        // Over meanwhile: End may have sent this before the watch.
        if (IsOver) target.SendSystemMessage(new Unwatch(target, this));
    }

    /// <summary>The question became a dead letter: nobody will answer.</summary>
    public void QuestionLost(IActorRef recipient, string reason)
    {
        if (End(TimedOut)) Fail(new AskTargetTerminatedException($"ask of {recipient}: not delivered, {reason}"));
    }

    /// <summary>An actor has taken the question without answering it within its handler.</summary>
    public void AddHolder() => Interlocked.Increment(ref _holders);

    /// <summary>An actor that had taken the question has ended; when it was the last one, nobody will answer.</summary>
    public void HolderEnded(IActorRef holder)
    {
        if (Interlocked.Decrement(ref _holders) > 0 || !End(TimedOut)) return;
        Fail(new AskTargetTerminatedException($"ask: {holder} ended before it answered"));
    }

    public void TimeOut()
    {
        // Read before the end, which forgets it.
        var target = _target;
        if (End(TimedOut)) Fail(new AskTimeoutException($"ask of {target}: no answer within {_timeout}"));
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                var extras = GetExtras();
                lock (extras)
                {
                    if (!IsOver)
                    {
                        (extras.Watchers ??= []).Add(watch.Watcher);
                        return;
                    }
                }
                ((InternalActorRef)watch.Watcher).SendSystemMessage(new DeathWatchNotification(this, true, false));
                break;
            case Unwatch unwatch when Volatile.Read(ref _extras) is { } known:
                lock (known) known.Watchers?.Remove(unwatch.Watcher);
                break;
            case DeathWatchNotification notification when End(TimedOut):
                Fail(new AskTargetTerminatedException($"ask: {notification.Actor} ended before it answered"));
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
        if (End(Answered))
        {
            if (!SetAnswer(message)) system.DeadLetterMailbox.Publish(message, sender, this, DeadLetterReasons.AskWrongType);
        }
        else if (Volatile.Read(ref _state) != Cancelled)
        {
            system.DeadLetterMailbox.Publish(message, sender, this, DeadLetterReasons.AskOver);
        }
    }

    /// <summary>Completes the asker's task; false when the answer has the wrong type. Like its neighbours called at most once.</summary>
    protected abstract bool SetAnswer(object message);

    protected abstract void Fail(Exception cause);

    protected abstract void SetCancelled(CancellationToken token);

    private void Cancel(CancellationToken token)
    {
        if (End(Cancelled)) SetCancelled(token);
    }

    private bool End(int how)
    {
        if (Interlocked.CompareExchange(ref _state, how, Waiting) != Waiting) return false;
        // The deadlines may keep this object for a while, which must not keep an actor with it.
        _target = null;
        if (Volatile.Read(ref _extras) is { } extras) LetGo(extras);
        return true;
    }

    private void LetGo(Extras extras)
    {
        ActorPath? path;
        List<IActorRef>? watchers;
        InternalActorRef? target;
        CancellationTokenRegistration registration;
        lock (extras)
        {
            path = extras.Path;
            target = extras.WatchedTarget;
            registration = extras.Registration;
            watchers = extras.Watchers;
            extras.Watchers = null;
        }
        registration.Unregister();
        if (path is not null) system.Provider.RemoveTemp(path.Name);
        target?.SendSystemMessage(new Unwatch(target, this));
        if (watchers is null) return;
        foreach (var watcher in watchers)
            ((InternalActorRef)watcher).SendSystemMessage(new DeathWatchNotification(this, true, false));
    }

    private ActorPath RegisterPath()
    {
        var extras = GetExtras();
        lock (extras)
        {
            if (extras.Path is { } known) return known;
            var path = system.Provider.AddTemp(this);
            extras.Path = path;
            // Over meanwhile: End may have looked before the path was there.
            if (IsOver) system.Provider.RemoveTemp(path.Name);
            return path;
        }
    }

    private Extras GetExtras() =>
        Volatile.Read(ref _extras) ?? Interlocked.CompareExchange(ref _extras, new Extras(), null) ?? _extras;

    /// <summary>
    /// What few asks have. Never taken away once there; also what is locked while it changes: whoever ends the ask first
    /// marks it as over and then looks here, whoever adds something here first adds it and then looks at the mark.
    /// </summary>
    private sealed class Extras
    {
        public ActorPath? Path;
        public List<IActorRef>? Watchers;
        public InternalActorRef? WatchedTarget;
        public CancellationTokenRegistration Registration;
    }
}
