using System.Diagnostics;
using ClusterActors.EndToEnd.Pairs;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Partition;

/// <summary>The wall clock is for people: nothing is decided by it. <c>clock-shift.c</c> beside this file moves it for one server's programs.</summary>
public sealed class ClockTests
{
    public ClockTests()
    {
        Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");
        Assert.SkipUnless(File.Exists("/usr/bin/cc"), "no C compiler here: the library that moves the clock of one server is made with cc (Debian: gcc, libc6-dev)");
    }

    [Fact]
    public Task Clock_of_one_server_must_be_free_to_jump() => WitnessedPair.TellAsync(async pair =>
    {
        await pair.ReadyAsync();
        var library = await LibraryAsync(pair.Lab);
        await Task.WhenAll(pair.Servers.Select(server => pair.Lab.StopServiceAsync(server)));
        foreach (var server in pair.Servers)
            await StartWithOwnClockAsync(pair.Lab, server, library);
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await using var probe = await pair.StartProbeAsync(owner);
        var before = pair.Servers.ToDictionary(server => server, server => pair.Events(server).Count);
        foreach (var (server, seconds) in new[] { (owner, 3600), (other, -3600), (owner, -3600), (other, 3600) })
        {
            await SetAsync(pair.Lab, server, seconds);
            await WitnessedPair.NothingMovesAsync(pair, owner, WitnessedPair.Timeout);
            Assert.Equal(owner, await pair.ReadyAsync());
        }

        foreach (var server in pair.Servers)
            await WitnessedPair.UntilExplainedAsync(pair, server, $"Keep: online on {owner}", "start-up is automatic");
        Assert.DoesNotContain(pair.Servers.SelectMany(server => pair.Events(server).Skip(before[server])), entry => entry is { Module: "nm", Id: 2 });

        // Two hours apart: a power loss is still taken over.
        await pair.Lab.PowerOffAsync(owner);
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        await WitnessedPair.UntilTakeoverExplainedAsync(pair, owner, other);
        await pair.FinishAsync(probe, owner, other);
    });

    private static async Task<string> LibraryAsync(LabCluster lab)
    {
        var library = Path.Combine(lab.Directory, "shared", "clock-shift.so");
        var source = Path.Combine(Repository.Root, "tests", "ClusterActors.EndToEnd", "Partition", "clock-shift.c");
        using var compiler = Process.Start("/usr/bin/cc", ["-shared", "-fPIC", "-O1", "-o", library, source]);
        using var late = new CancellationTokenSource(LabCluster.CommandLimit);
        await compiler.WaitForExitAsync(late.Token);
        Assert.Equal(0, compiler.ExitCode);
        return $"{LabCluster.SharedOnHosts}/clock-shift.so";
    }

    private static async Task StartWithOwnClockAsync(LabCluster lab, string server, string library)
    {
        await SetAsync(lab, server, 0);
        await lab.StartServiceAsync(server, "/usr/bin/env", $"LD_PRELOAD={library}", "CLOCK_SHIFT=/etc/clp/clock-shift", Repository.Program("clpmonp"));
        await lab.UntilAsync($"guardian and daemon of {server} have the clock", async () =>
        {
            var programs = (await lab.PidsAsync(server, "guardian")).Concat(await lab.PidsAsync(server, "daemon")).ToArray();
            return programs.Length == 2 && programs.All(program => File.ReadAllText($"/proc/{program}/maps").Contains("clock-shift", StringComparison.Ordinal));
        });
    }

    private static Task SetAsync(LabCluster lab, string server, int seconds) => lab.WriteFileAsync(server, "/etc/clp/clock-shift", $"{seconds}\n");
}
