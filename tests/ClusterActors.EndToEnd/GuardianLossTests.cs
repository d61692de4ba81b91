using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd;

/// <summary>
/// The active server's guardian dies, or everything on that server is frozen, while its links stay up: only the kernel can then keep the
/// address and the program from living beside their successors.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class GuardianLossTests
{
    public GuardianLossTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Theory]
    [InlineData("cgroup")]
    [InlineData("pid-namespace")]
    public Task Old_owner_must_be_silent_before_the_new_one_speaks_when_its_processes_are_killed_or_frozen(string contain) => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);
        await GuardianAndDaemonKilled(pair, first, second);
        await EverythingFrozen(pair, second, first);
    }, RunTwice.Never, $"groups.web.resources.program.contain = {contain}");

    private static async Task GuardianAndDaemonKilled(RunningPair pair, string owner, string other)
    {
        await using var probe = await pair.StartProbeAsync(owner);
        // Not started again by the init: the peer must not depend on the word of a next life.
        var enabled = Path.Combine(pair.Lab.Directory, "hosts", owner, "init", "service.enabled");
        File.Delete(enabled);
        int[] both = [.. await pair.Lab.PidsAsync(owner, "guardian"), .. await pair.Lab.PidsAsync(owner, "daemon")];
        Assert.Equal(2, both.Length);
        foreach (var pid in both)
            Processes.Kill(pid);
        await pair.Lab.OutputAsync(owner, "nft", "flush", "ruleset");

        await RunningPair.AnsweredByAsync(probe, other);
        Assert.Empty(await pair.Lab.PidsAsync(owner, RunningPair.Program));
        await pair.UntilRunsOnAsync(other);
        var report = await pair.FinishAsync(probe, owner, other);
        TestContext.Current.SendDiagnosticMessage("guardian and daemon killed: outage {0:F1} ms", report.Gaps[0].Milliseconds);
        Assert.InRange(report.Gaps[0].Milliseconds, 0, 4000);

        await pair.Lab.StartServiceAsync(owner);
        Assert.Equal(other, await pair.ReadyAsync());
        Assert.DoesNotContain(RunningPair.FloatingIp, await pair.Lab.OutputAsync(owner, "ip", "-4", "address"), StringComparison.Ordinal);
    }

    private static async Task EverythingFrozen(RunningPair pair, string owner, string other)
    {
        await using var probe = await pair.StartProbeAsync(owner);
        var frozen = await pair.Lab.FreezeAsync(owner);
        await pair.Lab.OutputAsync(owner, "nft", "flush", "ruleset");
        var taken = await RunningPair.AnsweredByAsync(probe, other);
        TestContext.Current.SendDiagnosticMessage("everything frozen: outage {0:F1} ms", (taken - frozen.At) / 1e6);
        Assert.InRange((taken - frozen.At) / 1e6, 1000, 4000);
        // The kernel has killed the guardian at the end of its grant, and its programs with it, although all of them are stopped.
        Assert.Empty(await pair.Lab.PidsAsync(owner, RunningPair.Program));
        await pair.UntilRunsOnAsync(other);

        await pair.Lab.ThawAsync(owner);
        Assert.Equal(other, await pair.ReadyAsync());
        await pair.FinishAsync(probe, owner, other);
        Assert.DoesNotContain(RunningPair.FloatingIp, await pair.Lab.OutputAsync(owner, "ip", "-4", "address"), StringComparison.Ordinal);
        Assert.Equal([other, owner, other], pair.Oracle.Runs.Select(run => run.Server));
    }
}
