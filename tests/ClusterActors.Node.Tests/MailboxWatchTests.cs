using ClusterActors.Actors;
using ClusterActors.Model.Events;
using ClusterActors.Node.Composition;
using ClusterActors.Node.Status;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

public sealed class MailboxWatchTests : IDisposable
{
    private readonly VirtualDriver _driver = new();
    private readonly TestKitBase _kit;
    private readonly TestProbe _events;
    private readonly Notices _notices = new();
    private readonly MailboxWatch _watch;
    private readonly TaskCompletionSource _handled = new();

    public MailboxWatchTests()
    {
        _kit = new TestKitBase(_driver);
        _events = _kit.CreateTestProbe();
        _watch = new MailboxWatch(_kit.Sys, _notices, _events.Ref, _driver.Time);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _kit.Dispose();
    }

    [Fact]
    public void Actor_whose_messages_wait_too_long_must_be_told_once_and_until_it_keeps_up()
    {
        var slow = Slow();
        _driver.Pass(MailboxWatch.LookEvery * 0.5);
        slow.Tell("handled for long");
        slow.Tell("waits");
        _driver.Pass(MailboxWatch.LookEvery);
        Assert.Empty(_notices.All);
        _driver.Pass(MailboxWatch.LookEvery);
        Assert.Equal("the daemon does not keep up: /user/slow: 1 messages wait, the oldest for at least 1.0 s", Assert.Single(_notices.All));
        _driver.Pass(5 * MailboxWatch.LookEvery);
        Assert.Contains("at least 6.0 s", Assert.Single(_notices.All), StringComparison.Ordinal);
        Assert.Equal(CaEvents.ActorBehind("/user/slow", "").Key, _events.ExpectMsg<EventDraft>().Key);

        _handled.SetResult();
        _driver.Pass(MailboxWatch.Quiet - MailboxWatch.LookEvery);
        Assert.Empty(_notices.All);
        Assert.False(_events.HasMessages);
        _driver.Pass(MailboxWatch.LookEvery);
        Assert.Equal(CaEvents.ActorKeepsUp("/user/slow").Key, _events.ExpectMsg<EventDraft>().Key);
    }

    [Theory]
    [InlineData(MailboxWatch.MostWaiting, 0, false)]
    [InlineData(MailboxWatch.MostWaiting + 1, 0, true)]
    [InlineData(1, 999, false)]
    [InlineData(1, 1000, true)]
    public void Number_and_age_must_count_each(long length, int milliseconds, bool isBehind) =>
        Assert.Equal(isBehind, MailboxWatch.IsBehind(new MailboxSample(Slow().Path, length, TimeSpan.FromMilliseconds(milliseconds))));

    private IActorRef Slow() => _kit.ActorOf(() => new SlowActor(_handled.Task), "slow");

    /// <summary>Handles nothing further until the task has ended.</summary>
    private sealed class SlowActor : ReceiveActor
    {
        public SlowActor(Task until) => ReceiveAsync<string>(_ => until);
    }
}
