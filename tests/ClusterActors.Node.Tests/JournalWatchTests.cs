using ClusterActors.Model.Events;
using ClusterActors.Node.Composition;
using ClusterActors.Node.Status;
using ClusterActors.Persistence;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

public sealed class JournalWatchTests : IDisposable
{
    private static readonly JournalException Full = new(JournalFault.Storage, "journal.db: write failed (disk is full); free space on its file system");
    private readonly VirtualDriver _driver = new();
    private readonly TestKitBase _kit;
    private readonly TestProbe _events;
    private readonly Notices _notices = new();
    private readonly JournalWatch _watch;

    public JournalWatchTests()
    {
        _kit = new TestKitBase(_driver);
        _events = _kit.CreateTestProbe();
        _watch = new JournalWatch(_notices, _events.Ref, _driver.Time);
    }

    [Fact]
    public void Journal_that_takes_no_writes_must_be_shown_until_it_has_worked_for_a_while()
    {
        _watch.OnFailed(Full);
        Assert.Contains("free space", Assert.Single(_notices.All), StringComparison.Ordinal);
        Assert.Equal(CaEvents.JournalFails(Full.Message).Key, _events.ExpectMsg<EventDraft>().Key);

        _watch.OnRecovered();
        _driver.Pass(JournalWatch.Quiet - TimeSpan.FromMilliseconds(1));
        Assert.Single(_notices.All);
        _driver.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Empty(_notices.All);
        Assert.Equal(CaEvents.JournalWorks().Key, _events.ExpectMsg<EventDraft>().Key);
    }

    [Fact]
    public void Journal_that_fails_again_and_again_must_be_told_once()
    {
        for (var i = 0; i < 5; i++)
        {
            _watch.OnFailed(Full);
            _watch.OnRecovered();
            _driver.Pass(JournalWatch.Quiet / 2);
        }

        _events.ExpectMsg<EventDraft>();
        _events.ExpectNoMsg();
    }

    [Fact]
    public void Failure_that_meets_the_end_of_the_quiet_time_must_not_be_told_as_working()
    {
        var time = new FiringTimer();
        using var watch = new JournalWatch(_notices, _events.Ref, time);
        watch.OnFailed(Full);
        watch.OnRecovered();
        time.Now += JournalWatch.Quiet;
        watch.OnFailed(Full);
        time.Fire();
        Assert.Single(_notices.All);

        watch.OnRecovered();
        time.Now += JournalWatch.Quiet / 2;
        time.Fire();
        Assert.Single(_notices.All);
        _events.ExpectMsg<EventDraft>();
        _events.ExpectNoMsg();

        time.Now += JournalWatch.Quiet / 2;
        time.Fire();
        Assert.Empty(_notices.All);
    }

    /// <summary>Its timer fires when the test says so: also after it was set anew, as one does whose callback was about to run.</summary>
    private sealed class FiringTimer : TimeProvider, ITimer
    {
        private TimerCallback _callback = null!;

        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return this;
        }

        public void Fire() => _callback(null);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _watch.Dispose();
        _kit.Dispose();
    }
}
