namespace ClusterActors.Actors;

/// <summary>
/// Runs turns one at a time on the thread that calls <see cref="RunUntilIdle"/>. Several systems may share one, so that a
/// whole cluster runs on one thread. With a seed the next mailbox is drawn from the waiting ones, which explores other
/// interleavings; without, they run in the order in which they became ready. Scheduling from other threads is safe but
/// of course not deterministic.
/// </summary>
public sealed class DeterministicDispatcher : MessageDispatcher
{
    private readonly Lock _lock = new();
    private readonly List<object> _ready = [];
    private readonly Random? _random;

    /// <param name="seed">Null: first come, first served.</param>
    public DeterministicDispatcher(int? seed = null) => _random = seed is { } value ? new Random(value) : null;

    /// <inheritdoc />
    public override bool IsDeterministic => true;

    /// <summary>Turns run since the start.</summary>
    public long Turns { get; private set; }

    /// <summary>Called (on the scheduling thread) whenever something becomes ready; lets a driver that waits for other threads wake up.</summary>
    public Action? OnReady { get; set; }

    /// <summary>True when a turn waits to be run.</summary>
    public bool HasWork
    {
        get { lock (_lock) return _ready.Count > 0; }
    }

    /// <inheritdoc />
    public override void Execute(Action action) => Add(action);

    /// <summary>Runs one turn; false when none waits.</summary>
    public bool RunOne()
    {
        object next;
        lock (_lock)
        {
            if (_ready.Count == 0) return false;
            var index = _random?.Next(_ready.Count) ?? 0;
            next = _ready[index];
            _ready.RemoveAt(index);
        }
        Turns++;
        if (next is Mailbox mailbox) mailbox.RunTurn();
        else ((Action)next)();
        return true;
    }

    /// <summary>Runs turns until none waits.</summary>
    /// <param name="maxTurns">Bound against actors that keep each other busy for ever.</param>
    /// <exception cref="InvalidOperationException">The bound was reached.</exception>
    public void RunUntilIdle(int maxTurns = 1_000_000)
    {
        for (var turn = 0; turn < maxTurns; turn++)
        {
            if (!RunOne()) return;
        }
        throw new InvalidOperationException(
            $"DeterministicDispatcher: still busy after {maxTurns} turns; actors keep telling each other without time passing");
    }

    internal override void Schedule(Mailbox mailbox) => Add(mailbox);

    private void Add(object work)
    {
        lock (_lock) _ready.Add(work);
        OnReady?.Invoke();
    }
}
