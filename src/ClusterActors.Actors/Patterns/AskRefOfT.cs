namespace ClusterActors.Actors;

/// <summary>An ask whose answer is wanted as <typeparamref name="T"/>.</summary>
internal sealed class AskRef<T> : AskRef
{
    private readonly ActorSystem _system;
    private readonly TaskCompletionSource<T> _completion;
    private AskTimeout? _timeout;
    private CancellationTokenRegistration _registration;

    public AskRef(ActorSystem system)
        : base(system)
    {
        _system = system;
        // Continuations never run inside the replier's turn (R-AK6). A deterministic dispatcher takes the whole completion
        // as a turn of its own instead, so that no thread outside the test comes in.
        _completion = new TaskCompletionSource<T>(
            system.Dispatcher.IsDeterministic ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public Task<T> Task => _completion.Task;

    protected override object Latch => _completion;

    public void StartTimeout(TimeSpan timeout, ICanTell target)
    {
        if (timeout == Timeout.InfiniteTimeSpan) return;
        _timeout = new AskTimeout(this, timeout, target);
        _system.Scheduler.Add(_timeout, timeout);
    }

    public void ListenTo(CancellationToken token)
    {
        if (!token.CanBeCanceled) return;
        _registration = token.UnsafeRegister(static (ask, cancelled) => ((AskRef)ask!).Cancel(cancelled), this);
    }

    protected override bool SetAnswer(object message)
    {
        switch (message)
        {
            case T answer:
                Succeed(answer);
                return true;
            case Status.Failure failure:
                Fail(failure.Cause);
                return true;
            // A null cannot be told, so an empty success stands for it.
            case Status.Success { Value: null } when default(T) is null:
                Succeed(default!);
                return true;
            case Status.Success { Value: T value }:
                Succeed(value);
                return true;
            default:
                Fail(new ArgumentException($"ask: expects an answer of type {typeof(T).Name}, got {message.GetType().Name}"));
                return false;
        }
    }

    protected override void Fail(Exception cause)
    {
        if (_system.Dispatcher.IsDeterministic) _system.Dispatcher.Execute(() => _completion.TrySetException(cause));
        else _completion.TrySetException(cause);
    }

    protected override void SetCancelled(CancellationToken token)
    {
        if (_system.Dispatcher.IsDeterministic) _system.Dispatcher.Execute(() => _completion.TrySetCanceled(token));
        else _completion.TrySetCanceled(token);
    }

    private void Succeed(T answer)
    {
        if (_system.Dispatcher.IsDeterministic) _system.Dispatcher.Execute(() => _completion.TrySetResult(answer));
        else _completion.TrySetResult(answer);
    }

    protected override void Release()
    {
        if (_timeout is not null) _system.Scheduler.Remove(_timeout);
        _registration.Unregister();
    }

    private sealed class AskTimeout(AskRef<T> ask, TimeSpan timeout, ICanTell target) : ScheduledItem
    {
        internal override void Fire() => ask.TimeOut($"ask of {target}: no answer within {timeout}");
    }
}
