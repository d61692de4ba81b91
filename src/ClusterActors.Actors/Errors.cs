namespace ClusterActors.Actors;

/// <summary>Base of everything the kernel throws on its own account.</summary>
public abstract class ActorKernelException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>An actor could not be built, or its <c>PreStart</c> failed. Default verdict: stop.</summary>
public class ActorInitializationException(IActorRef? actor, string message, Exception? cause = null)
    : ActorKernelException(actor is null ? message : $"{actor}: {message}", cause)
{
    /// <summary>The actor concerned; null when it has no ref yet.</summary>
    public IActorRef? Actor { get; } = actor;
}

/// <summary>Building the new instance, or its <c>PostRestart</c>, failed during a restart.</summary>
public sealed class PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
    : ActorInitializationException(actor, $"restart failed: {cause.Message}", cause)
{
    /// <summary>Why the restart had been ordered.</summary>
    public Exception OriginalCause { get; } = originalCause;
}

/// <summary>The actor got <see cref="Kill"/>.</summary>
public sealed class ActorKilledException(IActorRef actor) : ActorKernelException($"{actor}: got Kill");

/// <summary>The actor did not handle <see cref="Terminated"/> of something it watches.</summary>
public sealed class DeathPactException(IActorRef actor, IActorRef dead)
    : ActorKernelException($"{actor}: watched {dead} ended and Terminated was not handled")
{
    /// <summary>The watched actor that ended.</summary>
    public IActorRef DeadActor { get; } = dead;
}

/// <summary>A name is not allowed or already taken.</summary>
public sealed class InvalidActorNameException(string message) : ActorKernelException(message);

/// <summary>An operation that the actor's present state does not allow.</summary>
public sealed class IllegalActorStateException(string message) : ActorKernelException(message);

/// <summary>No answer in time.</summary>
public class AskTimeoutException(string message) : ActorKernelException(message);

/// <summary>The asked actor is dead, or died before it answered (D2). A kind of <see cref="AskTimeoutException"/> so that callers may treat both alike.</summary>
public sealed class AskTargetTerminatedException(string message) : AskTimeoutException(message);

/// <summary>A selection matched no living actor.</summary>
public sealed class ActorNotFoundException(string message) : ActorKernelException(message);
