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

    private static Task UntilHeld(RunningPair pair, string server, string silent) => pair.UntilStatusAsync(
        server, $"{silent} is offline and the group is held", status =>
            status.Servers.Single(other => other.Name == silent).State == "Offline"
            && status.Groups.Single(group => group.Name == RunningPair.Group) is { CurrentServer: not "" } group
            && !RunningPair.RunsOn(status, server)
            && group.Reason.Contains("hold", StringComparison.Ordinal));
}
