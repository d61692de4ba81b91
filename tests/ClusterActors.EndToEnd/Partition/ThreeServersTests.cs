using ClusterActors.EndToEnd.Pairs;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Partition;

/// <summary>Three servers decide by majority, on real processes.</summary>
[Collection(AloneCollection.Name)]
public sealed class ThreeServersTests
{
    public ThreeServersTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Fact]
    public Task Group_must_run_on_the_side_of_the_majority_and_nowhere_when_there_is_none() => RunningPair.TellAsync(async cluster =>
    {
        var owner = await cluster.ReadyAsync();
        var (second, third) = cluster.Servers.Where(server => server != owner).ToArray() is [var a, var b] ? (a, b) : default;

        // One link lost: the third server still carries both, and decides, as it meets all: it moves the group to itself when told so at an end, whose own view is not valid.
        await cluster.Lab.CutAsync(owner, second);
        await WitnessedPair.UntilOfflineAsync(cluster, seenBy: second, owner);
        await WitnessedPair.NothingMovesAsync(cluster, owner, 2 * WitnessedPair.Timeout);
        await WitnessedPair.UntilExplainedAsync(cluster, second, $"not known to be out: {owner}");
        foreach (var server in cluster.Servers)
            await cluster.UntilStatusAsync(server, $"{third} is the coordinator", status => status.Coordinator == third);
        await cluster.ExpectAsync(0, second, "clpgrp", "-m", RunningPair.Group, "-a", third);
        await cluster.UntilRunsOnAsync(third);
        await cluster.Lab.HealAsync();
        foreach (var server in cluster.Servers)
            await cluster.UntilStatusAsync(server, "server1 is the coordinator", status => status.Coordinator == "server1");
        (owner, third) = (third, owner);
        Assert.Equal(owner, await cluster.ReadyAsync());

        // The owner alone: it stands down, the two others go on without it.
        var guardian = Assert.Single(await cluster.Lab.PidsAsync(owner, "guardian"));
        await cluster.Lab.CutAsync(owner, "all");
        var taker = await RunsOnOneOfAsync(cluster, second, third);
        Assert.Empty(await cluster.Lab.PidsAsync(owner, RunningPair.Program));
        Assert.Equal(guardian, Assert.Single(await cluster.Lab.PidsAsync(owner, "guardian")));
        await cluster.Lab.HealAsync();
        Assert.Equal(taker, await cluster.ReadyAsync());

        // A ring of one-way losses: everybody hears somebody, and nobody is answered. Nobody may run.
        foreach (var (from, to) in new[] { ("server1", "server2"), ("server2", "server3"), ("server3", "server1") })
            await cluster.Lab.CutAsync(from, to, oneWay: true);
        await WitnessedPair.NobodyRunsAsync(cluster, taker, 2 * WitnessedPair.Timeout);
        foreach (var server in cluster.Servers)
            await WitnessedPair.UntilExplainedAsync(cluster, server, "too few voters have answered in time", "stand down: 1 of 3 votes are on this side, 2 are needed");
        await WitnessedPair.UntilExplainedAsync(cluster, taker, "Wait: the view is not valid");
        await cluster.Lab.HealAsync();
        owner = await cluster.ReadyAsync();

        // One of three is no majority; with the next one it is.
        var others = cluster.Servers.Where(server => server != owner).ToArray();
        await Task.WhenAll(others.Select(server => cluster.Lab.PowerOffAsync(server)));
        await WitnessedPair.NobodyRunsAsync(cluster, owner, WitnessedPair.Timeout);
        await cluster.Lab.PowerOnAsync(others[0]);
        await RunsOnOneOfAsync(cluster, owner, others[0]);
        await cluster.Lab.PowerOnAsync(others[1]);
        await cluster.ReadyAsync();
    }, new PairOptions { Servers = 3 });

    private static async Task<string> RunsOnOneOfAsync(RunningPair cluster, params string[] servers)
    {
        var owner = "";
        await cluster.Lab.UntilAsync($"the group is online on one of {string.Join(", ", servers)}", async () =>
        {
            foreach (var server in servers)
            {
                if (await cluster.StatusAsync(server) is { } status && RunningPair.RunsOn(status, server))
                    owner = server;
            }

            return owner.Length > 0;
        }, RunningPair.Limit);
        return owner;
    }
}
