using ClusterActors.Actors;

namespace ClusterActors.Persistence;

/// <summary>
/// An actor whose state is the sum of its events. A command decides on an event and calls <see cref="Persist{TEvent}"/>; the handler
/// changes the state once the event is on stable storage. After a start or restart the events of the past come to the
/// <see cref="Recover{T}"/> handlers, then <see cref="RecoveryCompleted"/>, then commands: those that arrived meanwhile, in order.
/// <para>
/// A write failure stops the actor: memory and store could differ, and only a new recovery can tell. Put it below a backoff
/// supervisor, and never let a supervisor resume it: an actor that finds itself resumed after a failure stops.
/// </para>
/// <para>
/// While a Persist is under way the mailbox rests, so no command runs between it and its handler. In handlers of PersistAsync and
/// DeferAsync use <see cref="Sender"/>, not Forward: they may run in the turn of another command.
/// </para>
/// </summary>
public abstract partial class ReceivePersistentActor : ReceiveActor
{
    private readonly EventStore _store;
    private readonly List<Func<object, bool>> _recoverHandlers = [];
    private IActorRef? _handlerSender;
    private bool _asyncCommandRuns;
    private bool _instanceEnded;
    private bool _failed;

    protected ReceivePersistentActor(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _time = Context.System.Time;
    }

    /// <summary>Name of the actor's stream of events; the same over all its lives and unique in the store. 1-250 characters.</summary>
    public abstract string PersistenceId { get; }

    /// <summary>Number of the last event that is part of the state; 0 before the first.</summary>
    public long LastSequenceNr { get; private set; }

    /// <summary>True until <see cref="RecoveryCompleted"/> has been handled.</summary>
    public bool IsRecovering { get; private set; } = true;

    /// <summary>Which snapshots recovery may use; <see cref="SnapshotCriteria.None"/> replays all events.</summary>
    protected virtual SnapshotCriteria RecoverySnapshots => SnapshotCriteria.Latest;

    /// <summary>Sender of the command being handled, also inside the handlers of its events; dead letters when nobody.</summary>
    protected new IActorRef Sender => _handlerSender ?? base.Sender;

    /// <summary>Handles events, snapshots and <see cref="RecoveryCompleted"/> of the recovery. First match wins; call in the constructor.</summary>
    protected void Recover<T>(Action<T> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _recoverHandlers.Add(message =>
        {
            if (message is not T typed)
            {
                return false;
            }

            handler(typed);
            return true;
        });
    }

    /// <summary>Handles a command, when <paramref name="shouldHandle"/> says so.</summary>
    protected void Command<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => Receive(handler, shouldHandle);

    /// <summary>Handles a command asynchronously: no other command runs until the task and the handlers of its events have ended.</summary>
    protected void CommandAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        base.ReceiveAsync<T>(message => RunAsyncCommand(() => handler(message)), shouldHandle);
    }

    /// <summary>Handles every other command; must be the last.</summary>
    protected void CommandAny(Action<object> handler) => ReceiveAny(handler);

    /// <inheritdoc cref="CommandAsync{T}"/>
    protected new void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) => CommandAsync(handler, shouldHandle);

    /// <inheritdoc cref="CommandAsync{T}"/>
    protected new void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => CommandAsync(handler, shouldHandle);

    /// <inheritdoc cref="CommandAsync{T}"/>
    protected new void ReceiveAnyAsync(Func<object, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        base.ReceiveAnyAsync(message => RunAsyncCommand(() => handler(message)));
    }

    /// <summary>Runs an asynchronous part of a command: no other command runs until it and the handlers of its events have ended.</summary>
    protected new void RunTask(Func<Task> task)
    {
        ArgumentNullException.ThrowIfNull(task);
        base.RunTask(() => RunAsyncCommand(task));
    }

    /// <summary>A write failed; afterwards the actor stops. The event may or may not be stored.</summary>
    protected virtual void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Context.System.LogFor(Self.Path).Error(cause, "event {Event} number {SequenceNr} could not be stored; the actor stops: {Cause}", @event.GetType().Name, sequenceNr, cause.Message);

    /// <summary>An event has no stored form; nothing was written, its handler does not run, the actor goes on.</summary>
    protected virtual void OnPersistRejected(Exception cause, object @event) =>
        Context.System.LogFor(Self.Path).Error(cause, "event {Event} was not stored: {Cause}", @event.GetType().Name, cause.Message);

    /// <summary>The past could not be restored; afterwards the actor stops. Nothing was changed in the store.</summary>
    /// <param name="reason">What was wrong.</param>
    /// <param name="message">The event or snapshot concerned, if any.</param>
    protected virtual void OnRecoveryFailure(Exception reason, object? message) =>
        Context.System.LogFor(Self.Path).Error(reason, "recovery of {PersistenceId} failed after event {SequenceNr}; the actor stops: {Cause}", PersistenceId, LastSequenceNr, reason.Message);

    /// <inheritdoc/>
    protected override void Unhandled(object message)
    {
        if (message is not IPersistenceAnswer)
        {
            base.Unhandled(message);
        }
    }

    /// <inheritdoc/>
    protected override void AroundPreStart()
    {
        base.AroundPreStart();
        base.RunTask(RecoverAsync);
    }

    /// <inheritdoc/>
    protected override void AroundPostRestart(Exception cause)
    {
        // The default PostRestart calls PreStart, the hook, and not AroundPreStart: recovery starts once.
        base.AroundPostRestart(cause);
        base.RunTask(RecoverAsync);
    }

    /// <inheritdoc/>
    protected override void AroundPostStop()
    {
        _instanceEnded = true;
        base.AroundPostStop();
    }

    /// <inheritdoc/>
    protected override void AroundPreRestart(Exception cause, object? message)
    {
        _instanceEnded = true;
        base.AroundPreRestart(cause, message);
    }

    /// <inheritdoc/>
    protected override bool AroundReceive(Receive receive, object message)
    {
        if (_failed)
        {
            Context.System.LogFor(Self.Path).Error(null, "was resumed after a failure; memory and store may differ, so the actor stops");
            Context.Stop(Self);
            return true;
        }

        bool handled;
        try
        {
            if (message is WriteEnded ended)
            {
                ConcludeWrite(ended.Write);
                handled = true;
            }
            else
            {
                LogFailedAnswer(message);
                handled = base.AroundReceive(receive, message);
            }
        }
        catch
        {
            FailAfterStoring();
            throw;
        }

        AfterTurn();
        return handled;
    }

    private async Task RunAsyncCommand(Func<Task> command)
    {
        _asyncCommandRuns = true;
        try
        {
            await command();
        }
        catch
        {
            FailAfterStoring();
            throw;
        }
        finally
        {
            _asyncCommandRuns = false;
        }

        await DrainAsync();
    }

    private void LogFailedAnswer(object message)
    {
        switch (message)
        {
            case SaveSnapshotFailure f:
                Context.System.LogFor(Self.Path).Warning(f.Cause, "snapshot {SequenceNr} was not stored: {Cause}", f.SequenceNr, f.Cause.Message);
                break;
            case DeleteMessagesFailure f:
                Context.System.LogFor(Self.Path).Warning(f.Cause, "events up to {SequenceNr} were not deleted: {Cause}", f.ToSequenceNr, f.Cause.Message);
                break;
            case DeleteSnapshotsFailure f:
                Context.System.LogFor(Self.Path).Warning(f.Cause, "snapshots were not deleted: {Cause}", f.Cause.Message);
                break;
        }
    }
}
