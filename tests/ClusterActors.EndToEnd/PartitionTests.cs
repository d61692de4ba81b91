using ClusterActors.Control;
using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd;

/// <summary>The servers do not hear each other while both live, under each policy.</summary>
public sealed class PartitionTests
{
    public PartitionTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    /// <summary>The price that <c>take-over</c> names: both run until they meet again. Then the lower term gives way, without a person.</summary>
    [Fact]
    public Task Lower_term_must_stop_its_groups_when_a_partition_under_take_over_heals() => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);
        await pair.Lab.CutAsync("server1", "server2");
        await pair.UntilRunsOnAsync(second);
        Assert.True(RunningPair.RunsOn((await pair.StatusAsync(first))!, first));
        await pair.Lab.UntilAsync("both programs run", () => Task.FromResult(pair.Oracle.TwoAtOnce() is not null));
        Assert.Contains($"{second} : ", await pair.ExpectAsync(0, first, "clpstat", "-n"), StringComparison.Ordinal);

        await pair.Lab.HealAsync();
        await pair.UntilEventAsync(first, "rc", 92);
        Assert.Equal(second, await pair.ReadyAsync());
        Assert.Empty(await pair.Lab.PidsAsync(first, RunningPair.Program));
        Assert.Single(await pair.Lab.PidsAsync(second, RunningPair.Program));
        Assert.DoesNotContain(RunningPair.FloatingIp, await pair.Lab.OutputAsync(first, "ip", "-4", "address"), StringComparison.Ordinal);
        Assert.DoesNotContain(pair.Events(second), entry => entry is { Module: "rc", Id: 92 });
        await using var probe = await pair.StartProbeAsync(second);
        await pair.FinishAsync(probe, second);
    }, RunTwice.InPartition);

    /// <summary>
    /// Each server runs a group of its own and takes the other's over. The winner has had its own all the time: it is recorded in an older term than the loser's
    /// claim of the cut, and goes on all the same.
    /// </summary>
    [Fact]
    public Task Winner_must_keep_its_own_group_running_when_a_partition_under_take_over_heals() => RunningPair.TellAsync(async pair =>
    {
        Assert.Equal("server1", await pair.ReadyAsync());
        await pair.UntilStatusAsync("server2", "its own group runs", status => OwnRunsOn(status, "server2"));
        var own = Assert.Single(await pair.Lab.PidsAsync("server2", OwnProgram));
        await pair.Lab.CutAsync("server1", "server2");
        await pair.UntilRunsOnAsync("server2");
        await pair.UntilStatusAsync("server1", "it has taken the other's group over", status => OwnRunsOn(status, "server1"));
        await pair.Lab.UntilAsync("both programs run", () => Task.FromResult(pair.Oracle.TwoAtOnce() is not null));

        await pair.Lab.HealAsync();
        await pair.UntilEventAsync("server1", "rc", 92);
        Assert.Equal("server2", await pair.ReadyAsync());
        Assert.True(OwnRunsOn((await pair.StatusAsync("server1"))!, "server2"));
        Assert.Equal([own], await pair.Lab.PidsAsync("server2", OwnProgram));
        Assert.Empty(await pair.Lab.PidsAsync("server1", OwnProgram));
        Assert.DoesNotContain(pair.Events("server2"), entry => entry is { Module: "rc", Id: 20 or 92 });
    }, RunTwice.InPartition,
        "groups.own { servers = [server2, server1], resources.job { type = exec, mode = async, start = [/usr/bin/sleep, 1000] } }");

    [Fact]
    public Task Nothing_must_be_taken_over_by_silence_under_hold_until_an_administrator_confirms() => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);
        await using var probe = await pair.StartProbeAsync(first);
        await pair.Lab.CutAsync("server1", "server2");
        await UntilHeld(pair, second, first);
        Assert.True(RunningPair.RunsOn((await pair.StatusAsync(first))!, first));
        await pair.Lab.HealAsync();
        Assert.Equal(first, await pair.ReadyAsync());

        await pair.Lab.PowerOffAsync(first);
        await UntilHeld(pair, second, first);
        Assert.Matches($@"{first} \.+: Offline", await pair.ExpectAsync(0, second, "clpstat"));
        Assert.Contains("--reason", await pair.ExpectAsync(1, second, "clp", "cluster", "start", "--alone"), StringComparison.Ordinal);
        await pair.ExpectAsync(0, second, "clp", "cluster", "start", "--alone", "--reason", "its power was cut");
        await RunningPair.AnsweredByAsync(probe, second);
        await pair.UntilRunsOnAsync(second);
        await pair.Lab.PowerOnAsync(first);
        Assert.Equal(second, await pair.ReadyAsync());
        await pair.FinishAsync(probe, first, second);
    }, RunTwice.Never, "cluster.on-partition = hold");

    private const string OwnProgram = "exe:sleep";

    private static bool OwnRunsOn(ClusterStatus status, string server) =>
        status.Groups.Single(group => group.Name == "own") is { State: "Online" } group && group.CurrentServer == server;

    private static Task UntilHeld(RunningPair pair, string server, string silent) => pair.UntilStatusAsync(
        server, $"{silent} is offline and the group is held", status =>
            status.Servers.Single(other => other.Name == silent).State == "Offline"
            && status.Groups.Single(group => group.Name == RunningPair.Group) is { CurrentServer: not "" } group
            && !RunningPair.RunsOn(status, server)
            && group.Reason.Contains("hold", StringComparison.Ordinal));
}
