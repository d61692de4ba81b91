namespace ClusterActors.Actors;

internal sealed partial class ActorCell
{
    private AsyncHandler? _asyncHandler;

    /// <summary>
    /// Runs an async handler. Until it ends no other user message is handled (R-AS1); everything after an await comes
    /// back as a system message, so it runs in the actor's turn with the sender and message of its start (R-AS2).
    /// </summary>
    public void RunTask(Func<Task> start)
    {
        if (_asyncHandler is not null)
            throw new InvalidOperationException($"{SelfRef.Path}: an async handler is already running; await it instead of starting another");
        var handler = new AsyncHandler(this, _currentMessage);
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(handler);
        Task task;
        try
        {
            task = start();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();
            return;
        }
        _asyncHandler = handler;
        _suspensions++;
        task.ContinueWith(
            static (ended, state) =>
            {
                var of = (AsyncHandler)state!;
                of.Cell.Mailbox.PostSystem(new AsyncHandlerEnded(of, ended));
            },
            handler, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void RunAsyncContinuation(RunContinuation continuation)
    {
        var handler = continuation.Handler;
        var (sender, message) = (_sender, _currentMessage);
        var outer = SynchronizationContext.Current;
        (_sender, _currentMessage) = (handler.Message.Sender, handler.Message);
        SynchronizationContext.SetSynchronizationContext(handler);
        try
        {
            continuation.Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
            (_sender, _currentMessage) = (sender, message);
        }
    }

    private void FinishAsyncHandler(AsyncHandlerEnded ended)
    {
        if (!ReferenceEquals(ended.Handler, _asyncHandler))
        {
            // Its instance has been restarted meanwhile; the suspension was taken away then.
            ended.LogLateOutcome(System, SelfRef);
            return;
        }
        _asyncHandler = null;
        _suspensions--;
        _sender = null;
        _currentMessage = default;
        if (_receiveTimeout is not null) _lastActivity = System.Time.GetTimestamp();
        if (ended.Task.IsCompletedSuccessfully) return;
        _failedAt = ended.Handler.Message;
        HandleInvokeFailure(ended.Failure, perpetrator: SelfRef);
    }

    private void AbandonAsyncHandler()
    {
        if (_asyncHandler is null) return;
        _failedAt ??= _asyncHandler.Message;
        _asyncHandler = null;
        _suspensions--;
    }
}

/// <summary>One run of an async handler: where its continuations go, and what they see as current message.</summary>
internal sealed class AsyncHandler(ActorCell cell, Envelope message) : SynchronizationContext
{
    public ActorCell Cell => cell;

    public Envelope Message => message;

    public override void Post(SendOrPostCallback d, object? state) => cell.Mailbox.PostSystem(new RunContinuation(this, d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("an actor cannot be entered synchronously; use Tell");
}

internal sealed class RunContinuation(AsyncHandler handler, SendOrPostCallback callback, object? state) : SystemMessage
{
    public AsyncHandler Handler => handler;

    public void Run() => callback(state);

    /// <summary>
    /// The actor is gone. The rest of the handler still runs, outside any actor, so that its <c>finally</c> blocks do;
    /// its outcome is logged (D5).
    /// </summary>
    public void RunOutsideTheActor(ActorSystem system, InternalActorRef target)
    {
        system.LogFor(target.Path).Debug("an async handler went on after the actor had stopped; its remaining code runs outside the actor");
        system.Dispatcher.Execute(() =>
        {
            var outer = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(handler);
            try
            {
                callback(state);
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(outer);
            }
        });
    }
}

internal sealed class AsyncHandlerEnded(AsyncHandler handler, Task task) : SystemMessage
{
    public AsyncHandler Handler => handler;

    public Task Task => task;

    public Exception Failure => task.Exception?.InnerException ?? new TaskCanceledException(task);

    public void LogLateOutcome(ActorSystem system, InternalActorRef target)
    {
        // Cancelled is what the actor's own token asks for; anything else somebody may want to see.
        if (task.IsFaulted) system.LogFor(target.Path).Warning(Failure, "an async handler failed after the actor had stopped or restarted");
    }
}
