namespace ClusterActors.Actors;

/// <summary>
/// Two queues and a turn. System messages run first and again after every user message (R-MB4); at most
/// <c>throughput</c> user messages per turn (R-MB5); control messages overtake (D9). Whoever moves the state from idle
/// to scheduled owns the mailbox until the end of the turn, so there is one consumer at a time (R-MB1).
/// </summary>
internal sealed class Mailbox : IThreadPoolWorkItem, IBacklogListener
{
    private const int Idle = 0;
    private const int Scheduled = 1;
    private static readonly SystemMessage ClosedMark = new Terminate();

    private readonly ActorCell _cell;
    private readonly MessageDispatcher _dispatcher;
    private readonly MessageQueue _user;
    private MessageQueue? _control;
    private Stack<Envelope>? _front;
    private SystemMessage? _system;
    private int _state;
    private volatile bool _closed;
    private long _sampleMark = -1;
    private long _sampleMarkTime;

    public Mailbox(ActorCell cell, MessageDispatcher dispatcher)
    {
        _cell = cell;
        _dispatcher = dispatcher;
        _user = new MessageQueue(Options.MailboxLimit, this, Options.MailboxWarnLength);
    }

    public long Length => _user.Count + (_control?.Count ?? 0) + (_front?.Count ?? 0);

    /// <summary>Adds a user message; one that cannot be taken becomes a dead letter with the reason.</summary>
    /// <param name="message">Not null.</param>
    /// <param name="sender">Null for none.</param>
    /// <param name="force">For the kernel's own notices, of which an actor can have only a bounded number.</param>
    public void Post(object message, IActorRef? sender, bool force = false)
    {
        if (_closed)
        {
            _cell.System.DeadLetterMailbox.Publish(message, sender, _cell.Self, DeadLetterReasons.Terminated);
            return;
        }
        var queue = message is IControlMessage ? ControlQueue() : _user;
        if (!queue.TryEnqueue(message, sender, force))
        {
            _cell.System.DeadLetterMailbox.Publish(message, sender, _cell.Self, DeadLetterReasons.MailboxFull);
            return;
        }
        TrySchedule();
    }

    public void PostSystem(SystemMessage message)
    {
        while (true)
        {
            var top = Volatile.Read(ref _system);
            if (ReferenceEquals(top, ClosedMark))
            {
                _cell.System.DeadLetterMailbox.Refuse(message, _cell.SelfRef, existed: true);
                return;
            }
            message.Next = top;
            if (ReferenceEquals(Interlocked.CompareExchange(ref _system, message, top), top)) break;
        }
        TrySchedule();
    }

    /// <summary>Consumer only: puts messages before all waiting ones, keeping their order (R-BS5).</summary>
    public void PushFront(IReadOnlyList<Envelope> envelopes)
    {
        _front ??= new Stack<Envelope>();
        for (var i = envelopes.Count - 1; i >= 0; i--) _front.Push(envelopes[i]);
    }

    /// <summary>Consumer only: nothing is taken any more; what still waits becomes dead letters at the end of the turn.</summary>
    public void Close()
    {
        _closed = true;
        for (var rest = Interlocked.Exchange(ref _system, ClosedMark); rest is not null;)
        {
            var next = rest.Next;
            rest.Next = null;
            _cell.System.DeadLetterMailbox.Refuse(rest, _cell.SelfRef, existed: true);
            rest = next;
        }
    }

    /// <summary>A backlog is said once and at each doubling (D9); the actor's own log line names the actor.</summary>
    void IBacklogListener.BacklogGrew(long waiting) =>
        _cell.System.LogFor(_cell.SelfRef.Path).Warning(
            "{Count} messages wait in the mailbox; beyond {Limit} they become dead letters", waiting, Options.MailboxLimit);

    void IThreadPoolWorkItem.Execute() => _dispatcher.RunFromPool(this);

    /// <summary>One turn. Called by dispatchers only, for a mailbox they were given by <see cref="MessageDispatcher.Schedule"/>.</summary>
    public void RunTurn()
    {
        var outer = ActorCell.Current;
        ActorCell.Current = _cell;
        bool suspended;
        try
        {
            ProcessSystemMessages();
            for (var left = Options.Throughput; left > 0 && !_closed && !_cell.IsSuspended && TryDequeue(out var envelope); left--)
            {
                _cell.Invoke(envelope);
                if (Volatile.Read(ref _system) is not null) ProcessSystemMessages();
            }
            if (_closed) DrainToDeadLetters();
        }
        finally
        {
            ActorCell.Current = outer;
            suspended = _cell.IsSuspended;
            _user.PublishConsumed();
            _control?.PublishConsumed();
        }
        var waiting = _front is { Count: > 0 };
        Interlocked.Exchange(ref _state, Idle);
        var system = Volatile.Read(ref _system);
        if ((system is not null && !ReferenceEquals(system, ClosedMark))
            || ((!suspended || _closed) && (waiting || _user.HasMessages || _control is { HasMessages: true })))
            TrySchedule();
    }

    /// <summary>
    /// For how long, at least, the oldest waiting message has been waiting, judged from this and earlier samples: whatever
    /// was there at the last sample and is still there is at least that old. Costs senders nothing.
    /// </summary>
    public TimeSpan OldestAtLeast(TimeProvider time)
    {
        var now = time.GetTimestamp();
        if (_user.Count == 0 || _user.Consumed >= _sampleMark)
        {
            _sampleMark = _user.Count == 0 ? -1 : _user.Added;
            _sampleMarkTime = now;
            return TimeSpan.Zero;
        }
        return time.GetElapsedTime(_sampleMarkTime, now);
    }

    private ActorSystemOptions Options => _cell.System.Options;

    private void TrySchedule()
    {
        // The message must be visible before the state is judged: else the consumer, going idle, could miss the message
        // while this side misses that it went idle. The exchange below sees to that itself, so only a mailbox that looks
        // busy needs the barrier.
        if (Volatile.Read(ref _state) != Idle)
        {
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _state) != Idle) return;
        }
        if (Interlocked.CompareExchange(ref _state, Scheduled, Idle) == Idle) _dispatcher.Schedule(this);
    }

    private bool TryDequeue(out Envelope envelope)
    {
        if (_control is { } control && control.TryDequeue(out envelope)) return true;
        if (_front is { } front && front.TryPop(out envelope)) return true;
        return _user.TryDequeue(out envelope);
    }

    private void ProcessSystemMessages()
    {
        while (true)
        {
            var top = Volatile.Read(ref _system);
            if (top is null || ReferenceEquals(top, ClosedMark)) return;
            top = Interlocked.Exchange(ref _system, null);
            SystemMessage? oldest = null;
            while (top is not null)
            {
                var next = top.Next;
                top.Next = oldest;
                oldest = top;
                top = next;
            }
            while (oldest is not null)
            {
                var next = oldest.Next;
                oldest.Next = null;
                if (_closed) _cell.System.DeadLetterMailbox.Refuse(oldest, _cell.SelfRef, existed: true);
                else _cell.SystemInvoke(oldest);
                oldest = next;
            }
        }
    }

    private void DrainToDeadLetters()
    {
        while (TryDequeue(out var envelope))
            _cell.System.DeadLetterMailbox.Publish(envelope.Message, envelope.Sender, _cell.Self, DeadLetterReasons.Terminated);
    }

    private MessageQueue ControlQueue() =>
        Volatile.Read(ref _control) ?? Interlocked.CompareExchange(ref _control, new MessageQueue(Options.MailboxLimit), null) ?? _control!;
}
