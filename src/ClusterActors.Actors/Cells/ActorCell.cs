namespace ClusterActors.Actors;

/// <summary>Where an actor is in its life.</summary>
internal enum CellPhase
{
    /// <summary>Not built yet; waits for its first turn.</summary>
    New,

    /// <summary>Has an instance that handles messages (when not suspended).</summary>
    Running,

    /// <summary>Building failed; the supervisor decides between stop and another try.</summary>
    CreationFailed,

    /// <summary>Another try is ordered; waits for children of the failed try to stop.</summary>
    WaitingToCreate,

    /// <summary>Restart is ordered and the old instance is gone; waits for its children to stop.</summary>
    WaitingToRecreate,

    /// <summary>Stop is ordered; waits for the children to stop.</summary>
    Terminating,

    /// <summary>Gone. Everything told now is a dead letter.</summary>
    Terminated,
}

/// <summary>
/// The engine of one actor: owns its mailbox, instance, children, watches and failure state. All fields are touched only
/// in the actor's turns, except the children's names (looked up from anywhere) which have their own lock. Split by
/// concern: lifecycle, children, receiving, death watch, fault handling, async handlers.
/// </summary>
internal sealed partial class ActorCell : IActorContext
{
    [ThreadStatic]
    private static ActorCell? s_current;

    private ActorBase? _actor;
    private Receive? _behaviour;
    private Stack<Receive>? _behaviours;
    private int _suspensions;
    private CancellationTokenSource? _lifetime;
    private TimerScheduler? _timers;
    private List<ActorStash>? _stashes;

    public ActorCell(ActorSystem system, LocalActorRef self, Props props, InternalActorRef? parent)
    {
        System = system;
        SelfRef = self;
        Props = props;
        ParentRef = parent;
        Mailbox = new Mailbox(this, system.Dispatcher);
    }

    /// <summary>The cell whose turn runs on this thread.</summary>
    public static ActorCell? Current { get => s_current; set => s_current = value; }

    public ActorSystem System { get; }

    public LocalActorRef SelfRef { get; }

    public InternalActorRef? ParentRef { get; }

    public Mailbox Mailbox { get; }

    public Props Props { get; }

    public CellPhase Phase { get; private set; }

    /// <summary>While true user messages wait (R-MB6). Each cause of suspension counts once and takes its own count away.</summary>
    public bool IsSuspended => _suspensions > 0;

    public IActorRef Self => SelfRef;

    public IActorRef Parent => (IActorRef?)ParentRef ?? ActorRefs.Nobody;

    public CancellationToken CancellationToken => (_lifetime ??= new CancellationTokenSource()).Token;

    public ActorSelection ActorSelection(string path) => Actors.ActorSelection.From(SelfRef, path);

    public void Become(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        _behaviour = receive;
    }

    public void BecomeStacked(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        (_behaviours ??= new Stack<Receive>()).Push(_behaviour!);
        _behaviour = receive;
    }

    public void UnbecomeStacked()
    {
        if (_behaviours is { } stack && stack.TryPop(out var below)) _behaviour = below;
    }

    public IStash CreateStash()
    {
        var stash = new ActorStash(this);
        (_stashes ??= []).Add(stash);
        return stash;
    }

    private ILoggingAdapter Log => System.LogFor(SelfRef.Path);

    private void UnstashEverything()
    {
        if (_stashes is null) return;
        // In reverse, so that the stash made first ends up in front.
        for (var i = _stashes.Count - 1; i >= 0; i--) _stashes[i].UnstashAll();
    }
}
