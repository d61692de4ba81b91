namespace ClusterActors.Actors;

/// <summary>Something that takes messages: a ref or a selection.</summary>
public interface ICanTell
{
    /// <summary>Sends without waiting. At most once, in order per sender and receiver.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null (refused at the caller, D14).</exception>
    void Tell(object message, IActorRef? sender);
}

/// <summary>
/// Handle of one incarnation of an actor: equal when path and uid are equal. A ref of an old incarnation never reaches
/// a new actor of the same name.
/// </summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>
{
    /// <summary>Path with the uid of the incarnation.</summary>
    ActorPath Path { get; }
}

/// <summary>What every actor code says to a ref.</summary>
public static class ActorRefExtensions
{
    /// <summary>Sends with the current actor as sender, or none outside an actor.</summary>
    public static void Tell(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Self);

    /// <summary>Sends with the current actor as sender, or none outside an actor.</summary>
    public static void Tell(this ActorSelection receiver, object message) => receiver.Tell(message, ActorCell.Current?.Self);

    /// <summary>Sends on, keeping the sender of the message being handled.</summary>
    /// <exception cref="InvalidOperationException">Called outside an actor.</exception>
    public static void Forward(this ICanTell receiver, object message)
    {
        var cell = ActorCell.Current ?? throw new InvalidOperationException("Forward: called outside an actor; use Tell with a sender");
        receiver.Tell(message, cell.Sender);
    }

    /// <summary>True for null and for the refs that stand for nobody.</summary>
    public static bool IsNobody(this IActorRef? actor) => actor is null || ReferenceEquals(actor, ActorRefs.Nobody);
}

/// <summary>Well-known refs.</summary>
public static class ActorRefs
{
    /// <summary>No sender: handlers then see dead letters as <c>Sender</c>.</summary>
    public static readonly IActorRef? NoSender;

    /// <summary>Swallows everything. Stands for "no such actor" where null would be unkind.</summary>
    public static readonly IActorRef Nobody = new Nobody();
}
