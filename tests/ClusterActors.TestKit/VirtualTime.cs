namespace ClusterActors.TestKit;

/// <summary>
/// A clock that moves only when told to. It drives everything that takes its time from a <see cref="TimeProvider"/>:
/// timers, deadlines, delays and timestamps. <see cref="Advance"/> walks from due time to due time; at each one the clock
/// shows exactly that moment, the timers due then fire in the order in which they were set, and all work that follows
/// runs before the next step, so that whatever that work schedules is dated from the right moment.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset DefaultStart = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private readonly SortedSet<VirtualTimer> _armed = new(VirtualTimer.ByDue);
    private readonly DateTimeOffset _start;
    private long _now;
    private long _order;
    private TimeSpan _wallOffset;

    /// <param name="start">What the wall clock shows first; default 2030-01-01.</param>
    public VirtualTime(DateTimeOffset? start = null) => _start = start ?? DefaultStart;

    /// <summary>Runs all work that is ready; called before and after each step. Several may be added.</summary>
    public event Action? Settle;

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Volatile.Read(ref _now));

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How long until the next timer is due; null when none is set.</summary>
    public TimeSpan? UntilNext
    {
        get
        {
            lock (_lock) return _armed.Min is { } next ? TimeSpan.FromTicks(Math.Max(0, next.Due - _now)) : null;
        }
    }

    /// <inheritdoc />
    public override long GetTimestamp() => Volatile.Read(ref _now);

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _start + TimeSpan.FromTicks(_now) + _wallOffset;
    }

    /// <summary>Sets the wall clock forth or back without any time passing, as an administrator or NTP does.</summary>
    public void JumpWallClock(TimeSpan by)
    {
        lock (_lock) _wallOffset += by;
    }

    /// <summary>Lets time pass, step by step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        AdvanceUntil(static () => false, by);
    }

    /// <summary>Lets time pass until <paramref name="condition"/> holds or <paramref name="limit"/> is reached; true when it holds.</summary>
    public bool AdvanceUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        // Under a test framework's context the runtime hands what waits for a task to the thread pool, past which the clock would run.
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return AdvanceHere(condition, limit);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private bool AdvanceHere(Func<bool> condition, TimeSpan limit)
    {
        var end = GetTimestamp() + limit.Ticks;
        while (true)
        {
            Settle?.Invoke();
            if (condition()) return true;
            if (!FireNext(end)) break;
        }
        lock (_lock) _now = Math.Max(_now, end);
        Settle?.Invoke();
        return condition();
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Goes to the next due time, if it is not after <paramref name="end"/>, and fires the first timer due then.</summary>
    private bool FireNext(long end)
    {
        VirtualTimer next;
        lock (_lock)
        {
            if (_armed.Min is not { } first || first.Due > end) return false;
            next = first;
            _armed.Remove(next);
            next.IsArmed = false;
            _now = Math.Max(_now, next.Due);
            if (next.Period > TimeSpan.Zero) Arm(next, next.Period);
        }
        next.Fire();
        return true;
    }

    private void Arm(VirtualTimer timer, TimeSpan delay)
    {
        timer.Due = _now + delay.Ticks;
        timer.Order = ++_order;
        timer.IsArmed = true;
        _armed.Add(timer);
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        public static readonly IComparer<VirtualTimer> ByDue = Comparer<VirtualTimer>.Create(
            static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Order.CompareTo(b.Order));

        public long Due { get; set; }

        public long Order { get; set; }

        public bool IsArmed { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                if (IsArmed) time._armed.Remove(this);
                IsArmed = false;
                Period = period;
                if (dueTime >= TimeSpan.Zero) time.Arm(this, dueTime);
                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
