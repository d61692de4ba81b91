using ClusterActors.Control.Identity;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Node.Composition;
using ClusterActors.Node.Status;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

public sealed class CertificateWatchTests : IDisposable
{
    private readonly VirtualDriver _driver = new();
    private readonly TestKitBase _kit;
    private readonly TestProbe _events;
    private readonly Notices _notices = new();

    public CertificateWatchTests()
    {
        _kit = new TestKitBase(_driver);
        _events = _kit.CreateTestProbe();
    }

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void Certificate_must_be_warned_of_once_a_month_and_once_a_week_before_its_end_and_at_it()
    {
        using var watch = Watch(40);
        _driver.Pass(TimeSpan.FromDays(9.5));
        _events.ExpectNoMsg();
        Assert.Empty(_notices.All);

        _driver.Pass(TimeSpan.FromDays(1));
        Assert.Contains("ends on 2030-02-10, in 30 days", Told(), StringComparison.Ordinal);
        _driver.Pass(TimeSpan.FromDays(22));
        _events.ExpectNoMsg();
        Assert.Contains("in 8 days", Assert.Single(_notices.All), StringComparison.Ordinal);

        _driver.Pass(TimeSpan.FromDays(1));
        Assert.Contains("in 7 days", Told(), StringComparison.Ordinal);
        _driver.Pass(TimeSpan.FromDays(7));
        Assert.Contains("has ended on 2030-02-10", Told(), StringComparison.Ordinal);
        Assert.Contains("has ended", Assert.Single(_notices.All), StringComparison.Ordinal);
        _driver.Pass(TimeSpan.FromDays(10));
        _events.ExpectNoMsg();
    }

    [Fact]
    public void Certificate_that_ends_soon_must_be_warned_of_at_the_start_beside_another_that_does_not()
    {
        using var watch = Watch(3, 4000);
        Assert.Contains("in 3 days", Told(), StringComparison.Ordinal);
        _events.ExpectNoMsg();
    }

    [Fact]
    public void Warning_must_go_when_the_clock_is_set_right()
    {
        using var watch = Watch(40);
        _driver.Clock.JumpWallClock(TimeSpan.FromDays(60));
        _driver.Pass(CertificateWatch.LookEvery);
        Told();
        _driver.Clock.JumpWallClock(TimeSpan.FromDays(-60));
        _driver.Pass(CertificateWatch.LookEvery);
        Assert.Empty(_notices.All);
        _events.ExpectNoMsg();
    }

    private CertificateWatch Watch(params int[] daysLeft) => new(
        [.. daysLeft.Select(days => new CertificateEnd("this server's certificate", _driver.Time.GetUtcNow().AddDays(days)))],
        new ServerName("server1"), _notices, _events.Ref, _driver.Time);

    private string Told()
    {
        var told = _events.ExpectMsg<EventDraft>();
        Assert.Equal(CaEvents.CertificateProblem("", "").Key, told.Key);
        return told.Parameters.Single(p => p.Name == "detail").Value;
    }
}
