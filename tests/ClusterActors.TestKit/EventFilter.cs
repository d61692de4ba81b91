using ClusterActors.Actors;

namespace ClusterActors.TestKit;

/// <summary>Counts log lines that match while a block runs. Made by <see cref="TestKitBase.EventFilter"/>.</summary>
public sealed class EventFilter
{
    private readonly TestKitBase _kit;
    private readonly Predicate<LogEvent> _matches;
    private readonly string _what;

    internal EventFilter(TestKitBase kit, Predicate<LogEvent> matches, string what)
    {
        _kit = kit;
        _matches = matches;
        _what = what;
    }

    /// <summary>Exactly one line matches.</summary>
    /// <exception cref="TestKitException">Another number does.</exception>
    public void ExpectOne(Action action) => Expect(1, action);

    /// <summary>Exactly that many match.</summary>
    /// <exception cref="TestKitException">Another number does.</exception>
    public void Expect(int count, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var counter = new Counter(_matches, _kit.Driver);
        _kit.Sys.AddLogSink(counter);
        try
        {
            action();
            // None expected: anything within the quiet time is one too many.
            if (count == 0) _kit.Driver.WaitUntil(() => counter.Count > 0, _kit.QuietTime);
            else _kit.Driver.WaitUntil(() => counter.Count >= count, _kit.Remaining(TimeSpan.FromSeconds(3)));
            _kit.Settle();
            if (counter.Count != count)
                throw new TestKitException($"expected {count} log lines with {_what}, got {counter.Count}; all lines: {counter.Seen}");
        }
        finally
        {
            _kit.Sys.RemoveLogSink(counter);
        }
    }

    private sealed class Counter(Predicate<LogEvent> matches, TestDriver driver) : ILogSink
    {
        private readonly Lock _lock = new();
        private readonly List<string> _seen = [];
        private int _count;

        public int Count
        {
            get { lock (_lock) return _count; }
        }

        public string Seen
        {
            get { lock (_lock) return _seen.Count == 0 ? "none" : string.Join(" | ", _seen); }
        }

        public bool IsEnabled(LogLevel level) => true;

        public void Write(LogEvent logEvent)
        {
            lock (_lock)
            {
                _seen.Add($"{logEvent.Level} {logEvent.Source}: {logEvent.Message}");
                if (matches(logEvent)) _count++;
            }
            driver.Changed();
        }
    }
}

/// <summary>Keeps nothing: a test that wants to see log lines uses a filter.</summary>
internal sealed class SilentSink : ILogSink
{
    public bool IsEnabled(LogLevel level) => false;

    public void Write(LogEvent logEvent) { }
}
