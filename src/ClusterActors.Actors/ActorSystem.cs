using System.Security.Cryptography;

namespace ClusterActors.Actors;

/// <summary>
/// A tree of actors with its clock, dispatcher, timers, event stream and dead letters. <c>/user</c> holds the
/// application's actors, <c>/system</c> those of libraries, which end after it.
/// </summary>
public sealed class ActorSystem : IActorRefFactory, IAsyncDisposable
{
    private readonly LogBus _log;
    private readonly TaskCompletionSource _ended;
    private readonly ulong _seed;
    private long _uids;
    private long _randoms;

    private ActorSystem(string name, ActorSystemOptions options)
    {
        Name = name;
        Options = options;
        Time = options.TimeProvider;
        Dispatcher = options.Dispatcher ?? ThreadPoolDispatcher.Instance;
        _ended = new TaskCompletionSource(
            Dispatcher.IsDeterministic ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        _seed = (ulong)(options.Seed ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)));
        _log = new LogBus(Time, options.LogSink);
        var root = ActorPath.Root(new Address(name));
        Log = LogFor(root);
        Scheduler = new Scheduler(Time, name, failure => Log.Error(failure, "a scheduled callback failed"));
        AskDeadlines = new AskDeadlines(Scheduler);
        DeadLetterMailbox = new DeadLetterMailbox(this);
        DeadLettersRef = new DeadLetterActorRef(this, root / "deadLetters");
        EventStream = new EventStream(this);
        EventStream.Subscribe<DeadLetter>(new DeadLetterLog(this, root / "system" / "deadLetterLog"));
        var rootRef = new LocalActorRef(
            root, this, Props.Create(() => new RootGuardianActor(this)), new AboveRoot(this, root / "aboveRoot"));
        Provider = new ActorRefProvider(this, rootRef);
        SystemGuardian = rootRef.Cell.MakeChild(Props.Create(() => new UserGuardian(SupervisorStrategy.DefaultStrategy)), "system", allowReserved: true);
        UserGuardian = rootRef.Cell.MakeChild(Props.Create(() => new UserGuardian(options.GuardianStrategy)), "user", allowReserved: true);
        rootRef.SendSystemMessage(new Create());
        CoordinatedShutdown = new CoordinatedShutdown(this);
    }

    /// <summary>Name of the system; first part of every path.</summary>
    public string Name { get; }

    /// <summary>The settings it was made with.</summary>
    public ActorSystemOptions Options { get; }

    /// <summary>Every clock of the system.</summary>
    public TimeProvider Time { get; }

    /// <summary>Timers.</summary>
    public Scheduler Scheduler { get; }

    /// <summary>Publish and subscribe.</summary>
    public EventStream EventStream { get; }

    /// <summary>Refs by path, and the hook for other servers.</summary>
    public ActorRefProvider Provider { get; }

    /// <summary>The orderly way down.</summary>
    public CoordinatedShutdown CoordinatedShutdown { get; }

    /// <summary>The log of the system itself.</summary>
    public ILoggingAdapter Log { get; }

    /// <summary>Where messages for nobody go.</summary>
    public IActorRef DeadLetters => DeadLettersRef;

    /// <summary>Completes when every actor has ended.</summary>
    public Task WhenTerminated => _ended.Task;

    internal MessageDispatcher Dispatcher { get; }

    internal AskDeadlines AskDeadlines { get; }

    internal DeadLetterMailbox DeadLetterMailbox { get; }

    internal DeadLetterActorRef DeadLettersRef { get; }

    internal LocalActorRef UserGuardian { get; }

    internal LocalActorRef SystemGuardian { get; }

    /// <summary>Starts a system.</summary>
    /// <exception cref="ArgumentException">The name may not be part of a path.</exception>
    public static ActorSystem Create(string name, ActorSystemOptions? options = null)
    {
        if (!ActorPath.IsValidElement(name) || name.Contains('@', StringComparison.Ordinal))
            throw new ArgumentException($"actor system: found name '{name}'; must be letters, digits and -_.:$()+=!,;'~& only", nameof(name));
        return new ActorSystem(name, options ?? new ActorSystemOptions());
    }

    /// <inheritdoc />
    public IActorRef ActorOf(Props props, string? name = null) => UserGuardian.Cell.MakeChild(props, name, allowReserved: false);

    /// <summary>Starts an actor below <c>/system</c>, where libraries live: it outlasts all of <c>/user</c>.</summary>
    /// <exception cref="InvalidActorNameException">The name is not allowed or taken.</exception>
    public IActorRef SystemActorOf(Props props, string? name = null) => SystemGuardian.Cell.MakeChild(props, name, allowReserved: false);

    /// <inheritdoc />
    public ActorSelection ActorSelection(string path) => Actors.ActorSelection.From(Provider.RootGuardian, path);

    /// <inheritdoc />
    public void Stop(IActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        if (actor is not LocalActorRef local)
            throw new ArgumentException($"Stop: {actor} does not run in this process; send it PoisonPill instead", nameof(actor));
        local.Stop();
    }

    /// <summary>Runs the coordinated shutdown, whose last phase stops all actors; completes with <see cref="WhenTerminated"/>.</summary>
    public Task Terminate()
    {
        _ = CoordinatedShutdown.Run(CoordinatedShutdown.ActorSystemTerminateReason);
        return WhenTerminated;
    }

    /// <summary>Publishes a message that could not be delivered; an ask whose question it was fails at once. For link layers.</summary>
    public void PublishDeadLetter(object message, IActorRef? sender, IActorRef recipient, string reason) =>
        DeadLetterMailbox.Publish(message, sender, recipient, reason);

    /// <summary>The log of one actor or library part.</summary>
    public ILoggingAdapter LogFor(ActorPath source) => new PathLog(_log, source);

    /// <summary>Adds a second place for log lines, such as a test's filter.</summary>
    public void AddLogSink(ILogSink sink) => _log.Add(sink);

    /// <summary>Takes it away again.</summary>
    public void RemoveLogSink(ILogSink sink) => _log.Remove(sink);

    /// <summary>A number in [0, 1) for jitter; repeatable when a seed is set.</summary>
    public double NextRandom() => (Mix(_seed ^ 0x5DEECE66DUL, (ulong)Interlocked.Increment(ref _randoms)) >> 11) * (1.0 / (1UL << 53));

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await Terminate();

    internal long NextUid()
    {
        while (true)
        {
            var uid = (long)(Mix(_seed, (ulong)Interlocked.Increment(ref _uids)) >> 1);
            if (uid != ActorPath.UndefinedUid) return uid;
        }
    }

    internal void StopAllActors() => UserGuardian.Stop();

    internal void RootHasEnded()
    {
        Scheduler.Dispose();
        if (Dispatcher.IsDeterministic) Dispatcher.Execute(() => _ended.TrySetResult());
        else _ended.TrySetResult();
    }

    // SplitMix64: every counter value gives another well-spread number, without a lock.
    private static ulong Mix(ulong seed, ulong counter)
    {
        var z = seed + counter * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
