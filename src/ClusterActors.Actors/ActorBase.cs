namespace ClusterActors.Actors;

/// <summary>
/// Base of every actor: hooks of its life and its current behaviour. Built by <see cref="IActorRefFactory.ActorOf"/> only.
/// The <c>Around...</c> methods are for libraries that put something around all actors of a kind.
/// </summary>
public abstract class ActorBase
{
    private ActorCell? _cell;

    /// <exception cref="ActorInitializationException">Built with <c>new</c> outside a <see cref="Props"/>.</exception>
    protected ActorBase()
    {
        _cell = ActorCell.TakeForConstruction();
        Self = _cell.Self;
        // Before the subclass's constructor, which may already choose another one.
        _cell.Become(Receive);
    }

    /// <summary>This actor; stays valid after its end.</summary>
    protected IActorRef Self { get; }

    /// <summary>Who told the current message; dead letters when nobody. Copy it before going asynchronous outside ReceiveAsync.</summary>
    protected IActorRef Sender => Cell.Sender;

    /// <summary>The kernel's services for this actor.</summary>
    /// <exception cref="IllegalActorStateException">This instance has been stopped or restarted.</exception>
    protected IActorContext Context => Cell;

    internal ActorCell? CellOrNull => _cell;

    private protected ActorCell Cell => _cell
        ?? throw new IllegalActorStateException($"{Self}: this instance has been stopped or restarted and has no context any more");

    /// <summary>Runs the behaviour on a message; unhandled ones go to <see cref="Unhandled"/>.</summary>
    protected internal virtual bool AroundReceive(Receive receive, object message)
    {
        if (receive(message)) return true;
        Unhandled(message);
        return false;
    }

    /// <summary>Calls <see cref="PreStart"/>.</summary>
    protected internal virtual void AroundPreStart() => PreStart();

    /// <summary>Calls <see cref="PostStop"/>.</summary>
    protected internal virtual void AroundPostStop() => PostStop();

    /// <summary>Calls <see cref="PreRestart"/>.</summary>
    protected internal virtual void AroundPreRestart(Exception cause, object? message) => PreRestart(cause, message);

    /// <summary>Calls <see cref="PostRestart"/>.</summary>
    protected internal virtual void AroundPostRestart(Exception cause) => PostRestart(cause);

    /// <summary>The behaviour an instance starts with.</summary>
    protected abstract bool Receive(object message);

    /// <summary>Runs before the first message.</summary>
    protected virtual void PreStart() { }

    /// <summary>Runs after the last message, when all children are gone.</summary>
    protected virtual void PostStop() { }

    /// <summary>Runs on the old instance before a restart. The default stops all children and calls <see cref="PostStop"/>.</summary>
    /// <param name="reason">Why it failed.</param>
    /// <param name="message">The failing message; null when it was not a user message.</param>
    protected virtual void PreRestart(Exception reason, object? message)
    {
        foreach (var child in Context.GetChildren())
        {
            Context.Unwatch(child);
            Context.Stop(child);
        }
        PostStop();
    }

    /// <summary>Runs on the new instance after a restart. The default calls <see cref="PreStart"/>.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();

    /// <summary>The strategy for the children, unless the <see cref="Props"/> carry one.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actors.SupervisorStrategy.DefaultStrategy;

    /// <summary>No handler wanted the message: published as <see cref="UnhandledMessage"/>; a <see cref="Terminated"/> is a failure (R-DW5).</summary>
    /// <exception cref="DeathPactException">The message is <see cref="Terminated"/>.</exception>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated) throw new DeathPactException(Self, terminated.ActorRef);
        Context.System.EventStream.Publish(new UnhandledMessage(message, Sender, Self));
    }

    /// <summary>Replaces the behaviour.</summary>
    protected void Become(Receive receive) => Context.Become(receive);

    /// <summary>Puts a behaviour on top.</summary>
    protected void BecomeStacked(Receive receive) => Context.BecomeStacked(receive);

    /// <summary>Takes the top behaviour off; the last one stays.</summary>
    protected void UnbecomeStacked() => Context.UnbecomeStacked();

    internal SupervisorStrategy StrategyForChildren() => SupervisorStrategy();

    internal void Detach() => _cell = null;
}

/// <summary>An actor with one method for all messages.</summary>
public abstract class UntypedActor : ActorBase
{
    /// <inheritdoc />
    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    /// <summary>Handles a message; call <see cref="ActorBase.Unhandled"/> for what it does not want.</summary>
    protected abstract void OnReceive(object message);

    /// <summary>Replaces the behaviour.</summary>
    protected void Become(Action<object> receive) => Context.Become(ToReceive(receive));

    /// <summary>Puts a behaviour on top.</summary>
    protected void BecomeStacked(Action<object> receive) => Context.BecomeStacked(ToReceive(receive));

    /// <summary>Runs an async handler: no other message is handled until it ends.</summary>
    protected void RunTask(Func<Task> task) => Cell.RunTask(task);

    private static Receive ToReceive(Action<object> receive) => message =>
    {
        receive(message);
        return true;
    };
}
