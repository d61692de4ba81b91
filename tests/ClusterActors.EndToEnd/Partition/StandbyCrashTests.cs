using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd.Partition;

/// <summary>The standby crashes: clients of the active server must not lose a single probe. Strict, so nothing runs beside it.</summary>
[Collection(AloneCollection.Name)]
public sealed class StandbyCrashTests
{
    public StandbyCrashTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Fact]
    public Task Crash_and_return_of_the_standby_must_cost_the_active_side_no_probe() => WitnessedPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await using var probe = await pair.StartProbeAsync(owner);
        await pair.Lab.PowerOffAsync(other);
        await WitnessedPair.UntilOfflineAsync(pair, seenBy: owner, other);
        await pair.UntilStatusAsync(owner, "its grant rests on the witness", status => status.Servers.Single(s => s.IsSelf).Grant.Contains(WitnessedPair.Arbiter, StringComparison.Ordinal));

        // Long enough for a grant that only the dead one carried to end.
        await WitnessedPair.NothingMovesAsync(pair, owner, WitnessedPair.Timeout, mayLose: 0);
        await WitnessedPair.UntilExplainedAsync(pair, owner, $"Keep: online on {owner}", $"{other} silent; nothing would start without them");
        await pair.Lab.PowerOnAsync(other);
        Assert.Equal(owner, await pair.ReadyAsync());
        var report = await pair.FinishAsync(probe, owner);
        TestContext.Current.SendDiagnosticMessage("crash of the standby: {0} of {1} probes lost, longest gap {2:F1} ms", report.LostCount, report.Sent, report.Gaps[0].Milliseconds);
        Assert.Equal([], report.Lost);
        Assert.Single(pair.Oracle.Runs);
    });
}
