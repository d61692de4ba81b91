namespace ClusterActors.Actors;

/// <summary>Tells the outcome of a task to an actor.</summary>
public static class PipeToSupport
{
    /// <summary>Tells the result; a failure as <see cref="Status.Failure"/>. The sender is the actor that calls this.</summary>
    /// <param name="taskToPipe">The work.</param>
    /// <param name="recipient">Who gets the outcome.</param>
    /// <param name="sender">Null: the current actor.</param>
    /// <param name="success">Result to message; null: the result itself.</param>
    /// <param name="failure">Exception to message; null: <see cref="Status.Failure"/>.</param>
    public static Task PipeTo<T>(
        this Task<T> taskToPipe, ICanTell recipient, IActorRef? sender = null,
        Func<T, object>? success = null, Func<Exception, object>? failure = null)
    {
        ArgumentNullException.ThrowIfNull(taskToPipe);
        sender ??= ActorCell.Current?.Self;
        return Pipe(taskToPipe, recipient, sender, ended => Outcome(success is null ? ((Task<T>)ended).Result : success(((Task<T>)ended).Result)), failure);
    }

    /// <summary>As above for a <see cref="ValueTask{T}"/>.</summary>
    public static Task PipeTo<T>(
        this ValueTask<T> taskToPipe, ICanTell recipient, IActorRef? sender = null,
        Func<T, object>? success = null, Func<Exception, object>? failure = null) =>
        PipeTo(taskToPipe.AsTask(), recipient, sender, success, failure);

    /// <summary>For work without a result: tells nothing on success unless <paramref name="success"/> is given.</summary>
    public static Task PipeTo(
        this Task taskToPipe, ICanTell recipient, IActorRef? sender = null,
        Func<object>? success = null, Func<Exception, object>? failure = null)
    {
        ArgumentNullException.ThrowIfNull(taskToPipe);
        sender ??= ActorCell.Current?.Self;
        return Pipe(taskToPipe, recipient, sender, _ => success?.Invoke(), failure);
    }

    /// <summary>As above for a <see cref="ValueTask"/>.</summary>
    public static Task PipeTo(
        this ValueTask taskToPipe, ICanTell recipient, IActorRef? sender = null,
        Func<object>? success = null, Func<Exception, object>? failure = null) =>
        PipeTo(taskToPipe.AsTask(), recipient, sender, success, failure);

    // A null result cannot be told; an empty success stands for it.
    private static object Outcome(object? result) => result ?? new Status.Success(null);

    private static Task Pipe(
        Task work, ICanTell recipient, IActorRef? sender, Func<Task, object?> success, Func<Exception, object>? failure)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        if (work.IsCompleted)
        {
            Deliver(work);
            return Task.CompletedTask;
        }
        // Not on the actor's synchronization context: the outcome must not wait for an async handler to end (R-AS4).
        return work.ContinueWith(Deliver, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        void Deliver(Task ended)
        {
            object? message;
            try
            {
                message = ended.IsCompletedSuccessfully ? success(ended) : Failure(Cause(ended));
            }
            catch (Exception mapping)
            {
                // A mapper that fails is a failure of the piped work, else the outcome would be lost.
                message = new Status.Failure(mapping);
            }
            if (message is not null) recipient.Tell(message, sender);
        }

        object Failure(Exception cause) => failure is null ? new Status.Failure(cause) : failure(cause);
    }

    private static Exception Cause(Task ended) =>
        ended.Exception is { } all ? (all.InnerExceptions.Count == 1 ? all.InnerException! : all) : new TaskCanceledException(ended);
}
