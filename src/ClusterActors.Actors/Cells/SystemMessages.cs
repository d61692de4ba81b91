namespace ClusterActors.Actors;

/// <summary>
/// Kernel messages: queued apart from user messages, always handled first, never refused. An instance is a link of the
/// mailbox's list, so it may be sent once only.
/// </summary>
public abstract class SystemMessage
{
    private protected SystemMessage() { }

    internal SystemMessage? Next { get; set; }
}

/// <summary>Asks <paramref name="watchee"/> to tell <paramref name="watcher"/> when it ends. Crosses servers.</summary>
public sealed class Watch(IActorRef watchee, IActorRef watcher) : SystemMessage
{
    /// <summary>The actor being watched.</summary>
    public IActorRef Watchee { get; } = watchee;

    /// <summary>Who wants to know.</summary>
    public IActorRef Watcher { get; } = watcher;
}

/// <summary>Takes a watch back. Crosses servers.</summary>
public sealed class Unwatch(IActorRef watchee, IActorRef watcher) : SystemMessage
{
    /// <summary>The actor being watched.</summary>
    public IActorRef Watchee { get; } = watchee;

    /// <summary>Who wanted to know.</summary>
    public IActorRef Watcher { get; } = watcher;
}

/// <summary>
/// An actor has ended. Sent to its parent and its watchers; crosses servers. The link layer sends it with
/// <see cref="AddressTerminated"/> for every watched actor of a server declared lost.
/// </summary>
public sealed class DeathWatchNotification(IActorRef actor, bool existenceConfirmed, bool addressTerminated) : SystemMessage
{
    /// <summary>The actor that has ended.</summary>
    public IActorRef Actor { get; } = actor;

    /// <summary>False when it was never seen alive.</summary>
    public bool ExistenceConfirmed { get; } = existenceConfirmed;

    /// <summary>True when its server was declared lost.</summary>
    public bool AddressTerminated { get; } = addressTerminated;
}

internal sealed class Create : SystemMessage;

internal sealed class Terminate : SystemMessage;

internal sealed class Suspend : SystemMessage;

/// <summary>Takes one suspension away; <see cref="CausedByFailure"/> also clears the failed mark.</summary>
internal sealed class Resume(Exception? causedByFailure) : SystemMessage
{
    public Exception? CausedByFailure { get; } = causedByFailure;
}

/// <summary>Restart order; takes away exactly one suspension that its sender knows to be there.</summary>
internal sealed class Recreate(Exception cause) : SystemMessage
{
    public Exception Cause { get; } = cause;
}

internal sealed class Failed(LocalActorRef child, Exception cause) : SystemMessage
{
    public LocalActorRef Child { get; } = child;

    public Exception Cause { get; } = cause;
}
