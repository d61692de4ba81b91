using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Time;

/// <summary>The <see cref="TimeProvider"/> of one process: its machine's clocks, and timers that fire only while the process runs.</summary>
internal sealed class ProcessTime(SimProcess process) : TimeProvider
{
    private readonly MachineClock _clock = process.Machine.Clock;

    public override long TimestampFrequency => 1_000_000_000;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => _clock.Local;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_clock.Wall / 100);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ProcessTimer(process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ProcessTimer : ITimer
    {
        private readonly SimProcess _process;
        private readonly SimTimer _timer;
        private TimeSpan _period;

        public ProcessTimer(SimProcess process, TimerCallback callback, object? state)
        {
            _process = process;
            _timer = new SimTimer(process.Timers, () =>
            {
                if (_period > TimeSpan.Zero)
                    _timer!.SetAt(process.Machine.Clock.Local + (_period.Ticks * 100));
                callback(state);
            });
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            if (dueTime >= TimeSpan.Zero)
                _timer.SetAt(_process.Machine.Clock.Local + (dueTime.Ticks * 100));
            else
                _timer.Cancel();
            return true;
        }

        public void Dispose() => _timer.Cancel();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
