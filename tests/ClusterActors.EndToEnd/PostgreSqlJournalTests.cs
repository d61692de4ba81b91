using ClusterActors.EndToEnd.Pairs;
using ClusterActors.TestKit.PostgreSql;

namespace ClusterActors.EndToEnd;

/// <summary>Both servers keep their journals in one real PostgreSQL server, each in a schema of its own.</summary>
public sealed class PostgreSqlJournalTests
{
    private const string Sockets = "/run/clp-lab/shared/pg";

    public PostgreSqlJournalTests()
    {
        Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");
        Assert.SkipWhen(ScratchPostgreSql.MissingReason is not null, ScratchPostgreSql.MissingReason ?? "");
    }

    [Fact]
    public Task Pair_must_live_with_its_journals_in_a_database_and_outlive_the_database() => RunningPair.TellAsync(async pair =>
    {
        var sockets = Directory.CreateDirectory(Path.Combine(pair.Lab.Directory, "shared", "pg")).FullName;
        File.SetUnixFileMode(sockets, (UnixFileMode)0x1FF);
        using var database = ScratchPostgreSql.Start(sockets);
        await pair.ReadyAsync();
        await MoveJournalsAsync(pair);
        var first = await pair.ReadyAsync();
        var second = RunningPair.Other(first);

        // A new daemon finds what the last one wrote, and adopts what runs.
        await using var probe = await pair.StartProbeAsync(first);
        await pair.Lab.KillAsync(first, "daemon");
        await pair.ReadyAsync();

        // Without the database what runs goes on, orders are refused, and it is used again when it is back.
        database.Crash();
        Assert.Contains("not stored within 5 s", await pair.ExpectAsync(9, first, "clpgrp", "-t", "web", "-w", "5"), StringComparison.Ordinal);
        await pair.UntilEventAsync(first, "ca", 83);
        Assert.Contains("the journal of this server takes no writes", await pair.ExpectAsync(0, first, "clpstat"), StringComparison.Ordinal);
        database.Restart();
        await pair.UntilStatusAsync(first, "no warning", status => status.Warnings.Count == 0);
        Assert.Equal(first, await pair.ReadyAsync());

        await pair.Lab.PowerOffAsync(first);
        await RunningPair.AnsweredByAsync(probe, second);
        await pair.Lab.PowerOnAsync(first);
        Assert.Equal(second, await pair.ReadyAsync());
        await pair.ExpectAsync(0, second, "clpgrp", "-m", "web", "-a", first);
        await RunningPair.AnsweredByAsync(probe, first);
        await pair.UntilRunsOnAsync(first);
        await pair.FinishAsync(probe, first, second, first);
    });

    /// <summary>As an administrator does it: both stopped, a file of each server's own names its schema, both started.</summary>
    private static async Task MoveJournalsAsync(RunningPair pair)
    {
        foreach (var server in pair.Servers)
        {
            await pair.Lab.StopServiceAsync(server);
            await pair.Lab.WriteFileAsync(server, "/etc/clp/journal.conf",
                $$"""cluster.journal { type = postgresql, connection = "Host={{Sockets}};Username=clp;Database=postgres", schema = {{server}} }""" + "\n");
            File.SetUnixFileMode(pair.Lab.PathOf(server, "/etc/clp/journal.conf"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await File.AppendAllTextAsync(pair.Lab.PathOf(server, "/etc/clp/cluster.conf"), "include required(file(\"journal.conf\"))\n");
        }

        foreach (var server in pair.Servers)
            await pair.Lab.StartServiceAsync(server);
    }
}
