using ClusterActors.Actors;

namespace ClusterActors.TestKit;

/// <summary>
/// An actor that keeps what it gets, for the test to look at. Each expectation waits for messages as the driver does: on
/// virtual time it lets time pass only when nothing else can happen.
/// </summary>
public sealed class TestProbe
{
    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(3);

    private readonly TestKitBase _kit;
    private readonly ProbeQueue _queue;

    internal TestProbe(TestKitBase kit, string? name)
    {
        _kit = kit;
        var queue = _queue = new ProbeQueue(kit.Driver);
        Ref = kit.Sys.ActorOf(Props.Create(() => new ProbeActor(queue)), name);
    }

    /// <summary>The probe as others see it.</summary>
    public IActorRef Ref { get; }

    /// <summary>Sender of the last message taken.</summary>
    public IActorRef LastSender { get; private set; } = ActorRefs.Nobody;

    /// <summary>The last message taken.</summary>
    public object? LastMessage { get; private set; }

    /// <summary>True when a message waits.</summary>
    public bool HasMessages => _queue.Count > 0;

    /// <summary>The probe stands for its ref.</summary>
    public static implicit operator InternalActorRef(TestProbe probe) => (InternalActorRef)probe.Ref;

    /// <summary>Takes the next message, which must be a <typeparamref name="T"/>.</summary>
    /// <exception cref="TestKitException">None in time, or of another type.</exception>
    public T ExpectMsg<T>(TimeSpan? timeout = null) => ExpectMsg<T>(static _ => true, timeout);

    /// <summary>Takes the next message, which must be a <typeparamref name="T"/> that <paramref name="isExpected"/> accepts.</summary>
    /// <exception cref="TestKitException">None in time, or another one.</exception>
    public T ExpectMsg<T>(Predicate<T> isExpected, TimeSpan? timeout = null)
    {
        var message = Take(timeout, $"a {typeof(T).Name}");
        if (message is not T typed) throw new TestKitException($"expected a {typeof(T).Name}, got {message} of type {message.GetType().Name}");
        return isExpected(typed) ? typed : throw new TestKitException($"got a {typeof(T).Name} that was not the expected one: {message}");
    }

    /// <summary>Takes the next message, which must equal <paramref name="expected"/>.</summary>
    /// <exception cref="TestKitException">None in time, or another one.</exception>
    public T ExpectMsg<T>(T expected, TimeSpan? timeout = null)
    {
        var message = Take(timeout, $"{expected}");
        return Equals(message, expected) ? (T)message : throw new TestKitException($"expected {expected}, got {message} of type {message.GetType().Name}");
    }

    /// <summary>Takes as many messages as there are expected ones, which must be those in any order.</summary>
    /// <exception cref="TestKitException">Some are missing, or others came.</exception>
    public IReadOnlyList<T> ExpectMsgAllOf<T>(params IReadOnlyCollection<T> expected)
    {
        var missing = new List<T>(expected);
        var got = new List<T>();
        while (missing.Count > 0)
        {
            var message = Take(null, $"all of {string.Join(", ", missing)}");
            if (message is not T typed || !missing.Remove(typed))
                throw new TestKitException($"expected all of {string.Join(", ", missing)}, got {message}");
            got.Add(typed);
        }
        return got;
    }

    /// <summary>Nothing comes for that long; without a time: nothing that could come without time passing.</summary>
    /// <exception cref="TestKitException">Something came.</exception>
    public void ExpectNoMsg(TimeSpan? duration = null)
    {
        if (_kit.Driver.WaitUntil(() => _queue.Count > 0, duration ?? _kit.QuietTime))
            throw new TestKitException($"expected no message, got {_queue.Peek()}");
    }

    /// <summary>Takes the next message, which must say that <paramref name="actor"/> has ended.</summary>
    /// <exception cref="TestKitException">None in time, or another one.</exception>
    public Terminated ExpectTerminated(IActorRef actor, TimeSpan? timeout = null) =>
        ExpectMsg<Terminated>(terminated => terminated.ActorRef.Equals(actor), timeout);

    /// <summary>Takes messages until one is a <typeparamref name="T"/> that is wanted; the others are dropped.</summary>
    /// <exception cref="TestKitException">None in time.</exception>
    public T FishForMessage<T>(Predicate<T>? isWanted = null, TimeSpan? timeout = null)
    {
        var end = _kit.Driver.Time.GetTimestamp();
        var limit = _kit.Remaining(timeout ?? Quickly);
        while (true)
        {
            var left = limit - _kit.Driver.Time.GetElapsedTime(end);
            var message = Take(left > TimeSpan.Zero ? left : TimeSpan.Zero, $"a certain {typeof(T).Name}");
            if (message is T typed && (isWanted is null || isWanted(typed))) return typed;
        }
    }

    /// <summary>Takes that many messages.</summary>
    /// <exception cref="TestKitException">Fewer came in time.</exception>
    public IReadOnlyList<object> ReceiveN(int count, TimeSpan? timeout = null)
    {
        var messages = new List<object>(count);
        for (var i = 0; i < count; i++) messages.Add(Take(timeout, $"message {i + 1} of {count}"));
        return messages;
    }

    /// <summary>Takes messages while they are <typeparamref name="T"/>s that match; the first other one stays in the queue.</summary>
    /// <param name="isWanted">Null: any.</param>
    /// <param name="max">Bound for the whole.</param>
    /// <param name="idle">Ends when nothing came for that long.</param>
    public IReadOnlyList<T> ReceiveWhile<T>(Predicate<T>? isWanted = null, TimeSpan? max = null, TimeSpan? idle = null)
    {
        var messages = new List<T>();
        var start = _kit.Driver.Time.GetTimestamp();
        var limit = _kit.Remaining(max ?? Quickly);
        while (true)
        {
            var left = limit - _kit.Driver.Time.GetElapsedTime(start);
            if (idle is { } pause && pause < left) left = pause;
            if (left < TimeSpan.Zero || !_kit.Driver.WaitUntil(() => _queue.Count > 0, left)) return messages;
            if (_queue.Peek() is not T typed || (isWanted is not null && !isWanted(typed))) return messages;
            Take(TimeSpan.Zero, string.Empty);
            messages.Add(typed);
        }
    }

    /// <summary>Answers the last message taken.</summary>
    public void Reply(object message) => LastSender.Tell(message, Ref);

    /// <summary>Passes the last message taken on, with its sender.</summary>
    public void Forward(IActorRef target) => target.Tell(LastMessage!, LastSender);

    /// <summary>Tells with the probe as sender.</summary>
    public void Send(ICanTell target, object message) => target.Tell(message, Ref);

    /// <summary>Makes the probe watch an actor, from now on.</summary>
    public IActorRef Watch(IActorRef actor)
    {
        Ref.Tell(new ProbeActor.Do(context => context.Watch(actor)));
        return actor;
    }

    /// <summary>Takes the watch back.</summary>
    public IActorRef Unwatch(IActorRef actor)
    {
        Ref.Tell(new ProbeActor.Do(context => context.Unwatch(actor)));
        return actor;
    }

    /// <summary>Makes a child of the probe, so that the probe gets what the actor tells its parent.</summary>
    public IActorRef ChildActorOf(Props props, string? name = null)
    {
        var made = new TaskCompletionSource<IActorRef>();
        Ref.Tell(new ProbeActor.Do(context =>
        {
            try
            {
                made.SetResult(context.ActorOf(props, name));
            }
            catch (ActorKernelException failure)
            {
                made.SetException(failure);
            }
        }));
        return _kit.Driver.Await(made.Task, Quickly);
    }

    private object Take(TimeSpan? timeout, string what)
    {
        var limit = timeout ?? _kit.Remaining(Quickly);
        if (!_kit.Driver.WaitUntil(() => _queue.Count > 0, limit)) throw new TestKitException($"expected {what} within {limit}, got nothing");
        var envelope = _queue.Take();
        LastSender = envelope.Sender ?? _kit.Sys.DeadLetters;
        LastMessage = envelope.Message;
        return envelope.Message;
    }
}

internal sealed class ProbeQueue(TestDriver driver)
{
    private readonly Lock _lock = new();
    private readonly Queue<Envelope> _messages = new();

    public int Count
    {
        get { lock (_lock) return _messages.Count; }
    }

    public void Add(Envelope envelope)
    {
        lock (_lock) _messages.Enqueue(envelope);
        driver.Changed();
    }

    public object Peek()
    {
        lock (_lock) return _messages.Peek().Message;
    }

    public Envelope Take()
    {
        lock (_lock) return _messages.Dequeue();
    }
}

internal sealed class ProbeActor(ProbeQueue queue) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is Do order) order.What(Context);
        else queue.Add(new Envelope(message, Sender));
    }

    /// <summary>Something to be done inside the probe.</summary>
    internal sealed record Do(Action<IActorContext> What);
}
