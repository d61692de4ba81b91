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
        await WitnessedPair.UntilExplainedAsync(pair, owner, $"Keep: online on {owner}", $"{other} silent; nothing would start without them");
        await WitnessedPair.UntilExplainedAsync(pair, other, WitnessedPair.NotExcluded(owner), "verdict: wait: 1 of 3 votes", "its vow to a server to be excluded still runs");
        await WitnessedPair.HealAsync(pair);
        Assert.Equal(owner, await pair.ReadyAsync());

        // The owner loses its power: the witness votes, and the other takes over.
        await pair.Lab.PowerOffAsync(owner);
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        await WitnessedPair.UntilTakeoverExplainedAsync(pair, owner, other);
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
        await WitnessedPair.IsolateAsync(pair, owner);
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        Assert.Empty(await pair.Lab.PidsAsync(owner, RunningPair.Program));
        await WitnessedPair.UntilExplainedAsync(pair, owner, "too few voters have answered in time");
        await WitnessedPair.UntilTakeoverExplainedAsync(pair, owner, other);

        // It stood down inside its grant: neither the kernel nor a person had to end its guardian.
        Assert.Equal(guardian, Assert.Single(await pair.Lab.PidsAsync(owner, "guardian")));
        await WitnessedPair.HealAsync(pair);
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
        await WitnessedPair.UntilExplainedAsync(pair, owner, $"Keep: online on {owner}");
        await pair.Lab.PowerOnAsync(other);
        Assert.Equal(owner, await pair.ReadyAsync(mayHold: true));
        await WitnessedPair.UntilHoldAsync(pair, other);

        // Witness down, then all channels: the owner goes on, the other starts nothing.
        await WitnessedPair.CutServersAsync(pair);
        await WitnessedPair.UntilOfflineAsync(pair, seenBy: other, owner);
        await WitnessedPair.UntilExplainedAsync(pair, other, WitnessedPair.NotExcluded(owner), "hold promise in force");
        await WitnessedPair.NothingMovesAsync(pair, owner, 2 * WitnessedPair.Timeout);
        await WitnessedPair.HealAsync(pair);
        Assert.Equal(owner, await pair.ReadyAsync(mayHold: true));

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
            await WitnessedPair.UntilExplainedAsync(pair, owner, "too few voters have answered in time", "its store is new or old");
            await WitnessedPair.UntilExplainedAsync(pair, first, WitnessedPair.NotExcluded(owner), "its store is new or old");
            Assert.Equal(runs, pair.Oracle.Runs.Count);
            await WitnessedPair.HealAsync(pair);
            owner = await pair.ReadyAsync();
            first = RunningPair.Other(owner);
        }
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
