using ClusterActors.Actors;

namespace ClusterActors.Persistence;

public abstract partial class ReceivePersistentActor
{
    private readonly Queue<Invocation> _pending = new();
    private readonly List<JournalEvent> _unwritten = [];
    private OutstandingWrite? _write;
    private long _lastAssignedNr;
    private int _holding;
    private bool _draining;

    /// <summary>
    /// Stores an event; the handler runs when it is on stable storage, and no other command runs before. Several calls in one command
    /// are written together and their handlers run in the order of the calls.
    /// </summary>
    protected void Persist<TEvent>(TEvent @event, Action<TEvent> handler)
        where TEvent : notnull => Add([@event], handler, holdsCommands: true);

    /// <summary>Stores events together or not at all; the handler runs for each. Null and empty do nothing.</summary>
    protected void PersistAll<TEvent>(IEnumerable<TEvent>? events, Action<TEvent> handler)
        where TEvent : notnull => Add(events, handler, holdsCommands: true);

    /// <summary>As <see cref="Persist{TEvent}"/>, but further commands run meanwhile; for events whose order to commands does not matter.</summary>
    protected void PersistAsync<TEvent>(TEvent @event, Action<TEvent> handler)
        where TEvent : notnull => Add([@event], handler, holdsCommands: false);

    /// <summary>As <see cref="PersistAll{TEvent}"/>, but further commands run meanwhile.</summary>
    protected void PersistAllAsync<TEvent>(IEnumerable<TEvent>? events, Action<TEvent> handler)
        where TEvent : notnull => Add(events, handler, holdsCommands: false);

    /// <summary>Runs the handler after those of all events persisted before; at once when none is under way. Stores nothing.</summary>
    protected void DeferAsync<T>(T value, Action<T> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        RequireRecovered();
        if (_pending.Count == 0)
        {
            handler(value);
            return;
        }

        _pending.Enqueue(new Invocation(InvocationKind.Deferred, false, 0, value, v => handler((T)v), Sender, null));
    }

    private void Add<TEvent>(IEnumerable<TEvent>? events, Action<TEvent> handler, bool holdsCommands)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        RequireRecovered();
        var all = events?.ToArray() ?? [];
        Action<object> invoke = e => handler((TEvent)e);
        var (forms, rejection) = TrySerialize(all);
        for (var i = 0; i < all.Length; i++)
        {
            if (rejection is null)
            {
                var stored = new JournalEvent(++_lastAssignedNr, forms[i], _time.GetUtcNow());
                _unwritten.Add(stored);
                _pending.Enqueue(new Invocation(InvocationKind.Stored, holdsCommands, stored.SequenceNr, all[i], invoke, Sender, null));
            }
            else
            {
                _pending.Enqueue(new Invocation(InvocationKind.Rejected, holdsCommands, 0, all[i], invoke, Sender, rejection));
            }

            _holding += holdsCommands ? 1 : 0;
        }
    }

    private (StoredForm[] Forms, Exception? Rejection) TrySerialize<TEvent>(TEvent[] events)
        where TEvent : notnull
    {
        var forms = new StoredForm[events.Length];
        try
        {
            for (var i = 0; i < events.Length; i++)
            {
                forms[i] = _store.Registry.Serialize(events[i]);
            }

            return (forms, null);
        }
        catch (EventSchemaException e)
        {
            return (forms, e);
        }
    }

    private void RequireRecovered()
    {
        if (IsRecovering)
        {
            throw new InvalidOperationException($"{PersistenceId}: Persist was called during recovery; persist in answer to a command or to RecoveryCompleted");
        }
    }

    /// <summary>At the end of each turn: hand over what was persisted, and rest until it is stored where commands must wait.</summary>
    private void AfterTurn()
    {
        if (_pending.Count == 0 || _asyncCommandRuns || _draining || _failed)
        {
            return;
        }

        if (_holding > 0)
        {
            base.RunTask(DrainAsync);
        }
        else
        {
            FlushInBackground();
        }
    }

    /// <summary>Writes and runs handlers until nothing holds commands back any more; nested Persist calls are part of it.</summary>
    private async Task DrainAsync()
    {
        _draining = true;
        try
        {
            while (_holding > 0)
            {
                if (Flush() is not { } write)
                {
                    RunInvocations(_pending.Count); // Only rejected and deferred ones are left.
                    continue;
                }

                await write.Task.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
                if (_instanceEnded)
                {
                    return;
                }

                ConcludeWrite(write);
            }
        }
        catch
        {
            FailAfterStoring();
            throw;
        }
        finally
        {
            _draining = false;
        }

        FlushInBackground();
    }

    private void FlushInBackground()
    {
        if (_pending.Count == 0 || _write is not null || _failed)
        {
            return;
        }

        if (Flush() is not { } write)
        {
            RunInvocations(_pending.Count);
            return;
        }

        var self = Self;
        write.Task.ContinueWith(
            _ => self.Tell(new WriteEnded(write), ActorRefs.NoSender),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>The write under way, started now if there was none (R-PA10); null when there is nothing to write.</summary>
    private OutstandingWrite? Flush()
    {
        if (_write is not null || _unwritten.Count == 0)
        {
            return _write;
        }

        var events = _unwritten.ToArray();
        _unwritten.Clear();
        var first = _pending.First(i => i.Kind == InvocationKind.Stored);
        return _write = new OutstandingWrite(_store.Journal.WriteAsync(PersistenceId, _epoch, events), _pending.Count, first);
    }

    /// <summary>What a command persisted before it failed is stored all the same (R-PA9); recovery will show it.</summary>
    private void FailAfterStoring()
    {
        _failed = true;
        if (!_instanceEnded)
        {
            Flush();
        }
    }

    private void ConcludeWrite(OutstandingWrite write)
    {
        if (!ReferenceEquals(write, _write))
        {
            return; // Of an earlier instance (R-PA12), or already concluded by a Persist that came later.
        }

        _write = null;
        if (write.Task.IsCompletedSuccessfully)
        {
            RunInvocations(write.Invocations);
            return;
        }

        _failed = true;
        _pending.Clear();
        _unwritten.Clear();
        _holding = 0;
        OnPersistFailure(write.Task.Exception?.InnerException ?? new TaskCanceledException(write.Task), write.FirstStored.Event, write.FirstStored.SequenceNr);
        Context.Stop(Self);
    }

    private void RunInvocations(int count)
    {
        for (; count > 0; count--)
        {
            var invocation = _pending.Dequeue();
            _holding -= invocation.HoldsCommands ? 1 : 0;
            _handlerSender = invocation.Sender;
            try
            {
                Run(invocation);
            }
            finally
            {
                _handlerSender = null;
            }
        }
    }

    private void Run(Invocation invocation)
    {
        switch (invocation.Kind)
        {
            case InvocationKind.Stored:
                LastSequenceNr = invocation.SequenceNr;
                invocation.Handler(invocation.Event);
                break;
            case InvocationKind.Deferred:
                invocation.Handler(invocation.Event);
                break;
            default:
                OnPersistRejected(invocation.Rejection!, invocation.Event);
                break;
        }
    }
}
