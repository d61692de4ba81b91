using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd;

/// <summary>What an administrator does with the commands of the manuals on a pair where nothing fails.</summary>
[Collection(AloneCollection.Name)]
public sealed class AdministrationTests
{
    /// <summary>The first of those that are up; its journal has the orders and what led to them.</summary>
    private const string Coordinator = "server1";

    public AdministrationTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Fact]
    public Task Group_must_move_start_and_stop_by_command_and_screens_must_show_it() => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);
        await ScreensMustShow(pair, first);
        await MoveThereAndBack(pair, first, second);
        await StopAndStart(pair, first);
        await StandbyAndMaintenance(pair, first, second);
        await RefusalsMustHaveTheirExitCodes(pair, first);
        await CheckMustFindTheBlockedPort(pair, first, second);
    });

    /// <summary>Stop of the cluster on the active server is a takeover without a wait; on all servers it ends everything.</summary>
    [Fact]
    public Task Stopping_a_server_must_hand_over_at_once_and_stopping_all_must_end_everything_until_all_are_started() => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);
        await using (var probe = await pair.StartProbeAsync(first))
        {
            // The init of a real server does the same: SIGTERM to the guardian.
            await pair.Lab.StopServiceAsync(first);
            await RunningPair.AnsweredByAsync(probe, second);
            await pair.UntilRunsOnAsync(second);
            var outage = (await pair.FinishAsync(probe, first, second)).Gaps[0].Milliseconds;
            TestContext.Current.SendDiagnosticMessage("SIGTERM of the guardian: outage {0:F1} ms", outage);
            Assert.InRange(outage, 0, 1500);
        }

        // Address and program are stopped in order, the program before the address it depends on.
        var stops = pair.Events(first).Where(entry => entry is { Module: "rc", Id: 41 or 21 }).Select(entry => entry.Text).ToList();
        Assert.Collection(stops,
            text => Assert.Contains("web.program", text, StringComparison.Ordinal),
            text => Assert.Contains("web.address", text, StringComparison.Ordinal),
            text => Assert.Contains("group web", text, StringComparison.Ordinal));
        Assert.Empty(await pair.Lab.PidsAsync(first, "daemon"));
        Assert.Empty(await pair.Lab.PidsAsync(first, RunningPair.Program));
        Assert.Matches($@"{first} \.+: Offline", await pair.ExpectAsync(0, second, "clpstat"));

        await pair.Lab.StartServiceAsync(first);
        Assert.Equal(second, await pair.ReadyAsync());

        await pair.ExpectAsync(0, first, "clpcl", "-t", "-a");
        foreach (var server in new[] { "server1", "server2" })
        {
            await pair.Lab.UntilAsync($"nothing of the cluster runs on {server}", async () =>
                (await pair.Lab.PidsAsync(server, "guardian")).Length == 0 && (await pair.Lab.PidsAsync(server, "daemon")).Length == 0, RunningPair.Limit);
            Assert.Empty(await pair.Lab.PidsAsync(server, RunningPair.Program));
            Assert.DoesNotContain(RunningPair.FloatingIp, await pair.Lab.OutputAsync(server, "ip", "-4", "address"), StringComparison.Ordinal);
        }

        Assert.Equal(2, pair.Oracle.Runs.Count);
        await StartOfAllMustBringThePairBack(pair, first, second);
    });

    /// <summary>Nothing of the cluster runs: the order reaches the other server through its starter, with one network down as well.</summary>
    private static async Task StartOfAllMustBringThePairBack(RunningPair pair, string first, string second)
    {
        await pair.Lab.CutAsync(first, second, network: 2);
        Assert.Equal($"Start {first} : Command succeeded.\nStart {second} : Command succeeded.\n", await pair.ExpectAsync(0, first, "clpcl", "-s", "-a", "--reason", "test"));
        await pair.Lab.HealAsync();
        await pair.ReadyAsync();
        Assert.Contains("Command succeeded: it ran already.", await pair.ExpectAsync(0, second, "clpcl", "-s", "--host", first), StringComparison.Ordinal);

        await pair.ExpectAsync(0, second, "clpcl", "-t");
        await pair.Lab.PowerOffAsync(second);
        Assert.Matches($@"Start {first} : Command succeeded: it ran already\.\n(.*\n)*Start {second} : Failed: no starter answers", await pair.ExpectAsync(4, first, "clpcl", "-s", "-a"));
    }

    private static async Task ScreensMustShow(RunningPair pair, string owner)
    {
        var other = RunningPair.Other(owner);
        var state = await pair.ExpectAsync(0, other, "clpstat", "-s");
        Assert.Matches(@"Cluster : pair\n", state);
        Assert.Matches($@"\*{other} \.+: Online", state);
        Assert.Matches($@"  {owner} \.+: Online", state);
        Assert.Matches(@"private +: Normal +LANHB Heartbeat 10\.77\.2\.0/24", state);
        Assert.Matches($@"web \.+: Online\n +current +: {owner}\n", state);
        Assert.Matches(@"address +: Online +fip", state);
        Assert.Matches(@"program +: Online +exec", state);

        var map = await pair.ExpectAsync(0, other, "clpstat", "-g");
        Assert.Matches($@"server{owner[^1] - '1'} \[o\] +: web\[o\]", map);
        Assert.Matches($@"server{other[^1] - '1'} \[o\] +: -", map);

        var matrix = await pair.ExpectAsync(0, other, "clpstat", "-n");
        const string Rows = @"\n +HB +0 1\n +server1 +: o o\n +server2 +: o o\n";
        Assert.Matches($@"\[on {other} : Online\]{Rows}", matrix);
        Assert.Matches($@"\[on {owner} : Online, as of [^\n]*\]{Rows}", matrix);
    }

    private static async Task MoveThereAndBack(RunningPair pair, string first, string second)
    {
        await using var probe = await pair.StartProbeAsync(first);
        Assert.Contains("Move web : Command succeeded.", await pair.ExpectAsync(0, first, "clpgrp", "-m", "web"), StringComparison.Ordinal);
        await RunningPair.AnsweredByAsync(probe, second);
        Assert.Equal(second + "\n", await pair.ExpectAsync(0, first, "clpgrp", "-n", "web"));
        // Ordered on the server that is not the coordinator, with the target named.
        await pair.ExpectAsync(0, second, "clpgrp", "-m", "web", "-a", first);
        await RunningPair.AnsweredByAsync(probe, first);
        await pair.UntilRunsOnAsync(first);
        var report = await pair.FinishAsync(probe, first, second, first);
        TestContext.Current.SendDiagnosticMessage("planned moves: outages {0:F1} and {1:F1} ms", report.Gaps[0].Milliseconds, report.Gaps[1].Milliseconds);
        Assert.InRange(report.Gaps[0].Milliseconds, 0, 1500);
    }

    private static async Task StopAndStart(RunningPair pair, string owner)
    {
        var other = RunningPair.Other(owner);
        await using var probe = await pair.StartProbeAsync(owner);
        Assert.Contains("Stop web : Command succeeded.", await pair.ExpectAsync(0, other, "clpgrp", "-t", "web"), StringComparison.Ordinal);
        Assert.Empty(await pair.Lab.PidsAsync(owner, RunningPair.Program));
        Assert.DoesNotContain(RunningPair.FloatingIp, await pair.Lab.OutputAsync(owner, "ip", "-4", "address"), StringComparison.Ordinal);
        Assert.Matches(@"nowhere +: web\[x\]", await pair.ExpectAsync(0, owner, "clpstat", "-g"));
        Assert.Contains("start it first", await pair.ExpectAsync(2, other, "clpgrp", "-m", "web"), StringComparison.Ordinal);

        Assert.Contains("Start web : Command succeeded.", await pair.ExpectAsync(0, owner, "clpgrp", "-s", "web", "-h", owner), StringComparison.Ordinal);
        await pair.UntilRunsOnAsync(owner);
        await pair.ExpectAsync(0, other, "clpgrp", "-s", "web");
        await pair.FinishAsync(probe, owner);
    }

    /// <summary>One port of one network in one direction: only its line fails, and the link, which is up, does not notice.</summary>
    private static async Task CheckMustFindTheBlockedPort(RunningPair pair, string server, string peer)
    {
        await pair.Lab.OutputAsync(peer, "nft", "add table inet blocked; add chain inet blocked in { type filter hook input priority 0; }; "
            + "add rule inet blocked in ip daddr 10.77.2.0/24 tcp dport 29003 reject with tcp reset");
        var check = await pair.ExpectAsync(4, server, "clp", "cluster", "check");
        Assert.Matches($@"FAILED  {server} -> {peer}  private, tcp 29003 \(manager\): [\d.]+ from [\d.]+: connection refused\n", check);
        Assert.Matches($@"ok      {peer} -> {server}  private, tcp 29003 \(manager\): ", check);
        Assert.Matches($@"ok      {server} -> {peer}  private, tcp 29001 \(node link\): ", check);
        Assert.Contains("1 of ", check, StringComparison.Ordinal);
        await pair.Lab.OutputAsync(peer, "nft", "delete table inet blocked");
        Assert.Contains("all ", await pair.ExpectAsync(0, server, "clp", "cluster", "check"), StringComparison.Ordinal);
    }

    /// <summary>Standby sends the groups away and lets none in; maintenance leaves them where they are; resume ends both.</summary>
    private static async Task StandbyAndMaintenance(RunningPair pair, string owner, string other)
    {
        await pair.ExpectAsync(0, other, "clp", "server", "standby", owner, "--reason", "new memory");
        await pair.UntilRunsOnAsync(other);
        Assert.Contains($"standby of server {owner} (new memory)", await pair.ExpectAsync(0, Coordinator, "clp", "explain", "group", "web"), StringComparison.Ordinal);
        Assert.Contains("on standby (new memory)", await pair.ExpectAsync(4, other, "clpgrp", "-m", "web", "-a", owner), StringComparison.Ordinal);
        await pair.ExpectAsync(0, owner, "clp", "server", "resume", owner);
        await pair.ExpectAsync(0, owner, "clpgrp", "-m", "web", "-a", owner);
        await pair.UntilRunsOnAsync(owner);

        var runs = pair.Oracle.Runs.Count;
        await pair.ExpectAsync(0, other, "clp", "server", "maintenance", owner, "--reason", "disk test");
        await pair.UntilStatusAsync(other, $"{owner} is under maintenance", status => status.Servers.Single(server => server.Name == owner).Mode == "Maintenance");
        Assert.Contains("disk test", await pair.ExpectAsync(0, owner, "clpstat"), StringComparison.Ordinal);
        await pair.ExpectAsync(0, other, "clp", "server", "resume", owner);
        await pair.UntilStatusAsync(owner, $"{owner} is back to normal", status => status.Servers.Single(server => server.Name == owner).Mode is null);
        Assert.Equal(owner, await pair.ReadyAsync());
        Assert.Equal(runs, pair.Oracle.Runs.Count);
    }

    private static async Task RefusalsMustHaveTheirExitCodes(RunningPair pair, string server)
    {
        Assert.Contains("no group nosuch", await pair.ExpectAsync(3, server, "clpgrp", "-s", "nosuch"), StringComparison.Ordinal);
        Assert.Contains("no server server9", await pair.ExpectAsync(3, server, "clpgrp", "-m", "web", "-a", "server9"), StringComparison.Ordinal);
        Assert.Contains("--bogus is not known", await pair.ExpectAsync(1, server, "clpgrp", "--bogus"), StringComparison.Ordinal);
        var runs = pair.Oracle.Runs.Count;
        Assert.Contains("web", await pair.ExpectAsync(0, server, "clpgrp", "-m", "web", "--dry-run"), StringComparison.Ordinal);
        Assert.Contains("all ", await pair.ExpectAsync(0, server, "clp", "cluster", "check"), StringComparison.Ordinal);
        Assert.Equal(runs, pair.Oracle.Runs.Count);
    }
}
