using System.Diagnostics;
using ClusterActors.Actors;

namespace ClusterActors.TestKit;

/// <summary>How a test waits: either by running everything itself on virtual time, or by really waiting.</summary>
public abstract class TestDriver
{
    /// <summary>The clock the systems under test use.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>The dispatcher the systems under test use.</summary>
    public abstract MessageDispatcher Dispatcher { get; }

    /// <summary>Waits until <paramref name="condition"/> holds, at most <paramref name="limit"/>; true when it holds.</summary>
    public abstract bool WaitUntil(Func<bool> condition, TimeSpan limit);

    /// <summary>Lets that much time pass.</summary>
    public void Pass(TimeSpan time) => WaitUntil(static () => false, time);

    /// <summary>Something a waiting condition may depend on has changed.</summary>
    public virtual void Changed() { }

    /// <summary>Waits for a task and returns its result or throws its exception.</summary>
    /// <exception cref="TestKitException">Not completed in time.</exception>
    public T Await<T>(Task<T> task, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(task);
        AwaitCompletion(task, limit);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Waits for a task; throws its exception.</summary>
    /// <exception cref="TestKitException">Not completed in time.</exception>
    public void Await(Task task, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(task);
        AwaitCompletion(task, limit);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Whether the task, not done in the driver's time, is done by threads that know nothing of that time.</summary>
    protected virtual bool CompletesOutside(Task task) => false;

    private void AwaitCompletion(Task task, TimeSpan limit)
    {
        if (!task.IsCompleted)
            _ = task.ContinueWith(static (_, driver) => ((TestDriver)driver!).Changed(), this, CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (!WaitUntil(() => task.IsCompleted, limit) && !CompletesOutside(task)) throw new TestKitException($"the task was not completed within {limit}");
    }
}

/// <summary>
/// Everything on the test's thread: turns run while the test waits, and time passes only when nothing is left to do now.
/// Several systems may share one driver, which then is a whole cluster repeatable from one seed.
/// </summary>
public sealed class VirtualDriver : TestDriver
{
    private static readonly TimeSpan LongestOutside = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);
    private readonly DeterministicDispatcher _dispatcher;

    /// <param name="seed">Null: turns run first come, first served; a number: in an order drawn from it.</param>
    public VirtualDriver(int? seed = null)
    {
        _dispatcher = new DeterministicDispatcher(seed);
        Clock.Settle += () => _dispatcher.RunUntilIdle();
    }

    /// <summary>The clock.</summary>
    public VirtualTime Clock { get; } = new();

    /// <inheritdoc />
    public override TimeProvider Time => Clock;

    /// <inheritdoc />
    public override MessageDispatcher Dispatcher => _dispatcher;

    /// <inheritdoc />
    public override bool WaitUntil(Func<bool> condition, TimeSpan limit) => Clock.AdvanceUntil(condition, limit);

    /// <summary>
    /// Continuations on the thread pool are not turns: while the machine keeps such a thread waiting, virtual time runs to its limit at once. They get real time
    /// before what they do counts as not done.
    /// </summary>
    protected override bool CompletesOutside(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        for (var start = Stopwatch.GetTimestamp(); !task.IsCompleted && Stopwatch.GetElapsedTime(start) < LongestOutside; _dispatcher.RunUntilIdle())
            _ = Task.WaitAny([task], LookAgain);
        return task.IsCompleted;
    }

    /// <summary>Runs everything that can run without time passing.</summary>
    public void RunUntilIdle() => _dispatcher.RunUntilIdle();
}

/// <summary>The real clock and the thread pool, for tests of code that does real I/O. Waits on a signal, not by sleeping.</summary>
public sealed class RealDriver : TestDriver
{
    private readonly object _changed = new();

    /// <inheritdoc />
    public override TimeProvider Time => TimeProvider.System;

    /// <inheritdoc />
    public override MessageDispatcher Dispatcher => ThreadPoolDispatcher.Instance;

    /// <inheritdoc />
    public override void Changed()
    {
        lock (_changed) Monitor.PulseAll(_changed);
    }

    /// <inheritdoc />
    public override bool WaitUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            lock (_changed)
            {
                if (condition()) return true;
                var left = limit - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero) return false;
                // Looked at again now and then, for conditions that change without a signal.
                Monitor.Wait(_changed, left < TimeSpan.FromMilliseconds(20) ? left : TimeSpan.FromMilliseconds(20));
            }
        }
    }
}

/// <summary>An expectation of a test did not come true.</summary>
public sealed class TestKitException(string message, Exception? cause = null) : Exception(message, cause);
