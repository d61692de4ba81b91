using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd.Partition;

/// <summary>What a pair with a witness does when servers, networks and the witness fail, on real processes.</summary>
public sealed class WitnessTests
{
    public WitnessTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Fact]
    public Task Exactly_one_server_must_go_on_when_servers_fall_silent_to_each_other() => WitnessedPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await using var probe = await pair.StartProbeAsync(owner);

        // The standby crashes: the owner goes on by the witness's vow, and its clients notice nothing.
        await pair.Lab.PowerOffAsync(other);
        await WitnessedPair.UntilOfflineAsync(pair, seenBy: owner, other);
        await pair.UntilStatusAsync(owner, "its grant rests on the witness", status => status.Servers.Single(s => s.IsSelf).Grant.Contains(WitnessedPair.Arbiter, StringComparison.Ordinal));
        await WitnessedPair.NothingMovesAsync(pair, owner, WitnessedPair.Timeout);
        await pair.Lab.PowerOnAsync(other);
        Assert.Equal(owner, await pair.ReadyAsync());

        // All channels cut, both see the witness.
        await WitnessedPair.CutServersAsync(pair);
        await WitnessedPair.UntilOfflineAsync(pair, seenBy: other, owner);
        await WitnessedPair.NothingMovesAsync(pair, owner, 2 * WitnessedPair.Timeout);
        await WitnessedPair.UntilExplainedAsync(pair, other, "its vow to a server to be excluded still runs");
        await pair.Lab.HealAsync();
        Assert.Equal(owner, await pair.ReadyAsync());

        // The owner loses its power: the witness votes, and the other takes over.
        await pair.Lab.PowerOffAsync(owner);
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        await pair.Lab.PowerOnAsync(owner);
        Assert.Equal(other, await pair.ReadyAsync());
        await pair.FinishAsync(probe, owner, other);
    });

    [Fact]
    public Task Isolated_owner_must_have_stopped_before_the_other_starts_and_must_rejoin_by_itself() => WitnessedPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await using var probe = await pair.StartProbeAsync(owner);
        var guardian = Assert.Single(await pair.Lab.PidsAsync(owner, "guardian"));
        await pair.Lab.CutAsync(owner, "all");
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        Assert.Empty(await pair.Lab.PidsAsync(owner, RunningPair.Program));
        await WitnessedPair.UntilExplainedAsync(pair, owner, "too few voters have answered in time");

        // It stood down inside its grant: neither the kernel nor a person had to end its guardian.
        Assert.Equal(guardian, Assert.Single(await pair.Lab.PidsAsync(owner, "guardian")));
        await pair.Lab.HealAsync();
        Assert.Equal(other, await pair.ReadyAsync());
        await pair.FinishAsync(probe, owner, other);
        Assert.DoesNotContain(RunningPair.FloatingIp, await pair.Lab.OutputAsync(owner, "ip", "-4", "address"), StringComparison.Ordinal);
    });

    [Fact]
    public Task Losing_only_the_witness_must_stop_nothing_and_must_not_let_anybody_take_over() => WitnessedPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await using var probe = await pair.StartProbeAsync(owner);
        await pair.Lab.StopServiceAsync(WitnessedPair.Witness);
        await WitnessedPair.UntilHoldAsync(pair, owner);
        await WitnessedPair.UntilHoldAsync(pair, other);
        await WitnessedPair.NothingMovesAsync(pair, owner, WitnessedPair.Timeout);

        // Now the standby crashes: the owner goes on by its promise.
        await pair.Lab.PowerOffAsync(other);
        await WitnessedPair.NothingMovesAsync(pair, owner, 2 * WitnessedPair.Timeout);
        await pair.Lab.PowerOnAsync(other);
        Assert.Equal(owner, await pair.ReadyAsync());
        await WitnessedPair.UntilHoldAsync(pair, other);

        // Witness down, then all channels: the owner goes on, the other starts nothing.
        await WitnessedPair.CutServersAsync(pair);
        await WitnessedPair.UntilOfflineAsync(pair, seenBy: other, owner);
        await WitnessedPair.UntilExplainedAsync(pair, other, "hold promise in force");
        await WitnessedPair.NothingMovesAsync(pair, owner, 2 * WitnessedPair.Timeout);
        await pair.Lab.HealAsync();
        Assert.Equal(owner, await pair.ReadyAsync());

        // The witness is back: its vote counts again, so a power loss is taken over again.
        await pair.Lab.StartServiceAsync(WitnessedPair.Witness);
        await WitnessedPair.UntilVotesAsync(pair, owner);
        await WitnessedPair.UntilVotesAsync(pair, other);
        await pair.Lab.PowerOffAsync(owner);
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        await pair.FinishAsync(probe, owner, other);
    }, "cluster.arbiter-lost-after = 2s");

    [Fact]
    public Task Witness_that_forgot_must_not_make_a_second_owner() => WitnessedPair.TellAsync(async pair =>
    {
        var store = pair.Lab.PathOf(WitnessedPair.Witness, "/var/lib/clpwitness");
        var first = await pair.ReadyAsync();
        var owner = RunningPair.Other(first);
        var copy = store + ".old";
        Copy(store, copy);

        // A takeover that the copy does not know.
        await pair.Lab.PowerOffAsync(first);
        await pair.UntilRunsOnAsync(owner);
        await pair.Lab.PowerOnAsync(first);
        Assert.Equal(owner, await pair.ReadyAsync());

        foreach (var keepsOldCopy in new[] { true, false })
        {
            // Both must have noticed the cut: two servers that still see each other may bring a new store up to date.
            await WitnessedPair.CutServersAsync(pair);
            await WitnessedPair.UntilOfflineAsync(pair, seenBy: first, owner);
            await WitnessedPair.UntilOfflineAsync(pair, seenBy: owner, first);
            var runs = pair.Oracle.Runs.Count;
            await pair.Lab.StopServiceAsync(WitnessedPair.Witness);
            Directory.Delete(store, recursive: true);
            if (keepsOldCopy)
                Copy(copy, store);
            await pair.Lab.StartServiceAsync(WitnessedPair.Witness);

            // Nobody has a majority now: the owner must end, and nobody may start.
            await WitnessedPair.NobodyRunsAsync(pair, owner, 2 * WitnessedPair.Timeout);
            Assert.Equal(runs, pair.Oracle.Runs.Count);
            await pair.Lab.HealAsync();
            owner = await pair.ReadyAsync();
            first = RunningPair.Other(owner);
        }
    });

    [Fact]
    public Task One_way_loss_must_move_nothing_that_runs_twice_and_a_heal_at_the_vote_must_not_either() => WitnessedPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        foreach (var (from, to) in new[] { (owner, other), (other, owner) })
        {
            await pair.Lab.CutAsync(from, to, oneWay: true);
            await WitnessedPair.NothingMovesAsync(pair, owner, 2 * WitnessedPair.Timeout);
            await pair.Lab.HealAsync();
            Assert.Equal(owner, await pair.ReadyAsync());
        }

        // The owner is cut from everybody and hears them again at about the moment of the vote: whoever runs it, only one does.
        foreach (var milliseconds in new[] { 1900, 2000, 2100 })
        {
            owner = await pair.ReadyAsync();
            await pair.Lab.CutAsync(owner, "all");
            await pair.Lab.ExecAsync("client1", "sleep", $"{milliseconds / 1000.0:0.0}");
            await pair.Lab.HealAsync();
        }

        await pair.ReadyAsync();
    });

    [Fact]
    public Task Frozen_owner_must_neither_answer_nor_write_after_the_takeover() => WitnessedPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await using var probe = await pair.StartProbeAsync(owner);
        await pair.Lab.FreezeAsync(owner);
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        await pair.Lab.ThawAsync(owner);
        Assert.Equal(other, await pair.ReadyAsync());
        await pair.FinishAsync(probe, owner, other);
        Assert.Equal([owner, other], pair.Oracle.Runs.Select(run => run.Server));
    });

    [Fact]
    public Task Both_servers_must_restore_the_last_state_when_power_returns() => WitnessedPair.TellAsync(async pair =>
    {
        var first = await pair.ReadyAsync();
        var other = RunningPair.Other(first);
        await pair.ExpectAsync(0, first, "clpgrp", "-m", RunningPair.Group);
        Assert.Equal(other, await pair.ReadyAsync());
        await Task.WhenAll(pair.Lab.PowerOffAsync("server1"), pair.Lab.PowerOffAsync("server2"));
        var runs = pair.Oracle.Runs.Count;
        await Task.WhenAll(pair.Lab.PowerOnAsync("server1"), pair.Lab.PowerOnAsync("server2"));
        await pair.ReadyAsync();
        Assert.Equal(runs + 1, pair.Oracle.Runs.Count);
    });

    [Fact]
    public Task Stretched_timeouts_must_be_safe_although_one_side_has_them_first() => WitnessedPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await using var probe = await pair.StartProbeAsync(owner);

        // The other's daemon stands still, so its guardian keeps the short timeout while the owner's takes the long one.
        await pair.Lab.KillAsync(other, "daemon", "STOP");
        await pair.RunAsync(owner, "clptoratio", "-r", "3", "-t", "1h", "--reason", "the network is slow");
        await pair.UntilStatusAsync(owner, "the ratio is 3", status => status.Ratio == 3);
        await pair.Lab.CutAsync(owner, "all");
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        await pair.Lab.HealAsync();
        Assert.Equal(other, await pair.ReadyAsync());
        await pair.UntilStatusAsync(other, "the ratio is 3", status => status.Ratio == 3);
        await pair.FinishAsync(probe, owner, other);
    });

    /// <summary>The short form; ./dev soak link-flapping does it for two minutes.</summary>
    [Fact]
    public Task Flapping_links_must_move_nothing_while_the_witness_is_seen() => WitnessedPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        for (var second = 0; second < 10; second++)
        {
            await WitnessedPair.CutServersAsync(pair);
            await pair.Lab.ExecAsync("client1", "sleep", "0.5");
            await pair.Lab.HealAsync();
            await pair.Lab.ExecAsync("client1", "sleep", "0.5");
        }

        Assert.Equal(owner, await pair.ReadyAsync());
        Assert.Single(pair.Oracle.Runs);
    });

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
