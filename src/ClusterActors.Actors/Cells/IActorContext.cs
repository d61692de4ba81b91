namespace ClusterActors.Actors;

/// <summary>Makes and stops actors.</summary>
public interface IActorRefFactory
{
    /// <summary>Starts an actor; the ref is usable at once. Without a name one is made up.</summary>
    /// <exception cref="InvalidActorNameException">The name is not allowed or taken.</exception>
    /// <exception cref="InvalidOperationException">The parent or the system is stopping.</exception>
    IActorRef ActorOf(Props props, string? name = null);

    /// <summary>A path to be looked up at each Tell; absolute, with address, or relative to here.</summary>
    ActorSelection ActorSelection(string path);

    /// <summary>Stops an actor after the message it is handling.</summary>
    void Stop(IActorRef actor);
}

/// <summary>What an actor may ask of the kernel; only valid inside its own turns.</summary>
public interface IActorContext : IActorRefFactory
{
    /// <summary>This actor.</summary>
    IActorRef Self { get; }

    /// <summary>Who told the current message; dead letters when nobody.</summary>
    IActorRef Sender { get; }

    /// <summary>The supervisor.</summary>
    IActorRef Parent { get; }

    /// <summary>The recipe this actor is built from.</summary>
    Props Props { get; }

    /// <summary>The system.</summary>
    ActorSystem System { get; }

    /// <summary>Cancelled when this instance ends by restart or stop (D5); hand it to everything awaited.</summary>
    CancellationToken CancellationToken { get; }

    /// <summary>The time set with <see cref="SetReceiveTimeout"/>.</summary>
    TimeSpan? ReceiveTimeout { get; }

    /// <summary>The child of that name, or <see cref="ActorRefs.Nobody"/>.</summary>
    IActorRef Child(string name);

    /// <summary>All children, those being stopped included.</summary>
    IReadOnlyCollection<IActorRef> GetChildren();

    /// <summary>Asks for one <see cref="Terminated"/> when the actor ends; at once if it is dead already.</summary>
    /// <exception cref="InvalidOperationException">Already watched with another message (D10).</exception>
    IActorRef Watch(IActorRef subject);

    /// <summary>As <see cref="Watch"/>, delivering <paramref name="message"/> instead.</summary>
    /// <exception cref="InvalidOperationException">Already watched with another message (D10).</exception>
    IActorRef WatchWith(IActorRef subject, object message);

    /// <summary>Takes a watch back; no notice comes afterwards, even if one was queued.</summary>
    IActorRef Unwatch(IActorRef subject);

    /// <summary>Replaces the current behaviour.</summary>
    void Become(Receive receive);

    /// <summary>Puts a behaviour on top of the current one.</summary>
    void BecomeStacked(Receive receive);

    /// <summary>Takes the top behaviour off; the last one stays.</summary>
    void UnbecomeStacked();

    /// <summary>Wants <see cref="Actors.ReceiveTimeout"/> whenever nothing was received for that time; null ends it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    void SetReceiveTimeout(TimeSpan? timeout);

    /// <summary>Another stash for this actor, for libraries that hold back messages beside the actor's own stash.</summary>
    IStash CreateStash();
}

/// <summary>One behaviour: true when it handled the message.</summary>
public delegate bool Receive(object message);
