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
    private ActorPath? _path;
    private List<IActorRef>? _watchers;
    private InternalActorRef? _watchedTarget;

    public override ActorSystem System => system;

    public override ActorPath Path => _path ?? RegisterPath();

    public override InternalActorRef? Parent => null;

    /// <summary>True once answered, failed, timed out or cancelled.</summary>
    public bool IsOver => Volatile.Read(ref _state) != Waiting;

    // Temporary refs are what they are: no other object stands for the same one.
    public override int GetHashCode() => global::System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <summary>A target elsewhere cannot tell that it lost the question; watching it is the only way to know (D2).</summary>
    public void WatchTarget(InternalActorRef target)
    {
        _watchedTarget = target;
        target.SendSystemMessage(new Watch(target, this));
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

    public void TimeOut(string message)
    {
        if (End(TimedOut)) Fail(new AskTimeoutException(message));
    }

    public void Cancel(CancellationToken token)
    {
        if (End(Cancelled)) SetCancelled(token);
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                lock (Latch)
                {
                    if (!IsOver)
                    {
                        (_watchers ??= []).Add(watch.Watcher);
                        return;
                    }
                }
                ((InternalActorRef)watch.Watcher).SendSystemMessage(new DeathWatchNotification(this, true, false));
                break;
            case Unwatch unwatch:
                lock (Latch) _watchers?.Remove(unwatch.Watcher);
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

    /// <summary>An object of this ask that nobody outside sees, to lock on: an ask makes as few objects as it can.</summary>
    protected abstract object Latch { get; }

    /// <summary>Completes the asker's task; false when the answer has the wrong type.</summary>
    protected abstract bool SetAnswer(object message);

    protected abstract void Fail(Exception cause);

    protected abstract void SetCancelled(CancellationToken token);

    /// <summary>Lets go of timer and token.</summary>
    protected abstract void Release();

    private bool End(int how)
    {
        if (Interlocked.CompareExchange(ref _state, how, Waiting) != Waiting) return false;
        Release();
        if (_path is not null) system.Provider.RemoveTemp(_path.Name);
        _watchedTarget?.SendSystemMessage(new Unwatch(_watchedTarget, this));
        if (_watchers is null) return true;
        List<IActorRef> watchers;
        lock (Latch)
        {
            watchers = _watchers;
            _watchers = null;
        }
        foreach (var watcher in watchers)
            ((InternalActorRef)watcher).SendSystemMessage(new DeathWatchNotification(this, true, false));
        return true;
    }

    private ActorPath RegisterPath()
    {
        lock (Latch)
        {
            if (_path is not null) return _path;
            var path = system.Provider.AddTemp(this);
            _path = path;
            // Over meanwhile: End may have looked before the path was there.
            if (IsOver) system.Provider.RemoveTemp(path.Name);
            return path;
        }
    }
}
