using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd;

/// <summary>The active server loses its power and comes back; then the whole site does.</summary>
[Collection(AloneCollection.Name)]
public sealed class PowerLossTests
{
    public PowerLossTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Fact]
    public Task Group_must_be_taken_over_when_the_power_fails_and_must_stay_when_the_server_returns() => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);
        await using var probe = await pair.StartProbeAsync(first);

        var loss = await pair.Lab.PowerOffAsync(first);
        var taken = await RunningPair.AnsweredByAsync(probe, second);
        TestContext.Current.SendDiagnosticMessage("power loss: outage {0:F1} ms", (taken - loss.At) / 1e6);
        // The timeout of 2 s runs from the last beat; the rest is the start of the program on a loaded machine.
        Assert.InRange((taken - loss.At) / 1e6, 1500, 4000);

        await pair.UntilRunsOnAsync(second);
        var screen = await pair.ExpectAsync(0, second, "clpstat");
        Assert.Matches($@"{first} \.+: Offline", screen);
        Assert.Matches($@"\*{second} \.+: Online", screen);
        Assert.Matches($@"current +: {second}", screen);
        Assert.Contains(pair.Events(second), entry => entry is { Module: "nm", Id: 2 });

        await pair.Lab.PowerOnAsync(first);
        Assert.Equal(second, await pair.ReadyAsync());
        var report = await pair.FinishAsync(probe, first, second);
        Assert.Equal(1, report.Gaps.Count(gap => gap.Milliseconds > 1000));
        Assert.Equal([first, second], pair.Oracle.Runs.Select(run => run.Server));
    });

    [Fact]
    public Task Group_must_start_once_when_both_servers_lost_their_power() => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        await Task.WhenAll(pair.Lab.PowerOffAsync("server1"), pair.Lab.PowerOffAsync("server2"));
        Assert.Single(pair.Oracle.Runs);

        await pair.Lab.PowerOnAsync("server2");
        await pair.UntilStatusAsync("server2", "it waits for server1 with a count-down", status =>
            status is { Phase: "WaitingForServers", WaitSecondsLeft: > 0 } && status.WaitingFor!.Contains("server1", StringComparison.Ordinal));
        Assert.Single(pair.Oracle.Runs);
        await pair.Lab.PowerOnAsync("server1");
        Assert.Contains(await pair.ReadyAsync(), new[] { first, RunningPair.Other(first) });
        Assert.Equal(2, pair.Oracle.Runs.Count);
    });
}
