using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd.Partition;

/// <summary>
/// What a pair with a witness that is well does when its servers and networks fail by half, for a while or all at once. Apart from
/// <see cref="WitnessTests"/>, since the tests of one class do not run beside each other.
/// </summary>
public sealed class WitnessedFaultTests
{
    public WitnessedFaultTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Fact]
    public Task One_way_loss_must_move_nothing_and_a_heal_at_the_vote_must_leave_one_owner() => WitnessedPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await OneWayAsync(pair, owner, other, owner);
        await WitnessedPair.UntilExplainedAsync(pair, other, WitnessedPair.NotExcluded(owner), "its vow to a server to be excluded still runs");
        await WitnessedPair.HealAsync(pair);
        Assert.Equal(owner, await pair.ReadyAsync());
        await OneWayAsync(pair, other, owner, owner);
        await WitnessedPair.UntilExplainedAsync(pair, owner, $"Keep: online on {owner}", $"{other} silent; nothing would start without them");
        await WitnessedPair.UntilExplainedAsync(pair, other, $"{owner} is silent on ", "and heard on private, public: it lives, so nothing is taken over from it");
        await WitnessedPair.HealAsync(pair);
        Assert.Equal(owner, await pair.ReadyAsync());

        // Healed as soon as the deaf side has begun to ask, or to say why it does not: the vote is refused or given up, and nothing moves.
        await HealAtTheVoteAsync(pair, asks: other, () => WitnessedPair.CutOneWayAsync(pair, owner, other));
        Assert.Equal(owner, await pair.ReadyAsync());
        await HealAtTheVoteAsync(pair, asks: owner, () => WitnessedPair.CutOneWayAsync(pair, other, owner));
        Assert.Equal(owner, await pair.ReadyAsync());
        Assert.Single(pair.Oracle.Runs);

        // Here the vote is given, since nobody hears the owner: whoever runs it afterwards, only one does.
        await HealAtTheVoteAsync(pair, asks: other, () => WitnessedPair.IsolateAsync(pair, owner));
        owner = await pair.ReadyAsync();
        await HealAtTheVoteAsync(pair, asks: RunningPair.Other(owner), () => WitnessedPair.IsolateAsync(pair, owner, oneWay: true));
        owner = await pair.ReadyAsync();
        foreach (var server in pair.Servers)
            await WitnessedPair.UntilExplainedAsync(pair, server, $"Keep: online on {owner}");
    });

    private static async Task OneWayAsync(RunningPair pair, string from, string to, string owner)
    {
        await WitnessedPair.CutOneWayAsync(pair, from, to);
        await WitnessedPair.UntilOfflineAsync(pair, seenBy: to, from);
        await WitnessedPair.NothingMovesAsync(pair, owner, 2 * WitnessedPair.Timeout);
    }

    /// <summary>Cuts, and heals as soon as a server's journal says what it does about the silence: asks for the vote, or does not.</summary>
    private static async Task HealAtTheVoteAsync(RunningPair pair, string asks, Func<Task> cut)
    {
        const int PartitionAction = 31;
        var before = pair.Events(asks).Count;
        await cut();
        await pair.Lab.UntilAsync($"{asks} says what it does about the silence", () => Task.FromResult(pair.Events(asks).Skip(before).Any(entry =>
            entry is { Module: "nm", Id: PartitionAction } && !entry.Text.Contains("every server takes part", StringComparison.Ordinal))));
        await WitnessedPair.HealAsync(pair);
    }

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
        await WitnessedPair.UntilTakeoverExplainedAsync(pair, owner, other);
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
        await pair.ExpectAsync(0, other, "clpgrp", "-t", StoppedGroup);
        await Task.WhenAll(pair.Lab.PowerOffAsync("server1"), pair.Lab.PowerOffAsync("server2"));
        var runs = pair.Oracle.Runs.Count;
        await Task.WhenAll(pair.Lab.PowerOnAsync("server1"), pair.Lab.PowerOnAsync("server2"));

        // What an administrator wanted is what comes back: one group where it was moved to, the other not at all.
        Assert.Equal(other, await pair.ReadyAsync());
        Assert.Equal(runs + 1, pair.Oracle.Runs.Count);
        await WitnessedPair.UntilExplainedAsync(pair, first, $"Keep: online on {other}", $"last server {other}, wish Started: an administrator wants it on {other}");
        Assert.Contains("Keep: an administrator wants it stopped", await pair.ExpectAsync(0, first, "clp", "explain", "group", StoppedGroup), StringComparison.Ordinal);
        foreach (var server in pair.Servers)
            Assert.Empty(await pair.Lab.PidsAsync(server, "exe:sleep"));
    }, $"groups.{StoppedGroup} {{ servers = [server1, server2], resources.job {{ type = exec, mode = async, start = [/usr/bin/sleep, 1000] }} }}");

    private const string StoppedGroup = "night";

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
        await WitnessedPair.IsolateAsync(pair, owner);
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        await WitnessedPair.HealAsync(pair);
        Assert.Equal(other, await pair.ReadyAsync());
        await pair.UntilStatusAsync(other, "the ratio is 3", status => status.Ratio == 3);
        await WitnessedPair.UntilTakeoverExplainedAsync(pair, owner, other);
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
            await WitnessedPair.HealAsync(pair);
            await pair.Lab.ExecAsync("client1", "sleep", "0.5");
        }

        Assert.Equal(owner, await pair.ReadyAsync());
        foreach (var server in pair.Servers)
            await WitnessedPair.UntilExplainedAsync(pair, server, $"Keep: online on {owner}", "start-up is automatic");
        Assert.Single(pair.Oracle.Runs);
    });
}
