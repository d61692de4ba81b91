using System.Net;
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
    private readonly AddressLosses _losses = new();

    private GuardianResourceHost Host => new(_link, new ProgramExits(), _losses, _driver.Time, "/nowhere");

    private Task<ProgramStarted> Start(CancellationToken cancellation = default) =>
        Host.StartProgramAsync(
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
    public async Task Loss_of_an_address_must_end_the_wait_for_it_when_the_guardian_tells()
    {
        Holds("ip", "ip2");
        using var over = new CancellationTokenSource();
        var lost = WaitFor("ip", over.Token);
        var other = WaitFor("ip2", over.Token);
        Assert.False(lost.IsCompleted);

        _losses.On(new AddressLost("web", "ip", IPAddress.Loopback, "interface eth1 is gone"));

        Assert.Equal("interface eth1 is gone", await lost);
        Assert.False(other.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
        Assert.Empty(_losses.Waiting);
    }

    [Fact]
    public async Task Loss_of_an_address_must_be_found_in_the_table_when_it_was_not_told()
    {
        Holds("ip");
        var lost = WaitFor("ip");
        var before = _losses.Waiting;
        Holds();
        Assert.Contains("does not hold it", await WaitFor("ip"), StringComparison.Ordinal);
        Assert.False(lost.IsCompleted);

        _losses.On(_link.Answer!.Table, before);

        Assert.Contains("does not hold it", await lost, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_for_the_loss_of_an_address_must_outlast_a_lost_connection()
    {
        _link.Answer = null;
        var lost = WaitFor("ip");
        Assert.False(lost.IsCompleted);
        _losses.On(new AddressLost("web", "ip", IPAddress.Loopback, "interface eth1 is gone"));
        Assert.Equal("interface eth1 is gone", await lost);
    }

    private Task<string> WaitFor(string resource, CancellationToken cancellation = default) =>
        Host.WaitForAddressLossAsync(new GroupName("web"), new ResourceName(resource), cancellation);

    /// <summary>What the guardian's table says from now on.</summary>
    private void Holds(params string[] resources) => _link.Answer = new Reply(GuardianResult.Done, "", new GuardianTable(
        Term.Zero, 0, GrantState.Held, GuardianFlags.None, [], [], [.. resources.Select(r => new AddressEntry("t1", Term.Zero, "web", r, IPAddress.Loopback, "eth1"))], [], []).Encode());

    /// <summary>Nobody waited when the end of a program of an earlier daemon was told; the look that found it alive was just before.</summary>
    [Fact]
    public async Task Exit_of_an_earlier_daemons_program_must_be_found_in_the_table_when_it_was_told_too_early()
    {
        _link.Answer = Table([], [new ProgramExited("stop-web-app-1-5", "web", "app", 3, 0, TimeSpan.FromSeconds(1))]);
        Assert.Equal(3, (await Host.WaitForExitAsync("stop-web-app-1-5", CancellationToken.None)).ExitCode);
        Assert.Equal(137, (await Host.WaitForExitAsync("forgotten", CancellationToken.None)).ExitCode);
    }

    [Fact]
    public async Task Exit_of_an_earlier_daemons_program_must_be_waited_for_while_it_is_listed_or_nobody_can_be_asked()
    {
        _link.Answer = Table([new ProgramEntry("t1", Term.Zero, "web", "app", true, 4711, TimeSpan.Zero)], []);
        using var over = new CancellationTokenSource();
        var live = Host.WaitForExitAsync("t1", over.Token);
        Assert.False(live.IsCompleted);
        _link.Answer = null;
        var unknown = Host.WaitForExitAsync("t1", over.Token);
        Assert.False(unknown.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => live);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unknown);
    }

    private static Reply Table(IReadOnlyList<ProgramEntry> programs, IReadOnlyList<ProgramExited> exited) => new(GuardianResult.Done, "",
        new GuardianTable(Term.Zero, 0, GrantState.Held, GuardianFlags.None, programs, exited, [], [], []).Encode());

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
