namespace ClusterActors.Actors;

internal sealed partial class ActorCell
{
    private IActorRef? _sender;
    private Envelope _currentMessage;
    private TimeSpan? _receiveTimeout;
    private ReceiveTimeoutTick? _receiveTimeoutTick;
    private long _lastActivity;

    // Asks whose question was taken here and not answered within its handler; failed when this actor ends (D2).
    private List<AskRef>? _heldAsks;
    private int _heldAsksLimit = 16;

    public IActorRef Sender => _sender ?? System.DeadLetters;

    /// <summary>The delivery being handled, for the stash.</summary>
    public Envelope CurrentMessage => _currentMessage;

    /// <summary>Number of the delivery being handled; tells two deliveries of equal messages apart.</summary>
    public long DeliveryNumber { get; private set; }

    public TimeSpan? ReceiveTimeout => _receiveTimeout;

    /// <summary>Handles one user message; an exception becomes a failure of this actor (R-MB9).</summary>
    public void Invoke(in Envelope envelope)
    {
        _currentMessage = envelope;
        _sender = envelope.Sender;
        DeliveryNumber++;
        var message = envelope.Message;
        try
        {
            if (_receiveTimeout is not null && message is not INotInfluenceReceiveTimeout and not ReceiveTimeoutTick and not TimerEntry)
                _lastActivity = System.Time.GetTimestamp();
            switch (message)
            {
                case AutoReceivedMessage auto: AutoReceive(auto); break;
                case TimerEntry entry: ReceiveTimerTick(entry); break;
                case ReceiveTimeoutTick tick: ReceiveTimeoutIsDue(tick); break;
                default: _actor!.AroundReceive(_behaviour!, message); break;
            }
        }
        catch (Exception failure)
        {
            _failedAt = _currentMessage;
            HandleInvokeFailure(failure, perpetrator: SelfRef);
        }
        finally
        {
            if (envelope.Sender is AskRef ask) HoldAsk(ask);
            if (_asyncHandler is null)
            {
                _sender = null;
                _currentMessage = default;
            }
        }
    }

    public void SetReceiveTimeout(TimeSpan? timeout)
    {
        if (timeout is { } period) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero, nameof(timeout));
        _receiveTimeout = timeout;
        if (_receiveTimeoutTick is { } old) System.Scheduler.Remove(old);
        // A tick that already waits in the mailbox is known by not being the current one.
        _receiveTimeoutTick = null;
        if (timeout is not { } delay) return;
        _lastActivity = System.Time.GetTimestamp();
        _receiveTimeoutTick = new ReceiveTimeoutTick(this);
        System.Scheduler.Add(_receiveTimeoutTick, delay);
    }

    private void AutoReceive(AutoReceivedMessage message)
    {
        switch (message)
        {
            case PoisonPill:
                SelfRef.Stop();
                break;
            case Kill:
                throw new ActorKilledException(SelfRef);
            case Identify identify:
                Sender.Tell(new ActorIdentity(identify.MessageId, SelfRef), SelfRef);
                break;
            case Terminated terminated:
                ReceivedTerminated(terminated);
                break;
        }
    }

    private void ReceiveTimerTick(TimerEntry entry)
    {
        // The set is kept over restarts, but cancelled with the old instance, so its ticks are all stale by then.
        if (_timers?.Take(entry) is { } message) ReceiveUnwrapped(message);
    }

    /// <summary>Delivers what was wrapped in a kernel notice as if it had come by itself (R-TM3).</summary>
    private void ReceiveUnwrapped(object message)
    {
        _currentMessage = _currentMessage with { Message = message };
        if (_receiveTimeout is not null && message is not INotInfluenceReceiveTimeout) _lastActivity = System.Time.GetTimestamp();
        if (message is AutoReceivedMessage auto) AutoReceive(auto);
        else _actor!.AroundReceive(_behaviour!, message);
    }

    // The tick is not moved at each message, which would cost a heap operation; it looks at the last activity when due.
    private void ReceiveTimeoutIsDue(ReceiveTimeoutTick tick)
    {
        if (!ReferenceEquals(tick, _receiveTimeoutTick) || _receiveTimeout is not { } timeout) return;
        var remaining = timeout - System.Time.GetElapsedTime(_lastActivity);
        if (remaining > TimeSpan.Zero)
        {
            System.Scheduler.Add(tick, remaining);
            return;
        }
        _lastActivity = System.Time.GetTimestamp();
        System.Scheduler.Add(tick, timeout);
        _sender = null;
        _currentMessage = new Envelope(Actors.ReceiveTimeout.Instance, null);
        _actor!.AroundReceive(_behaviour!, Actors.ReceiveTimeout.Instance);
    }

    private void HoldAsk(AskRef ask)
    {
        if (ask.IsOver || Phase == CellPhase.Terminated) return;
        _heldAsks ??= [];
        if (_heldAsks.Count >= _heldAsksLimit)
        {
            _heldAsks.RemoveAll(static held => held.IsOver);
            _heldAsksLimit = Math.Max(16, _heldAsks.Count * 2);
        }
        ask.AddHolder();
        _heldAsks.Add(ask);
    }

    private void FailHeldAsks()
    {
        if (_heldAsks is null) return;
        foreach (var ask in _heldAsks) ask.HolderEnded(SelfRef);
        _heldAsks = null;
    }
}

/// <summary>The actor's receive timeout may be due; the cell decides when it takes this from the mailbox.</summary>
internal sealed class ReceiveTimeoutTick(ActorCell cell) : ScheduledItem
{
    internal override void Fire() => cell.Mailbox.Post(this, null, force: true);
}
