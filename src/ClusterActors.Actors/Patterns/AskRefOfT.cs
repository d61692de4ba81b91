namespace ClusterActors.Actors;

/// <summary>An ask whose answer is wanted as <typeparamref name="T"/>.</summary>
/// <remarks>
/// Continuations never run inside the replier's turn (R-AK6). A deterministic dispatcher takes the whole completion as a
/// turn of its own instead, so that no thread outside the test comes in.
/// </remarks>
internal sealed class AskRef<T>(ActorSystem system) : AskRef(system)
{
    // Null once the ask is over.
    private TaskCompletionSource<T>? _completion = new(
        system.Dispatcher.IsDeterministic ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>To be taken before anything can end the ask.</summary>
    public Task<T> Task => _completion!.Task;

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
        var completion = TakeCompletion();
        if (!System.Dispatcher.IsDeterministic) completion.TrySetException(cause);
        else InTurnOfItsOwn(() => completion.TrySetException(cause));
    }

    protected override void SetCancelled(CancellationToken token)
    {
        var completion = TakeCompletion();
        if (!System.Dispatcher.IsDeterministic) completion.TrySetCanceled(token);
        else InTurnOfItsOwn(() => completion.TrySetCanceled(token));
    }

    private void Succeed(T answer)
    {
        var completion = TakeCompletion();
        if (!System.Dispatcher.IsDeterministic) completion.TrySetResult(answer);
        else SucceedInTurnOfItsOwn(completion, answer);
    }

    // Apart from the above, which would else pay for the closure at every answer.
    private void SucceedInTurnOfItsOwn(TaskCompletionSource<T> completion, T answer) =>
        InTurnOfItsOwn(() => completion.TrySetResult(answer));

    private void InTurnOfItsOwn(Action complete) => System.Dispatcher.Execute(complete);

    private TaskCompletionSource<T> TakeCompletion()
    {
        var completion = _completion!;
        _completion = null;
        return completion;
    }
}
