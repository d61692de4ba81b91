using ClusterActors.EndToEnd.Pairs;
using ClusterActors.EndToEnd.Partition;

namespace ClusterActors.EndToEnd;

/// <summary>Heartbeats over a shared disk and a serial line keep a cut of all networks from looking like the end of a server.</summary>
public sealed class ChannelTests
{
    /// <summary>Three timeouts of the default profile.</summary>
    private static readonly TimeSpan ThreeTimeouts = TimeSpan.FromSeconds(6);

    public ChannelTests()
    {
        Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");
        Assert.SkipWhen(SharedDisk.MissingReason is not null, SharedDisk.MissingReason ?? "");
    }

    [Fact]
    public async Task Nothing_must_be_taken_over_while_the_disk_heartbeat_lives_although_all_networks_are_cut()
    {
        await using var disk = await SharedDisk.CreateAsync();
        await RunningPair.TellAsync(async pair =>
        {
            // Not initialised yet: said as a fault of the device, and the networks do their work meanwhile.
            await pair.UntilEventAsync("server1", "diskhb", 13);
            await pair.UntilStatusAsync("server1", "the disk is at fault", status => StateOf(status, "server1", "shared") == "Error");
            await pair.ExpectAsync(0, "server1", "clp", "heartbeat", "init", disk.First);
            Assert.Contains("already", await pair.ExpectAsync(2, "server2", "clp", "heartbeat", "init", disk.Second), StringComparison.Ordinal);
            var first = await pair.ReadyAsync();
            var second = RunningPair.Other(first);
            await pair.Lab.UntilAsync("every check passes, the peer's view included", async () =>
                await pair.RunAsync(first, "clp", "cluster", "check") is var check && check.ExitCode == 0 && check.Output.Contains($"slots on {(first == "server1" ? disk.First : disk.Second)}: Up", StringComparison.Ordinal) ? null : check.Output);
            await using var probe = await pair.StartProbeAsync(first);

            await pair.Lab.CutAsync("server1", "server2");
            await pair.UntilStatusAsync(second, "both networks are silent, the disk is not", status => Silent(status, first, "shared"));
            await NothingMovesAsync(pair, first);
            await UntilAliveExplainedAsync(pair, first, "shared");
            var matrix = await pair.ExpectAsync(0, second, "clpstat", "-n");
            Assert.Contains($"{first}    : x x o", matrix, StringComparison.Ordinal);
            Assert.Contains($"{second}    : o o o", matrix, StringComparison.Ordinal);

            await pair.Lab.HealAsync();
            Assert.Equal(first, await pair.ReadyAsync());
            Assert.DoesNotContain(pair.Events(first), entry => entry is { Module: "rc", Id: 92 });

            // Silent everywhere means down, as before: the slot of a dead server is no life.
            await pair.Lab.PowerOffAsync(first);
            await RunningPair.AnsweredByAsync(probe, second);
            await pair.UntilRunsOnAsync(second);
            await pair.FinishAsync(probe, first, second);
        }, RunTwice.Never, $"heartbeats.shared {{ type = disk, devices {{ server1 = {disk.First}, server2 = {disk.Second} }}, priority = 2 }}");
    }

    [Fact]
    public async Task Nothing_must_be_taken_over_while_the_serial_heartbeat_lives_although_all_networks_are_cut()
    {
        await using var cable = await SerialCable.CreateAsync();
        await RunningPair.TellAsync(async pair =>
        {
            var first = await pair.ReadyAsync();
            var second = RunningPair.Other(first);
            await using var probe = await pair.StartProbeAsync(first);
            await pair.Lab.CutAsync("server1", "server2");
            await pair.UntilStatusAsync(second, "both networks are silent, the line is not", status => Silent(status, first, "line"));
            await cable.OrderAsync("noise");
            await NothingMovesAsync(pair, first);
            await UntilAliveExplainedAsync(pair, first, "line");
            await pair.Lab.HealAsync();
            Assert.Equal(first, await pair.ReadyAsync());

            await cable.OrderAsync("cut");
            await pair.UntilStatusAsync(second, "only the line is silent", status => StateOf(status, first, "line") == "Error" && StateOf(status, first, "public") == "Normal");
            Assert.Contains(pair.Events(second), entry => entry is { Module: "comhb", Id: 71 });
            await NothingMovesAsync(pair, first);
            await cable.OrderAsync("heal");
            Assert.Equal(first, await pair.ReadyAsync());
            await pair.FinishAsync(probe, first);
        }, RunTwice.Never, $"heartbeats.line {{ type = com, devices {{ server1 = {cable.First}, server2 = {cable.Second} }}, priority = 2 }}");
    }

    private static async Task UntilAliveExplainedAsync(RunningPair pair, string owner, string alive)
    {
        await WitnessedPair.UntilExplainedAsync(pair, owner, $"Keep: online on {owner}");
        await WitnessedPair.UntilExplainedAsync(
            pair, RunningPair.Other(owner), $"Wait: {owner} had it last", $"{owner} is silent on private, public and heard on {alive}: it lives, so nothing is taken over from it",
            $"server {owner} is suspected: beats on p");
    }

    /// <summary>For three timeouts the group stays where it is, by the word of both servers and of its programs.</summary>
    private static async Task NothingMovesAsync(RunningPair pair, string owner)
    {
        var end = DateTime.UtcNow + ThreeTimeouts;
        while (DateTime.UtcNow < end)
        {
            Assert.True(RunningPair.RunsOn((await pair.StatusAsync(owner))!, owner));
            Assert.Empty(await pair.Lab.PidsAsync(RunningPair.Other(owner), RunningPair.Program));
            await Task.Delay(200);
        }
    }

    private static bool Silent(Control.ClusterStatus status, string peer, string alive) =>
        StateOf(status, peer, "public") == "Error" && StateOf(status, peer, "private") == "Error" && StateOf(status, peer, alive) == "Normal";

    private static string StateOf(Control.ClusterStatus status, string server, string heartbeat) =>
        status.Servers.Single(entry => entry.Name == server).Heartbeats.Single(entry => entry.Name == heartbeat).State;
}
