namespace ClusterActors.Simulation.Time;

/// <summary>A timer of one process or kernel, due on its machine's own clock.</summary>
internal sealed class SimTimer(TimerHeap heap, Action fire)
{
    internal int Version { get; set; }

    internal bool Armed { get; set; }

    public void Fire() => fire();

    /// <summary>Arms, or moves an armed one.</summary>
    public void SetAt(long local) => heap.Arm(this, local);

    public void Cancel() => heap.Disarm(this);
}

/// <summary>Timers by local time. A moved or cancelled timer leaves its old entry behind, which is passed over when it comes up.</summary>
internal sealed class TimerHeap
{
    private readonly PriorityQueue<(SimTimer Timer, int Version), (long Due, long Order)> _entries = new();
    private long _order;

    /// <summary>Armed timers.</summary>
    public int Count { get; private set; }

    /// <summary>Local time of the first; <see cref="long.MaxValue"/> for none.</summary>
    public long NextDue
    {
        get
        {
            while (_entries.TryPeek(out (SimTimer Timer, int Version) first, out (long Due, long Order) at))
            {
                if (first.Timer.Armed && first.Timer.Version == first.Version)
                    return at.Due;
                _entries.Dequeue();
            }

            return long.MaxValue;
        }
    }

    public void Arm(SimTimer timer, long due)
    {
        if (!timer.Armed)
            Count++;
        timer.Armed = true;
        timer.Version++;
        _entries.Enqueue((timer, timer.Version), (due, _order++));
    }

    public void Disarm(SimTimer timer)
    {
        if (!timer.Armed)
            return;
        timer.Armed = false;
        Count--;
    }

    /// <summary>Takes the first timer due at <paramref name="local"/> or earlier.</summary>
    public SimTimer? TakeDue(long local)
    {
        if (NextDue > local)
            return null;
        SimTimer timer = _entries.Dequeue().Timer;
        timer.Armed = false;
        Count--;
        return timer;
    }

    public void Clear()
    {
        foreach ((SimTimer timer, int _) in _entries.UnorderedItems.Select(e => e.Element))
            timer.Armed = false;
        _entries.Clear();
        Count = 0;
    }
}
