using ClusterActors.Actors;

namespace ClusterActors.TestKit;

/// <summary>
/// A system under test with a probe in front of it. By default everything runs on the test's thread and on virtual time;
/// pass <see cref="RealDriver"/> for code that does real I/O. Use as base class or as an object.
/// </summary>
public class TestKitBase : IDisposable
{
    private readonly Stack<(long Start, TimeSpan Max)> _within = new();
    private TestProbe? _testActor;

    /// <summary>Makes the system.</summary>
    /// <param name="driver">Null: a <see cref="VirtualDriver"/> of its own. Share one between kits to make them one cluster.</param>
    /// <param name="name">Name of the system.</param>
    /// <param name="configure">Changes the settings; clock and dispatcher are the driver's.</param>
    public TestKitBase(TestDriver? driver = null, string name = "test", Func<ActorSystemOptions, ActorSystemOptions>? configure = null)
    {
        Driver = driver ?? new VirtualDriver();
        var options = new ActorSystemOptions { Seed = 1, LogSink = new SilentSink() };
        options = (configure?.Invoke(options) ?? options) with { TimeProvider = Driver.Time, Dispatcher = Driver.Dispatcher };
        Sys = ActorSystem.Create(name, options);
    }

    /// <summary>How the test waits.</summary>
    public TestDriver Driver { get; }

    /// <summary>The system under test.</summary>
    public ActorSystem Sys { get; }

    /// <summary>The virtual clock.</summary>
    /// <exception cref="InvalidOperationException">The kit runs on real time.</exception>
    public VirtualTime Clock => (Driver as VirtualDriver)?.Clock ?? throw new InvalidOperationException("this kit runs on real time");

    /// <summary>The kit's own probe, made at the first use.</summary>
    public TestProbe Probe => _testActor ??= CreateTestProbe("testActor");

    /// <summary>Ref of <see cref="Probe"/>.</summary>
    public IActorRef TestActor => Probe.Ref;

    /// <summary>Factor for all waits on real time, for slow machines (default 1).</summary>
    public double TimeFactor { get; init; } = 1;

    /// <summary>How long "nothing comes" is watched when no time is given: on virtual time a step of 100 ms, really 100 ms.</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Another probe.</summary>
    public TestProbe CreateTestProbe(string? name = null) => new(this, name);

    /// <summary>Starts an actor.</summary>
    public IActorRef ActorOf(Props props, string? name = null) => Sys.ActorOf(props, name);

    /// <summary>Starts an actor.</summary>
    public IActorRef ActorOf<TActor>(Func<TActor> factory, string? name = null)
        where TActor : ActorBase => Sys.ActorOf(Props.Create(factory), name);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(TimeSpan?)" />
    public T ExpectMsg<T>(TimeSpan? timeout = null) => Probe.ExpectMsg<T>(timeout);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(T, TimeSpan?)" />
    public T ExpectMsg<T>(T expected, TimeSpan? timeout = null) => Probe.ExpectMsg(expected, timeout);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(Predicate{T}, TimeSpan?)" />
    public T ExpectMsg<T>(Predicate<T> isExpected, TimeSpan? timeout = null) => Probe.ExpectMsg(isExpected, timeout);

    /// <inheritdoc cref="TestProbe.ExpectNoMsg" />
    public void ExpectNoMsg(TimeSpan? duration = null) => Probe.ExpectNoMsg(duration);

    /// <inheritdoc cref="TestProbe.ExpectTerminated" />
    public Terminated ExpectTerminated(IActorRef actor, TimeSpan? timeout = null) => Probe.ExpectTerminated(actor, timeout);

    /// <summary>Makes the kit's probe watch an actor.</summary>
    public IActorRef Watch(IActorRef actor) => Probe.Watch(actor);

    /// <summary>Waits for a task and returns its result.</summary>
    public T Await<T>(Task<T> task, TimeSpan? limit = null) => Driver.Await(task, Remaining(limit ?? TimeSpan.FromSeconds(10)));

    /// <summary>Waits for a task.</summary>
    public void Await(Task task, TimeSpan? limit = null) => Driver.Await(task, Remaining(limit ?? TimeSpan.FromSeconds(10)));

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan time) => Driver.Pass(time);

    /// <summary>Runs everything that can run without time passing.</summary>
    public void Settle()
    {
        if (Driver is VirtualDriver driver) driver.RunUntilIdle();
    }

    /// <summary>Scales a wait by <see cref="TimeFactor"/> on real time; virtual time needs no scaling.</summary>
    public TimeSpan Dilated(TimeSpan time) => Driver is VirtualDriver ? time : time * TimeFactor;

    /// <summary>Everything inside must take at least <paramref name="min"/> and at most <paramref name="max"/>; waits inside get no more than what is left.</summary>
    /// <exception cref="TestKitException">Too fast or too slow.</exception>
    public T Within<T>(TimeSpan min, TimeSpan max, Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var limit = Remaining(Dilated(max));
        var start = Driver.Time.GetTimestamp();
        _within.Push((start, limit));
        T result;
        try
        {
            result = action();
        }
        finally
        {
            _within.Pop();
        }
        var took = Driver.Time.GetElapsedTime(start);
        if (took < min) throw new TestKitException($"the block took {took}, expected at least {min}");
        if (took > limit) throw new TestKitException($"the block took {took}, expected at most {limit}");
        return result;
    }

    /// <inheritdoc cref="Within{T}(TimeSpan, TimeSpan, Func{T})" />
    public void Within(TimeSpan max, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Within(TimeSpan.Zero, max, () =>
        {
            action();
            return true;
        });
    }

    /// <summary>Tries until the assertion holds; throws its last failure when it does not in time.</summary>
    public void AwaitAssert(Action assertion, TimeSpan? max = null)
    {
        ArgumentNullException.ThrowIfNull(assertion);
        Exception? last = null;
        var held = Driver.WaitUntil(() =>
        {
            try
            {
                assertion();
                return true;
            }
            catch (Exception failure)
            {
                // Whatever the assertion throws means "not yet"; the last one is shown.
                last = failure;
                return false;
            }
        }, Remaining(max ?? TimeSpan.FromSeconds(3)));
        if (!held) throw new TestKitException($"not true in time: {last?.Message}", last);
    }

    /// <summary>Waits for a condition.</summary>
    /// <exception cref="TestKitException">Not in time.</exception>
    public void AwaitCondition(Func<bool> condition, TimeSpan? max = null, string? what = null)
    {
        var limit = Remaining(max ?? TimeSpan.FromSeconds(3));
        if (!Driver.WaitUntil(condition, limit)) throw new TestKitException($"not within {limit}: {what ?? "the condition"}");
    }

    /// <summary>A filter for log lines.</summary>
    /// <param name="level">Null: any.</param>
    /// <param name="contains">Text in the line; null: any.</param>
    /// <param name="source">Start of the source's path; null: any.</param>
    /// <param name="cause">Type of the exception; null: any or none.</param>
    public EventFilter EventFilter(LogLevel? level = null, string? contains = null, string? source = null, Type? cause = null) =>
        new(this,
            logEvent => (level is null || logEvent.Level == level)
                && (contains is null || logEvent.Message.Contains(contains, StringComparison.Ordinal))
                && (source is null || logEvent.Source.StartsWith(source, StringComparison.Ordinal))
                && (cause is null || cause.IsInstanceOfType(logEvent.Cause)),
            $"level={level?.ToString() ?? "any"} contains='{contains}' source='{source}' cause={cause?.Name}");

    /// <summary>A probe that gets all dead letters from now on.</summary>
    public TestProbe DeadLetterProbe()
    {
        var probe = CreateTestProbe();
        Sys.EventStream.Subscribe<AllDeadLetters>(probe.Ref);
        return probe;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the system; a system that does not stop within 10 s fails the test.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing) Driver.Await(Sys.Terminate(), TimeSpan.FromSeconds(30));
    }

    internal TimeSpan Remaining(TimeSpan wanted)
    {
        var limit = Dilated(wanted);
        foreach (var (start, max) in _within)
        {
            var left = max - Driver.Time.GetElapsedTime(start);
            if (left < limit) limit = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
        return limit;
    }
}
