namespace ClusterActors.Actors;

/// <summary>Messages that the cell handles itself before the actor's own handlers see them.</summary>
public abstract class AutoReceivedMessage
{
    private protected AutoReceivedMessage() { }
}

/// <summary>Stops the actor once everything told before it has been handled.</summary>
public sealed class PoisonPill : AutoReceivedMessage
{
    private PoisonPill() { }

    /// <summary>The one instance.</summary>
    public static PoisonPill Instance { get; } = new();

    /// <inheritdoc />
    public override string ToString() => "<PoisonPill>";
}

/// <summary>Makes the actor throw <see cref="ActorKilledException"/>, so that its supervisor decides.</summary>
public sealed class Kill : AutoReceivedMessage
{
    private Kill() { }

    /// <summary>The one instance.</summary>
    public static Kill Instance { get; } = new();

    /// <inheritdoc />
    public override string ToString() => "<Kill>";
}

/// <summary>Asks any actor who it is; answered by the cell with <see cref="ActorIdentity"/>.</summary>
/// <param name="messageId">Comes back in the answer.</param>
public sealed class Identify(object messageId) : AutoReceivedMessage, INotInfluenceReceiveTimeout
{
    /// <summary>Comes back in the answer.</summary>
    public object MessageId { get; } = messageId;
}

/// <summary>Answer to <see cref="Identify"/>.</summary>
/// <param name="MessageId">That of the question.</param>
/// <param name="Subject">The actor, or null when none lives at the path.</param>
public sealed record ActorIdentity(object MessageId, IActorRef? Subject);

/// <summary>A watched actor is gone. Delivered once per watch, after everything the actor told the watcher (R-DW4).</summary>
/// <param name="actorRef">The actor that is gone.</param>
/// <param name="existenceConfirmed">False when it had never been seen alive.</param>
/// <param name="addressTerminated">True when its whole server was declared lost.</param>
public sealed class Terminated(IActorRef actorRef, bool existenceConfirmed, bool addressTerminated) : AutoReceivedMessage
{
    /// <summary>The actor that is gone.</summary>
    public IActorRef ActorRef { get; } = actorRef;

    /// <summary>False when it had never been seen alive.</summary>
    public bool ExistenceConfirmed { get; } = existenceConfirmed;

    /// <summary>True when its whole server was declared lost.</summary>
    public bool AddressTerminated { get; } = addressTerminated;

    /// <inheritdoc />
    public override string ToString() => $"<Terminated>: {ActorRef} address={AddressTerminated}";
}

/// <summary>Nothing was received for the time set with <see cref="IActorContext.SetReceiveTimeout"/>.</summary>
public sealed class ReceiveTimeout
{
    private ReceiveTimeout() { }

    /// <summary>The one instance.</summary>
    public static ReceiveTimeout Instance { get; } = new();
}

/// <summary>Marks messages that do not count as activity for the receive timeout.</summary>
public interface INotInfluenceReceiveTimeout;

/// <summary>Marks control messages: they overtake waiting user messages in the mailbox (D9).</summary>
public interface IControlMessage;

/// <summary>A failure told as a message; an ask answered with it throws the cause.</summary>
public abstract record Status
{
    /// <summary>It went well.</summary>
    public sealed record Success(object? Value) : Status;

    /// <summary>It failed.</summary>
    /// <param name="Cause">Thrown at the asker.</param>
    /// <param name="State">Anything the sender wants to add.</param>
    public sealed record Failure(Exception Cause, object? State = null) : Status;
}
