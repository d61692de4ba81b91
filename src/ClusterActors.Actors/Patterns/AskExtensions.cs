namespace ClusterActors.Actors;

/// <summary>Question and answer as a task.</summary>
public static class AskExtensions
{
    /// <summary>
    /// Tells <paramref name="message"/> and completes with the first answer. From a synchronous handler combine it with
    /// <see cref="PipeToSupport.PipeTo{T}"/>; await it only in async handlers and outside actors.
    /// </summary>
    /// <param name="self">Whom to ask.</param>
    /// <param name="message">The question.</param>
    /// <param name="timeout">Null: the system's default (5 s, D1). <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</param>
    /// <param name="cancellationToken">Ends the ask early; a late answer is then dropped quietly.</param>
    /// <exception cref="AskTimeoutException">No answer in time.</exception>
    /// <exception cref="AskTargetTerminatedException">The target is dead or ended before it answered: known at once, not after the timeout (D2).</exception>
    /// <exception cref="ArgumentException">The answer has another type.</exception>
    /// <exception cref="TaskCanceledException">The token was cancelled.</exception>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Start<T>(self, message, null, timeout, cancellationToken);
    }

    /// <summary>As above, for an answer of any type.</summary>
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Ask<object>(self, message, timeout, cancellationToken);

    /// <summary>As above, for questions that carry the ref to answer to.</summary>
    public static Task<T> Ask<T>(
        this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messageFactory);
        return Start<T>(self, null, messageFactory, timeout, cancellationToken);
    }

    // Question or factory: an ask with a ready question makes no closure.
    private static Task<T> Start<T>(
        ICanTell self, object? message, Func<IActorRef, object>? messageFactory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(self);
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<T>(cancellationToken);
        var target = self as InternalActorRef;
        var system = (target ?? (self as ActorSelection)?.Anchor)?.System
            ?? throw new ArgumentException($"Ask: {self} belongs to no actor system", nameof(self));
        var ask = new AskRef<T>(system);
        var task = ask.Task;
        ask.StartTimeout(timeout ?? system.Options.AskTimeout, self);
        ask.ListenTo(cancellationToken);
        if (target is { IsLocal: false }) ask.WatchTarget(target);
        self.Tell(message ?? messageFactory!(ask), ask);
        return task;
    }
}
