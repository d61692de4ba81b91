namespace ClusterActors.Actors;

/// <summary>The timers of one actor incarnation; touched only in its turns.</summary>
internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    private readonly Dictionary<object, TimerEntry> _entries = [];

    public void StartSingleTimer(object key, object message, TimeSpan timeout) => Start(key, message, timeout, null, fixedRate: false);

    public void StartPeriodicTimer(object key, object message, TimeSpan interval) => Start(key, message, interval, interval, fixedRate: false);

    public void StartPeriodicTimer(object key, object message, TimeSpan initialDelay, TimeSpan interval) =>
        Start(key, message, initialDelay, interval, fixedRate: false);

    public void StartTimerAtFixedRate(object key, object message, TimeSpan interval) => Start(key, message, interval, interval, fixedRate: true);

    public bool IsTimerActive(object key) => _entries.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_entries.Remove(key, out var entry)) Drop(entry);
    }

    public void CancelAll()
    {
        foreach (var entry in _entries.Values) Drop(entry);
        _entries.Clear();
    }

    /// <summary>A tick came out of the mailbox: the message to handle, or null when the timer has been replaced or cancelled since.</summary>
    public object? Take(TimerEntry entry)
    {
        if (entry.Cancelled) return null;
        if (entry.Interval is not { } interval)
        {
            _entries.Remove(entry.Key);
        }
        else if (!entry.FixedRate)
        {
            cell.System.Scheduler.Add(entry, interval);
        }
        else
        {
            cell.System.Scheduler.AddAt(entry, NextOnGrid(entry, interval));
        }
        return entry.Message;
    }

    private long NextOnGrid(TimerEntry entry, TimeSpan interval)
    {
        var scheduler = cell.System.Scheduler;
        var step = Math.Max(1, scheduler.ToClockUnits(interval));
        var missed = Math.Max(0, scheduler.Now - entry.Due) / step;
        return entry.Due + (missed + 1) * step;
    }

    private void Start(object key, object message, TimeSpan delay, TimeSpan? interval, bool fixedRate)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(message);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (interval is { } gap) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(gap, TimeSpan.Zero, nameof(interval));
        Cancel(key);
        var entry = new TimerEntry(cell, key, message, interval, fixedRate);
        _entries[key] = entry;
        cell.System.Scheduler.Add(entry, delay);
    }

    private void Drop(TimerEntry entry)
    {
        entry.Cancelled = true;
        cell.System.Scheduler.Remove(entry);
    }
}

/// <summary>
/// One timer; also the notice that goes through the mailbox. Set again only when the actor takes the notice, so at most
/// one per timer waits and none needs a generation number.
/// </summary>
internal sealed class TimerEntry(ActorCell cell, object key, object message, TimeSpan? interval, bool fixedRate) : ScheduledItem
{
    public object Key { get; } = key;

    public object Message { get; } = message;

    public TimeSpan? Interval { get; } = interval;

    public bool FixedRate { get; } = fixedRate;

    private volatile bool _cancelled;

    public bool Cancelled { get => _cancelled; set => _cancelled = value; }

    internal override void Fire()
    {
        // Forced: a periodic timer that met a full mailbox would otherwise be dead for good.
        if (!Cancelled) cell.Mailbox.Post(this, cell.Self, force: true);
    }
}
