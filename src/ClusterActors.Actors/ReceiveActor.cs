namespace ClusterActors.Actors;

/// <summary>
/// An actor whose behaviour is a table: handlers by message type, tried in the order of registration; the first one whose
/// type and predicate match gets the message. Tables are filled in the constructor or in the method given to Become.
/// </summary>
public abstract class ReceiveActor : ActorBase
{
    private List<IHandler>? _filling;
    private bool _catchAllSeen;
    private Receive? _initial;

    /// <summary>Opens the table of the initial behaviour; it is closed when the actor starts.</summary>
    protected ReceiveActor() => _filling = [];

    /// <summary>Handles <typeparamref name="T"/>, when <paramref name="shouldHandle"/> says so.</summary>
    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(new SyncHandler<T>(handler, shouldHandle));
    }

    /// <summary>Handles <typeparamref name="T"/>, when <paramref name="shouldHandle"/> says so.</summary>
    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    /// <summary>Handles <typeparamref name="T"/>; false passes the message on to later handlers.</summary>
    protected void Receive<T>(Func<T, bool> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(new DecidingHandler<T>(handler));
    }

    /// <summary>Handles <typeparamref name="T"/> asynchronously: no other message is handled until the task ends.</summary>
    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(new SyncHandler<T>(message => Cell.RunTask(() => handler(message)), shouldHandle));
    }

    /// <summary>Handles <typeparamref name="T"/> asynchronously, when <paramref name="shouldHandle"/> says so.</summary>
    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => ReceiveAsync(handler, shouldHandle);

    /// <summary>Handles everything else; must be the last.</summary>
    protected void ReceiveAny(Action<object> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(new SyncHandler<object>(handler, null));
        _catchAllSeen = true;
    }

    /// <summary>Handles everything else asynchronously; must be the last.</summary>
    protected void ReceiveAnyAsync(Func<object, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ReceiveAny(message => Cell.RunTask(() => handler(message)));
    }

    /// <summary>Replaces the behaviour by the table that <paramref name="configure"/> fills.</summary>
    protected void Become(Action configure) => Context.Become(Build(configure));

    /// <summary>Puts the table that <paramref name="configure"/> fills on top of the behaviour.</summary>
    protected void BecomeStacked(Action configure) => Context.BecomeStacked(Build(configure));

    /// <summary>Runs an async handler started from a synchronous one: no other message is handled until it ends.</summary>
    protected void RunTask(Func<Task> task) => Cell.RunTask(task);

    /// <inheritdoc />
    protected sealed override bool Receive(object message) => (_initial ??= CloseTable())(message);

    /// <inheritdoc />
    protected internal override void AroundPreStart()
    {
        _initial ??= CloseTable();
        base.AroundPreStart();
    }

    /// <inheritdoc />
    protected internal override void AroundPostRestart(Exception cause)
    {
        _initial ??= CloseTable();
        base.AroundPostRestart(cause);
    }

    private void Add(IHandler handler)
    {
        if (_filling is null)
            throw new InvalidOperationException($"{Self}: handlers are registered in the constructor or in the method given to Become, not in a handler");
        if (_catchAllSeen)
            throw new InvalidOperationException($"{Self}: a handler is registered after ReceiveAny, which takes everything; put it before");
        _filling.Add(handler);
    }

    private Receive Build(Action configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var (outer, outerCatchAll) = (_filling, _catchAllSeen);
        (_filling, _catchAllSeen) = ([], false);
        try
        {
            configure();
            return TableOf(_filling);
        }
        finally
        {
            (_filling, _catchAllSeen) = (outer, outerCatchAll);
        }
    }

    private Receive CloseTable()
    {
        var table = TableOf(_filling ?? []);
        _filling = null;
        return table;
    }

    private static Receive TableOf(List<IHandler> handlers) => handlers.Count == 1 ? handlers[0].TryHandle : new Table([.. handlers]).TryHandle;

    private interface IHandler
    {
        bool TryHandle(object message);
    }

    private sealed class Table(IHandler[] handlers)
    {
        public bool TryHandle(object message)
        {
            foreach (var handler in handlers)
            {
                if (handler.TryHandle(message)) return true;
            }
            return false;
        }
    }

    private sealed class SyncHandler<T>(Action<T> handle, Predicate<T>? shouldHandle) : IHandler
    {
        public bool TryHandle(object message)
        {
            if (message is not T typed || (shouldHandle is not null && !shouldHandle(typed))) return false;
            handle(typed);
            return true;
        }
    }

    private sealed class DecidingHandler<T>(Func<T, bool> handle) : IHandler
    {
        public bool TryHandle(object message) => message is T typed && handle(typed);
    }
}
