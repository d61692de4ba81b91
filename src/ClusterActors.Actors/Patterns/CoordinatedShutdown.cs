namespace ClusterActors.Actors;

/// <summary>One phase of the shutdown.</summary>
/// <param name="DependsOn">Phases that must have ended before.</param>
/// <param name="Timeout">How long its tasks may take.</param>
/// <param name="Recover">False: a failed or overdue task ends the run.</param>
public sealed record ShutdownPhase(IReadOnlyList<string> DependsOn, TimeSpan Timeout, bool Recover = true);

/// <summary>
/// Leaves in order: phases one after the other, the tasks of a phase side by side, each phase with a time limit. The last
/// phase stops all actors. Runs once, whoever asks first.
/// </summary>
public sealed class CoordinatedShutdown
{
    /// <summary>Stop taking new requests.</summary>
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";

    /// <summary>Close listeners.</summary>
    public const string PhaseServiceUnbind = "service-unbind";

    /// <summary>Let running requests end.</summary>
    public const string PhaseServiceRequestsDone = "service-requests-done";

    /// <summary>Stop services.</summary>
    public const string PhaseServiceStop = "service-stop";

    /// <summary>Last moment as a full member of the cluster.</summary>
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";

    /// <summary>Say goodbye to the other servers.</summary>
    public const string PhaseClusterLeave = "cluster-leave";

    /// <summary>The goodbye is known.</summary>
    public const string PhaseClusterExiting = "cluster-exiting";

    /// <summary>Hand-overs have ended.</summary>
    public const string PhaseClusterExitingDone = "cluster-exiting-done";

    /// <summary>Close the links.</summary>
    public const string PhaseClusterShutdown = "cluster-shutdown";

    /// <summary>Last moment at which actors live.</summary>
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";

    /// <summary>Stops all actors.</summary>
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    /// <summary>The reason when <see cref="ActorSystem.Terminate"/> was called.</summary>
    public const string ActorSystemTerminateReason = "the actor system was told to terminate";

    private static readonly TimeSpan ShortPhase = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongPhase = TimeSpan.FromSeconds(10);

    private readonly ActorSystem _system;
    private readonly Lock _lock = new();
    private readonly IReadOnlyDictionary<string, ShutdownPhase> _phases;
    private readonly IReadOnlyList<string> _order;
    private readonly Dictionary<string, List<(string Name, Func<CancellationToken, Task> Run)>> _tasks = [];
    private readonly HashSet<string> _passed = [];
    private Task? _run;

    internal CoordinatedShutdown(ActorSystem system)
        : this(system, DefaultPhases) { }

    /// <summary>A shutdown with phases of one's own.</summary>
    /// <exception cref="ArgumentException">The phases depend on each other in a circle.</exception>
    public CoordinatedShutdown(ActorSystem system, IReadOnlyDictionary<string, ShutdownPhase> phases)
    {
        _system = system;
        _phases = phases;
        _order = Sort(phases);
    }

    /// <summary>The built-in phases in their order.</summary>
    public static IReadOnlyDictionary<string, ShutdownPhase> DefaultPhases { get; } = new Dictionary<string, ShutdownPhase>
    {
        [PhaseBeforeServiceUnbind] = new([], ShortPhase),
        [PhaseServiceUnbind] = new([PhaseBeforeServiceUnbind], ShortPhase),
        [PhaseServiceRequestsDone] = new([PhaseServiceUnbind], ShortPhase),
        [PhaseServiceStop] = new([PhaseServiceRequestsDone], ShortPhase),
        [PhaseBeforeClusterShutdown] = new([PhaseServiceStop], ShortPhase),
        [PhaseClusterLeave] = new([PhaseBeforeClusterShutdown], ShortPhase),
        [PhaseClusterExiting] = new([PhaseClusterLeave], LongPhase),
        [PhaseClusterExitingDone] = new([PhaseClusterExiting], ShortPhase),
        [PhaseClusterShutdown] = new([PhaseClusterExitingDone], ShortPhase),
        [PhaseBeforeActorSystemTerminate] = new([PhaseClusterShutdown], ShortPhase),
        [PhaseActorSystemTerminate] = new([PhaseBeforeActorSystemTerminate], LongPhase),
    };

    /// <summary>Why it runs; null while it does not.</summary>
    public string? Reason { get; private set; }

    /// <summary>Adds work to a phase that has not begun; the token is cancelled when the phase's time is up.</summary>
    /// <exception cref="ArgumentException">No such phase.</exception>
    /// <exception cref="InvalidOperationException">The phase has begun.</exception>
    public void AddTask(string phase, string name, Func<CancellationToken, Task> task)
    {
        ArgumentNullException.ThrowIfNull(task);
        lock (_lock)
        {
            if (!_phases.ContainsKey(phase))
                throw new ArgumentException($"shutdown task '{name}': found phase '{phase}', must be one of {string.Join(", ", _order)}", nameof(phase));
            if (_passed.Contains(phase)) throw new InvalidOperationException($"shutdown task '{name}': phase '{phase}' has already begun");
            if (!_tasks.TryGetValue(phase, out var tasks)) _tasks[phase] = tasks = [];
            tasks.Add((name, task));
        }
    }

    /// <summary>Starts the run, or returns the one that runs. Faulted when a phase that does not recover failed.</summary>
    /// <param name="reason">For the log; the first one counts.</param>
    /// <param name="fromPhase">Leaves out all phases before this one.</param>
    public Task Run(string reason, string? fromPhase = null)
    {
        if (fromPhase is not null && !_phases.ContainsKey(fromPhase))
            throw new ArgumentException($"shutdown: found phase '{fromPhase}', must be one of {string.Join(", ", _order)}", nameof(fromPhase));
        TaskCompletionSource start;
        lock (_lock)
        {
            if (_run is not null) return _run;
            Reason = reason;
            start = new TaskCompletionSource();
            _run = RunPhases(start.Task, fromPhase);
        }
        // Outside the lock: phases may add tasks from other threads.
        start.SetResult();
        return _run;
    }

    /// <summary>Topological order of phases.</summary>
    /// <exception cref="ArgumentException">There is a circle.</exception>
    public static IReadOnlyList<string> Sort(IReadOnlyDictionary<string, ShutdownPhase> phases)
    {
        var sorted = new List<string>();
        var done = new HashSet<string>();
        var open = new HashSet<string>();
        foreach (var phase in phases.Keys) Visit(phase);
        return sorted;

        void Visit(string phase)
        {
            if (done.Contains(phase)) return;
            if (!open.Add(phase)) throw new ArgumentException($"shutdown phases: '{phase}' depends on itself through {string.Join(", ", open)}; remove one dependency");
            if (phases.TryGetValue(phase, out var definition))
            {
                foreach (var before in definition.DependsOn) Visit(before);
            }
            open.Remove(phase);
            done.Add(phase);
            if (phases.ContainsKey(phase)) sorted.Add(phase);
        }
    }

    private async Task RunPhases(Task start, string? fromPhase)
    {
        await start;
        _system.Log.Info("shutdown begins: {Reason}", Reason);
        var skipping = fromPhase is not null;
        foreach (var phase in _order)
        {
            if (phase == fromPhase) skipping = false;
            List<(string Name, Func<CancellationToken, Task> Run)> tasks;
            lock (_lock)
            {
                _passed.Add(phase);
                tasks = _tasks.GetValueOrDefault(phase) ?? [];
            }
            if (skipping) continue;
            await RunPhase(phase, _phases[phase], tasks);
        }
    }

    private async Task RunPhase(string phase, ShutdownPhase definition, List<(string Name, Func<CancellationToken, Task> Run)> tasks)
    {
        var isLast = phase == PhaseActorSystemTerminate;
        if (tasks.Count == 0 && !isLast) return;
        using var timeUp = new CancellationTokenSource(definition.Timeout, _system.Time);
        var running = tasks.ConvertAll(task => Guarded(phase, definition, task.Name, task.Run, timeUp.Token));
        if (isLast)
        {
            running.Add(Guarded(phase, definition, "terminate-system", _ =>
            {
                _system.StopAllActors();
                return _system.WhenTerminated;
            }, timeUp.Token));
        }
        await Task.WhenAll(running);
    }

    private async Task Guarded(string phase, ShutdownPhase definition, string name, Func<CancellationToken, Task> run, CancellationToken timeUp)
    {
        try
        {
            await run(timeUp).WaitAsync(timeUp);
        }
        catch (Exception failure) when (definition.Recover)
        {
            if (failure is OperationCanceledException && timeUp.IsCancellationRequested)
                _system.Log.Warning("shutdown task {Task} of phase {Phase} was not done after {Timeout}; going on without it", name, phase, definition.Timeout);
            else
                _system.Log.Warning(failure, "shutdown task {Task} of phase {Phase} failed; going on without it", name, phase);
        }
    }
}
