using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;
using ClusterActors.Node.Guardian;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

public sealed class GuardianResourceHostTests
{
    private static readonly Reply NotYet = new(GuardianResult.NotYet, "web.app: not every live server has adopted term 4.0 yet", []);
    private readonly VirtualDriver _driver = new();
    private readonly ScriptedLink _link = new() { Answer = NotYet };

    private Task<ProgramStarted> Start(CancellationToken cancellation = default) =>
        new GuardianResourceHost(_link, new ProgramExits(), _driver.Time, "/nowhere").StartProgramAsync(
            new ProgramRequest(
                new GroupName("web"), new ResourceName("app"), new Term(4, 0), "t1", ["/bin/true"], new Dictionary<string, string>(), "", null, Containment.Cgroup, "", 0, Helper: false),
            cancellation);

    [Fact]
    public async Task Start_must_wait_for_a_term_that_is_new_and_be_no_failure()
    {
        var start = Start();
        _driver.Pass(TimeSpan.FromMilliseconds(200));
        Assert.False(start.IsCompleted);
        Assert.Equal(11, _link.Asked);
        _link.Answer = new Reply(GuardianResult.Done, "", BitConverter.GetBytes(4711));
        _driver.Pass(TimeSpan.FromMilliseconds(20));
        Assert.Equal("t1", (await start).Ticket);
    }

    [Fact]
    public async Task Start_must_fail_with_the_reason_when_the_term_is_never_adopted()
    {
        var start = Start();
        _driver.Pass(TimeSpan.FromSeconds(16));
        var failure = await Assert.ThrowsAsync<ResourceHostException>(() => start);
        Assert.Contains("not every live server has adopted term 4.0 yet", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_that_is_given_up_must_not_be_asked_for_again()
    {
        using var givenUp = new CancellationTokenSource();
        var start = Start(givenUp.Token);
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        var asked = _link.Asked;
        _driver.Pass(TimeSpan.FromSeconds(16));
        Assert.Equal(asked, _link.Asked);
    }
}
