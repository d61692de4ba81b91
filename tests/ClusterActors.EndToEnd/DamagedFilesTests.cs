using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd;

/// <summary>A server starts with files that are not what it left: its journal, or its configuration.</summary>
public sealed class DamagedFilesTests
{
    private const string Journal = "/var/lib/clp/journal.db";
    private const string Configuration = "/etc/clp/cluster.conf";

    public DamagedFilesTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Fact]
    public Task Server_must_take_its_peers_state_when_its_journal_is_old_damaged_or_gone() => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);

        // A copy that says that the group runs here; by the time it is put back the group runs on the other server.
        var file = pair.Lab.PathOf(first, Journal);
        await pair.Lab.StopServiceAsync(second);
        await pair.Lab.StopServiceAsync(first);
        File.Copy(file, file + ".copy");
        await StartBoth(pair);
        var owner = await pair.ReadyAsync();
        if (owner == first)
            await pair.ExpectAsync(0, first, "clpgrp", "-m", "web", "-a", second);
        await pair.UntilRunsOnAsync(second);
        var runs = pair.Oracle.Runs.Count;

        await Restarted(pair, first, () =>
        {
            Remove(file);
            File.Copy(file + ".copy", file);
        });
        await Restarted(pair, first, () =>
        {
            using var stream = File.OpenWrite(file);
            stream.SetLength(stream.Length / 2);
        });
        Assert.Contains(pair.Events(first), entry => entry is { Module: "ca", Id: 15 } && entry.Text.Contains("journal.db", StringComparison.Ordinal));
        await Restarted(pair, first, () => Remove(file));
        await Restarted(pair, first, () => Directory.Delete(Path.GetDirectoryName(file)!, recursive: true));

        Assert.Equal(runs, pair.Oracle.Runs.Count);
        Assert.Equal(second, await pair.ReadyAsync());
        // What was taken over is good for use.
        await pair.ExpectAsync(0, first, "clpgrp", "-m", "web", "-a", first);
        await pair.UntilRunsOnAsync(first);
    });

    [Fact]
    public Task Broken_configuration_must_be_named_whole_and_must_change_nothing() => RunningPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);
        var good = await File.ReadAllTextAsync(pair.Lab.PathOf(second, Configuration));
        var broken = good
            .Replace("10.77.1.50/24", "10.77.1.500/24", StringComparison.Ordinal)
            .Replace("servers = [server1, server2]", "servers = [server1, server7]", StringComparison.Ordinal)
            .Replace("priority = 1", "priority = one", StringComparison.Ordinal)
            + "cluster.heartbeat.intervall = 50ms\ncluster.heartbeat.timeout = 3 parsecs\n";
        await using var probe = await pair.StartProbeAsync(first);
        await pair.Lab.StopServiceAsync(second);
        await pair.Lab.WriteFileAsync(second, Configuration, broken);
        var seen = pair.Events(second).Count;

        var said = await pair.ExpectAsync(1, second, "clp", "config", "check");
        foreach (var word in new[] { "10.77.1.500", "server7", "one", "intervall", "parsecs" })
            Assert.Matches($@"cluster\.conf:\d+: [^\n]*{word}", said);

        // The last good one is in force meanwhile, and says so.
        var log = pair.Lab.PathOf(second, "/var/log/clp/clpd.log");
        await pair.Lab.StartServiceAsync(second);
        await pair.Lab.UntilAsync("the daemon names the problems", async () => (await File.ReadAllTextAsync(log)).Contains("server7", StringComparison.Ordinal));
        await pair.UntilEventAsync(second, "ca", 81, seen);
        Assert.Equal(first, await pair.ReadyAsync());
        Assert.Contains("WARNING : ", await pair.ExpectAsync(0, second, "clpstat"), StringComparison.Ordinal);

        // A daemon of the owner that is restarted on a broken file costs nothing.
        await pair.Lab.WriteFileAsync(first, Configuration, broken);
        seen = pair.Events(first).Count;
        await pair.Lab.KillAsync(first, "daemon", "KILL");
        await pair.UntilEventAsync(first, "ca", 81, seen);
        Assert.Equal(first, await pair.ReadyAsync());
        await pair.Lab.WriteFileAsync(first, Configuration, good);
        await pair.Lab.KillAsync(first, "daemon", "KILL");
        await pair.UntilStatusAsync(first, "no warning", status => status.Warnings.Count == 0 && RunningPair.RunsOn(status, first));

        await pair.Lab.StopServiceAsync(second);
        await pair.Lab.WriteFileAsync(second, Configuration, good);
        await pair.Lab.StartServiceAsync(second);
        Assert.Equal(first, await pair.ReadyAsync());
        await pair.FinishAsync(probe, first);
        Assert.Single(pair.Oracle.Runs);
    });

    private static async Task StartBoth(RunningPair pair)
    {
        await pair.Lab.StartServiceAsync("server1");
        await pair.Lab.StartServiceAsync("server2");
    }

    /// <summary>Stops a server that does not run the group, does something to its files, and starts it; the group must stay where it is.</summary>
    private static async Task Restarted(RunningPair pair, string server, Action change)
    {
        var owner = RunningPair.Other(server);
        await pair.Lab.StopServiceAsync(server);
        change();
        await pair.Lab.StartServiceAsync(server);
        Assert.Equal(owner, await pair.ReadyAsync());
    }

    private static void Remove(string journal)
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(journal)!, Path.GetFileName(journal) + "*").Where(name => !name.EndsWith(".copy", StringComparison.Ordinal)))
            File.Delete(file);
    }
}
