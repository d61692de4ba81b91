using System.Diagnostics.CodeAnalysis;

namespace ClusterActors.Actors;

/// <summary>
/// The time limits of all asks of a system, as one item of its scheduler: the one due first. Nearly every ask is answered
/// long before its limit, so an answer takes nothing out here and touches no lock that the askers use; an ask that is over
/// stays until it comes to the front, or until so many have been added that looking through all of them costs each addition
/// next to nothing.
/// </summary>
/// <remarks>
/// What stays behind for a while is an ask without its question, target and answer, and never more of those than twice the
/// asks that were waiting at the last look, or <see cref="FewestBetweenSweeps"/>.
/// </remarks>
internal sealed class AskDeadlines(Scheduler scheduler) : ScheduledItem
{
    private const int FewestBetweenSweeps = 256;
    private const int DropsBeforeSweep = 64;

    private readonly Lock _lock = new();
    private readonly PriorityQueue<AskRef, Deadline> _asks = new(FewestBetweenSweeps);
    private int _sweepAt = FewestBetweenSweeps;
    private long _added;
    private long _armedFor = long.MaxValue;

    /// <summary>Asks kept, those that are over and not yet dropped among them; for leak tests.</summary>
    public int Count
    {
        get { lock (_lock) return _asks.Count; }
    }

    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public void Add(AskRef ask, TimeSpan timeout)
    {
        var due = scheduler.DueAfter(timeout);
        lock (_lock)
        {
            if (_asks.Count >= _sweepAt) Sweep();
            _asks.Enqueue(ask, new Deadline(due, ++_added));
            if (due < _armedFor) Arm(due);
        }
    }

    // One ask at a time: whatever ending it leads to cannot hold up the others, and between two of them anything else that
    // is due in between gets its turn.
    internal override void Fire()
    {
        AskRef? overdue;
        lock (_lock)
        {
            _armedFor = long.MaxValue;
            overdue = TakeOverdue();
            if (TryPeekWaiting(out _, out var next)) Arm(next.Due);
        }
        overdue?.TimeOut();
    }

    private AskRef? TakeOverdue()
    {
        if (!TryPeekWaiting(out var first, out var deadline) || deadline.Due > scheduler.Now) return null;
        _asks.Dequeue();
        return first;
    }

    /// <summary>The first ask that is not over; drops those before it.</summary>
    private bool TryPeekWaiting([NotNullWhen(true)] out AskRef? ask, out Deadline deadline)
    {
        for (var dropped = 0; _asks.TryPeek(out ask, out deadline); dropped++)
        {
            if (!ask.IsOver) return true;
            // To take out one costs as much as to look at a dozen; what a flood of asks left behind goes at one look.
            if (dropped == DropsBeforeSweep) Sweep();
            else _asks.Dequeue();
        }
        return false;
    }

    private void Arm(long due)
    {
        _armedFor = due;
        scheduler.AddAt(this, due);
    }

    private void Sweep()
    {
        var waiting = new List<(AskRef, Deadline)>();
        foreach (var (ask, deadline) in _asks.UnorderedItems)
        {
            if (!ask.IsOver) waiting.Add((ask, deadline));
        }
        _asks.Clear();
        _asks.EnqueueRange(waiting);
        _sweepAt = Math.Max(FewestBetweenSweeps, waiting.Count * 2);
        // What a flood of asks took is given back after it.
        if (_asks.Capacity / 8 > _sweepAt) _asks.TrimExcess();
    }

    /// <summary>Ordered by time, then by the order in which the asks came.</summary>
    private readonly record struct Deadline(long Due, long Number) : IComparable<Deadline>
    {
        public int CompareTo(Deadline other) => Due != other.Due ? Due.CompareTo(other.Due) : Number.CompareTo(other.Number);
    }
}
