namespace ClusterActors.Actors;

/// <summary>
/// One heap of due times per system, driven by the system's <see cref="TimeProvider"/>. On real time one thread sleeps
/// until the earliest due time and nothing runs in between; on any other provider a single timer of that provider is
/// set to the earliest due time, so that whoever advances the clock fires everything in order.
/// </summary>
public sealed class Scheduler : IDisposable
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(3650);

    private readonly TimeProvider _time;
    private readonly Action<Exception> _onFailure;
    private readonly object _lock = new();
    private readonly DueHeap _heap = new();
    private readonly ITimer? _timer;
    private readonly Thread? _thread;
    private long _wakeAt = long.MaxValue;
    private bool _stopped;

    internal Scheduler(TimeProvider time, string systemName, Action<Exception> onFailure)
    {
        _time = time;
        _onFailure = onFailure;
        if (ReferenceEquals(time, TimeProvider.System))
        {
            _thread = new Thread(RunThread) { IsBackground = true, Name = $"{systemName}-timer" };
            _thread.Start();
        }
        else
        {
            _timer = time.CreateTimer(static self => ((Scheduler)self!).FireDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Items waiting for their time.</summary>
    public int Count
    {
        get { lock (_lock) return _heap.Count; }
    }

    /// <summary>Tells <paramref name="message"/> once after <paramref name="delay"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellOnceCancelable(delay, receiver, message, sender);

    /// <summary>As <see cref="ScheduleTellOnce"/>, with a handle to take it back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public ICancelable ScheduleTellOnceCancelable(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Start(new ScheduledTell(this, receiver, message, sender, null), delay);
    }

    /// <summary>
    /// Tells <paramref name="message"/> after <paramref name="initialDelay"/> and then with <paramref name="interval"/>
    /// between two sendings; after a stall no burst follows (D4).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative or the interval not positive.</exception>
    public ICancelable ScheduleTellRepeatedlyCancelable(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        return Start(new ScheduledTell(this, receiver, message, sender, interval), initialDelay);
    }

    /// <summary>Runs <paramref name="action"/> once after <paramref name="delay"/>, on the timer thread: it must be short.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public ICancelable ScheduleOnceCancelable(TimeSpan delay, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return Start(new ScheduledAction(this, action), delay);
    }

    /// <summary>Stops; nothing fires afterwards and new work is refused.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            while (_heap.First is { } item) _heap.Remove(item);
            Monitor.Pulse(_lock);
        }
        _timer?.Dispose();
    }

    /// <summary>The present moment in the clock's own units, as due times are kept.</summary>
    internal long Now => _time.GetTimestamp();

    /// <summary>A span in the clock's own units, rounded up: a timer may be late, never early.</summary>
    internal long ToClockUnits(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        if (span > LongestDelay) span = LongestDelay;
        var frequency = _time.TimestampFrequency;
        // The usual clocks count in whole fractions of a tick, where plain 64-bit arithmetic is exact.
        if (frequency % TimeSpan.TicksPerSecond == 0) return span.Ticks * (frequency / TimeSpan.TicksPerSecond);
        return (long)(((Int128)span.Ticks * frequency + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
    }

    internal long DueAfter(TimeSpan delay) => ToClockUnits(delay) + Now;

    internal void Add(ScheduledItem item, TimeSpan delay) => AddAt(item, DueAfter(delay));

    internal void AddAt(ScheduledItem item, long due)
    {
        lock (_lock)
        {
            if (_stopped) return;
            _heap.Remove(item);
            item.Due = due;
            _heap.Add(item);
            // The sleeper is woken only for something earlier than what it waits for, so short-lived timeouts cost no wake-up.
            if (due >= _wakeAt) return;
            _wakeAt = due;
            if (_timer is null) Monitor.Pulse(_lock);
            else SetTimer(due);
        }
    }

    internal bool Remove(ScheduledItem item)
    {
        lock (_lock) return _heap.Remove(item);
    }

    private CancelableItem Start(CancelableItem item, TimeSpan delay)
    {
        var due = DueAfter(delay);
        ObjectDisposedException.ThrowIf(_stopped, this);
        AddAt(item, due);
        return item;
    }

    private void SetTimer(long due)
    {
        var wait = Math.Max(0, due - _time.GetTimestamp());
        var ticks = ((Int128)wait * TimeSpan.TicksPerSecond + _time.TimestampFrequency - 1) / _time.TimestampFrequency;
        _timer!.Change(new TimeSpan((long)ticks), Timeout.InfiniteTimeSpan);
    }

    private void FireDue()
    {
        while (true)
        {
            ScheduledItem? item;
            lock (_lock)
            {
                item = _heap.First;
                if (_stopped || item is null)
                {
                    _wakeAt = long.MaxValue;
                    return;
                }
                if (item.Due > _time.GetTimestamp())
                {
                    _wakeAt = item.Due;
                    SetTimer(item.Due);
                    return;
                }
                _heap.Remove(item);
            }
            FireOne(item);
        }
    }

    private void RunThread()
    {
        while (true)
        {
            ScheduledItem item;
            lock (_lock)
            {
                while (true)
                {
                    if (_stopped) return;
                    var first = _heap.First;
                    if (first is null)
                    {
                        _wakeAt = long.MaxValue;
                        Monitor.Wait(_lock);
                        continue;
                    }
                    var wait = first.Due - _time.GetTimestamp();
                    if (wait <= 0)
                    {
                        _heap.Remove(first);
                        item = first;
                        break;
                    }
                    _wakeAt = first.Due;
                    var milliseconds = (wait * 1000 + _time.TimestampFrequency - 1) / _time.TimestampFrequency;
                    Monitor.Wait(_lock, (int)Math.Min(milliseconds, 60_000));
                }
            }
            FireOne(item);
        }
    }

    private void FireOne(ScheduledItem item)
    {
        try
        {
            item.Fire();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // One bad callback must not end all timers of the process.
            _onFailure(failure);
        }
    }

    private abstract class CancelableItem(Scheduler scheduler) : ScheduledItem, ICancelable
    {
        private volatile bool _cancelled;

        protected Scheduler Scheduler => scheduler;

        public bool IsCancellationRequested => _cancelled;

        public void Cancel()
        {
            _cancelled = true;
            scheduler.Remove(this);
        }
    }

    private sealed class ScheduledTell(Scheduler scheduler, ICanTell receiver, object message, IActorRef? sender, TimeSpan? interval)
        : CancelableItem(scheduler)
    {
        internal override void Fire()
        {
            if (IsCancellationRequested) return;
            receiver.Tell(message, sender);
            if (interval is not { } gap || IsCancellationRequested) return;
            Scheduler.Add(this, gap);
            // Cancelled between the look and the Add: take it out again.
            if (IsCancellationRequested) Scheduler.Remove(this);
        }
    }

    private sealed class ScheduledAction(Scheduler scheduler, Action action) : CancelableItem(scheduler)
    {
        internal override void Fire()
        {
            if (!IsCancellationRequested) action();
        }
    }
}
