namespace ClusterActors.Actors;

/// <summary>
/// Base of every ref. Other projects derive from it to add a kind of ref (remoting's refs of other servers): they
/// deliver <see cref="TellInternal"/> and <see cref="SendSystemMessage"/> in whatever way reaches the actor.
/// </summary>
public abstract class InternalActorRef : IActorRef
{
    /// <inheritdoc />
    public abstract ActorPath Path { get; }

    /// <summary>The system whose provider made this ref; null only for <see cref="ActorRefs.Nobody"/>.</summary>
    public abstract ActorSystem? System { get; }

    /// <summary>True when the actor runs in this process.</summary>
    public virtual bool IsLocal => true;

    /// <summary>Ref of the supervisor; null where there is none.</summary>
    public virtual InternalActorRef? Parent => null;

    /// <summary>
    /// Sends a system message: ordered, never refused, ahead of user messages. A dead or unknown target answers
    /// <see cref="Watch"/> with <see cref="DeathWatchNotification"/>.
    /// </summary>
    public abstract void SendSystemMessage(SystemMessage message);

    /// <summary>The child of that name, or null.</summary>
    public virtual InternalActorRef? GetSingleChild(string name) => null;

    /// <inheritdoc />
    public void Tell(object message, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        TellInternal(message, sender);
    }

    /// <summary>Delivers a user message that is known not to be null.</summary>
    protected abstract void TellInternal(object message, IActorRef? sender);

    /// <inheritdoc />
    public bool Equals(IActorRef? other) =>
        ReferenceEquals(this, other) || (other is not null && Path.Uid == other.Path.Uid && Path.Equals(other.Path));

    /// <inheritdoc />
    public sealed override bool Equals(object? obj) => Equals(obj as IActorRef);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Path.GetHashCode(), Path.Uid);

    /// <inheritdoc />
    public override string ToString() => $"[{Path.ToSerializationFormat()}]";
}

/// <summary>A ref with no actor behind it; what it does with messages is the subclass's whole content.</summary>
public abstract class MinimalActorRef : InternalActorRef
{
    /// <inheritdoc />
    public override void SendSystemMessage(SystemMessage message) { }
}

internal sealed class Nobody : MinimalActorRef
{
    private static readonly ActorPath NobodyPath = ActorPath.Root(new Address("nobody")) / "Nobody";

    public override ActorPath Path => NobodyPath;

    public override ActorSystem? System => null;

    protected override void TellInternal(object message, IActorRef? sender) { }
}
