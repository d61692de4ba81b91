namespace ClusterActors.Actors;

/// <summary>
/// Keeps one child alive with growing pauses between attempts, so that something that cannot start does not spin.
/// Messages to it go to the child with their sender; what the child tells it goes to its own parent, with this as sender.
/// </summary>
public sealed class BackoffSupervisor : UntypedActor, IWithTimers
{
    private readonly BackoffOptions _options;
    private IActorRef? _child;
    private int _restartCount;
    private bool _finalStopSeen;

    internal BackoffSupervisor(BackoffOptions options) => _options = options;

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The recipe of a supervisor for one child.</summary>
    public static Props Props(BackoffOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Actors.Props.Create(() => new BackoffSupervisor(options));
    }

    /// <summary>The pause after that many restarts: min(max, min * 2^n) * (1 + random * factor); max when that is not a number.</summary>
    public static TimeSpan CalculateDelay(int restartCount, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, double random)
    {
        var jitter = 1 + random * randomFactor;
        if (restartCount >= 30) return maxBackoff;
        var ticks = Math.Min(maxBackoff.Ticks, minBackoff.Ticks * Math.Pow(2, restartCount)) * jitter;
        return ticks >= TimeSpan.MaxValue.Ticks ? maxBackoff : TimeSpan.FromTicks((long)ticks);
    }

    /// <inheritdoc />
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(Verdict);

    /// <inheritdoc />
    protected override void PreStart() => StartChild();

    /// <inheritdoc />
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartChildNow when _child is null:
                StartChild();
                break;
            case ResetIfQuiet:
                _restartCount = 0;
                break;
            case Reset:
                _restartCount = 0;
                break;
            case GetRestartCount:
                Sender.Tell(new RestartCount(_restartCount), Self);
                break;
            case GetCurrentChild:
                Sender.Tell(new CurrentChild(_child), Self);
                break;
            case Terminated terminated when terminated.ActorRef.Equals(_child):
                ChildHasStopped();
                break;
            default:
                Pass(message);
                break;
        }
    }

    private Directive Verdict(Exception failure)
    {
        var directive = (_options.Decider ?? Actors.SupervisorStrategy.DefaultDecider)(failure);
        // On failure the child is stopped for good and made again later; on stop it is its own business.
        return _options.Kind == BackoffKind.OnFailure && directive == Directive.Restart ? Directive.Stop : directive;
    }

    private void StartChild()
    {
        _child = Context.Watch(Context.ActorOf(_options.ChildProps, _options.ChildName));
        if (_options.ResetBackoff is { } quiet) Timers.StartSingleTimer(nameof(ResetIfQuiet), ResetIfQuiet.Instance, quiet);
    }

    private void ChildHasStopped()
    {
        _child = null;
        Timers.Cancel(nameof(ResetIfQuiet));
        if (_finalStopSeen || (_options.MaxNrOfRetries >= 0 && _restartCount >= _options.MaxNrOfRetries))
        {
            Context.Stop(Self);
            return;
        }
        var delay = CalculateDelay(_restartCount, _options.MinBackoff, _options.MaxBackoff, _options.RandomFactor, Context.System.NextRandom());
        _restartCount++;
        Timers.StartSingleTimer(nameof(StartChildNow), StartChildNow.Instance, delay);
    }

    private void Pass(object message)
    {
        if (_child is not null && Sender.Equals(_child))
        {
            Context.Parent.Tell(message, Self);
            return;
        }
        if (_options.FinalStopMessage?.Invoke(message) == true) _finalStopSeen = true;
        if (_child is not null)
        {
            _child.Forward(message);
        }
        else if (_finalStopSeen)
        {
            Context.Stop(Self);
        }
        else if (_options.ReplyWhileStopped is { } reply)
        {
            Sender.Tell(reply, Self);
        }
        else
        {
            Context.System.PublishDeadLetter(message, Sender, Self, DeadLetterReasons.NoChild);
        }
    }

    /// <summary>Sets the restart count back; for children that know when they are well (manual reset).</summary>
    public sealed record Reset
    {
        /// <summary>The one instance.</summary>
        public static Reset Instance { get; } = new();
    }

    /// <summary>Asks for <see cref="RestartCount"/>.</summary>
    public sealed record GetRestartCount
    {
        /// <summary>The one instance.</summary>
        public static GetRestartCount Instance { get; } = new();
    }

    /// <summary>Restarts since the last reset.</summary>
    public sealed record RestartCount(int Count);

    /// <summary>Asks for <see cref="CurrentChild"/>.</summary>
    public sealed record GetCurrentChild
    {
        /// <summary>The one instance.</summary>
        public static GetCurrentChild Instance { get; } = new();
    }

    /// <summary>The child; null between two attempts.</summary>
    public sealed record CurrentChild(IActorRef? Ref);

    private sealed record StartChildNow
    {
        public static readonly StartChildNow Instance = new();
    }

    private sealed record ResetIfQuiet
    {
        public static readonly ResetIfQuiet Instance = new();
    }
}
