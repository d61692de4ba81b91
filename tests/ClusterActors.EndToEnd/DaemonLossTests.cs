using System.Diagnostics;
using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd;

/// <summary>The node daemon of the active server is killed, hangs, or does not come back.</summary>
[Collection(AloneCollection.Name)]
public sealed class DaemonLossTests
{
    /// <summary>A probe of 2 ms that a loaded machine loses now and then; a stopped program would cost hundreds.</summary>
    private const int LostByLoad = 20;

    private const string JobFile = "/var/lib/job";

    public DaemonLossTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Fact]
    public Task Service_must_go_on_without_its_daemon_and_move_when_the_daemon_does_not_come_back() => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);
        await using (var probe = await pair.StartProbeAsync(first))
        {
            await DaemonMustComeBack(pair, first, "KILL");
            await DaemonMustComeBack(pair, first, "STOP");
            var report = await pair.FinishAsync(probe, first);
            TestContext.Current.SendDiagnosticMessage("daemon killed and hung: {0} of {1} probes lost, longest gap {2:F1} ms", report.LostCount, report.Sent, report.Gaps[0].Milliseconds);
            Assert.InRange(report.LostCount, 0, LostByLoad);
            Assert.Single(pair.Oracle.Runs);
        }

        await DaemonMustNotBeTriedForEver(pair, first, second);
    });

    /// <summary>Its end with exit code 0 is all that says so, and the daemon that waited for it is gone.</summary>
    [Fact]
    public Task Start_program_that_runs_when_the_daemon_is_killed_must_have_ended_well_before_its_group_counts_as_started() => RunningPair.TellAsync(async pair =>
    {
        const string Job = "job";
        var file = pair.Lab.PathOf("server1", JobFile);
        string[] Lines() => File.Exists(file) ? File.ReadAllLines(file) : [];
        await pair.Lab.UntilAsync("the start program runs", () => Task.FromResult(Lines() is ["begun"]));
        await pair.Lab.KillAsync("server1", "daemon", "KILL");
        await pair.UntilStatusAsync("server1", "the job is online", status => status.Groups.Single(group => group.Name == Job).State == "Online");
        Assert.Equal(["begun", "begun", "started"], Lines());

        await pair.Lab.KillAsync("server1", "daemon", "KILL");
        await pair.UntilStatusAsync("server1", "the job is online still", status => status.Groups.Single(group => group.Name == Job).State == "Online");
        Assert.Equal(3, Lines().Length);
    }, RunTwice.Never, $"groups.job {{ servers = [server1], resources.job {{ type = exec, start = [/bin/sh, -c, \"echo begun >> {JobFile}; sleep 4; echo started >> {JobFile}\"] }} }}");

    private static async Task DaemonMustComeBack(RunningPair pair, string server, string signal)
    {
        var old = Assert.Single(await pair.Lab.PidsAsync(server, "daemon"));
        var seen = pair.Events(server).Count;
        var start = Stopwatch.GetTimestamp();
        await pair.Lab.KillAsync(server, "daemon", signal);
        await pair.Lab.UntilAsync($"another daemon answers on {server} and has adopted the group", async () =>
            (await pair.Lab.PidsAsync(server, "daemon")) is [var pid] && pid != old && await pair.StatusAsync(server) is { } status && RunningPair.RunsOn(status, server), RunningPair.Limit);
        TestContext.Current.SendDiagnosticMessage("daemon after SIG{0}: adopted after {1:F0} ms", signal, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        Assert.DoesNotContain(pair.Events(server).Skip(seen), entry => entry is { Module: "rc", Id: 10 or 30 or 40 or 80 });
        Assert.Equal(server, await pair.ReadyAsync());
    }

    /// <summary>Five deaths within ten seconds: the guardian makes the server safe, and the peer does not wait for a timeout.</summary>
    private static async Task DaemonMustNotBeTriedForEver(RunningPair pair, string first, string second)
    {
        await using var probe = await pair.StartProbeAsync(first);
        var killed = new HashSet<int>();
        while (killed.Count < 5)
        {
            await pair.Lab.UntilAsync($"daemon number {killed.Count + 1} runs on {first}", async () => (await pair.Lab.PidsAsync(first, "daemon")).Except(killed).Any());
            var pid = (await pair.Lab.PidsAsync(first, "daemon")).Except(killed).Single();
            Processes.Kill(pid);
            killed.Add(pid);
        }

        await RunningPair.AnsweredByAsync(probe, second);
        await pair.UntilRunsOnAsync(second);
        var report = await pair.FinishAsync(probe, first, second);
        TestContext.Current.SendDiagnosticMessage("daemon killed five times: outage {0:F1} ms", report.Gaps[0].Milliseconds);
        Assert.InRange(report.Gaps[0].Milliseconds, 0, 1500);
        Assert.Empty(await pair.Lab.PidsAsync(first, RunningPair.Program));

        // After a pause the daemon is tried again, and the server takes part again without getting the group back.
        Assert.Equal(second, await pair.ReadyAsync());
    }
}
