using ClusterActors.EndToEnd.Pairs;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Partition;

/// <summary>A pair without a voter that decides by switching the power: <c>power-switch</c> beside this file is its fence agent.</summary>
public sealed class FenceTests
{
    private const string SwitchOnHosts = "/run/clp-lab/shared/power";

    public FenceTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    [Fact]
    public Task Failing_fence_must_cancel_the_takeover_until_it_works_again_and_a_cut_must_end_with_one_side_off() => RunningPair.TellAsync(async pair =>
    {
        var files = Path.Combine(pair.Lab.Directory, "shared", "power");
        Directory.CreateDirectory(files);
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await using var probe = await pair.StartProbeAsync(owner);

        // What an administrator tries beforehand: the fence can be asked, and nobody can be declared off who is heard.
        Assert.Contains("power", await pair.ExpectAsync(0, owner, "clp", "fence", "test", other), StringComparison.Ordinal);
        Assert.Contains($"{other} is not off: {owner} hears it", await pair.ExpectAsync(2, owner, "clp", "fence", "confirm", other, "--reason", "a mistake"), StringComparison.Ordinal);

        // The switch does not answer when it is needed: no takeover, and every screen says why.
        await File.WriteAllTextAsync(Path.Combine(files, "broken"), "");
        await pair.Lab.PowerOffAsync(owner);
        await pair.UntilEventAsync(other, "ca", 73);
        await pair.UntilEventAsync(other, "rc", 433);
        await WitnessedPair.UntilExplainedAsync(pair, other, "the switch does not answer");
        Assert.Contains("the switch does not answer", await pair.ExpectAsync(0, other, "clpstat", "-n"), StringComparison.Ordinal);
        Assert.Single(pair.Oracle.Runs);
        Assert.Empty(await pair.Lab.PidsAsync(other, RunningPair.Program));

        // It works again: fenced again without a person, and only then taken over.
        File.Delete(Path.Combine(files, "broken"));
        await SwitchedOffAsync(pair, files, owner, isOffAlready: true);
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        Assert.Contains(pair.Events(other), entry => entry is { Module: "ca", Id: 72 });
        await SwitchOnAsync(pair, files, owner);
        Assert.Equal(other, await pair.ReadyAsync());

        // A cut while both live: the side with the group switches the other off, and goes on.
        var before = pair.Events(other).Count;
        await pair.Lab.CutAsync("server1", "server2");
        await SwitchedOffAsync(pair, files, owner, isOffAlready: false);
        await pair.UntilEventAsync(other, "ca", 72, skip: before);
        await WitnessedPair.NothingMovesAsync(pair, other, WitnessedPair.Timeout);
        await pair.Lab.HealAsync();
        await SwitchOnAsync(pair, files, owner);
        Assert.Equal(other, await pair.ReadyAsync());
        Assert.DoesNotContain($"off {other}", await File.ReadAllLinesAsync(Path.Combine(files, "calls")));

        await ConfirmedByHandAsync(pair, files, other, owner);
        await RunningPair.AnsweredByAsync(probe, owner);
        await pair.FinishAsync(probe, owner, other, owner);
    }, new PairOptions
    {
        Settings =
        [
            "cluster { on-partition = ask-arbiters, fence-delay = 3s }",
            $"arbiters.power {{ type = fence, agent = \"{Path.Combine(Repository.Root, "tests/ClusterActors.EndToEnd/Partition/power-switch")}\", options {{ state_dir = {SwitchOnHosts} }}, "
                + "check-interval = 10s, timeout = 15s, retries = 0 }",
        ],
    });

    /// <summary>The switch is out of order for good: a person who has looked says that the server is off.</summary>
    private static async Task ConfirmedByHandAsync(RunningPair pair, string files, string owner, string other)
    {
        await File.WriteAllTextAsync(Path.Combine(files, "broken"), "");
        Assert.Contains("the switch does not answer", await pair.ExpectAsync(4, other, "clp", "fence", "test", owner), StringComparison.Ordinal);
        await pair.Lab.PowerOffAsync(owner);
        await WitnessedPair.UntilExplainedAsync(pair, other, WitnessedPair.NotExcluded(owner), $"fencing {owner} failed", $"clp fence confirm {owner}");
        await pair.ExpectAsync(0, other, "clp", "fence", "confirm", owner, "--reason", "its cable is out");
        await pair.UntilRunsOnAsync(other);
        await WitnessedPair.UntilExplainedAsync(pair, other, $"Keep: online on {other}", $"takeover from {owner}", "its cable is out");
    }

    /// <summary>Waits until the agent was told to switch a server off, and does it.</summary>
    private static async Task SwitchedOffAsync(RunningPair pair, string files, string server, bool isOffAlready)
    {
        await pair.Lab.UntilAsync($"{server} is to be switched off", () => Task.FromResult(File.Exists(Path.Combine(files, server + ".wanted"))), RunningPair.Limit);
        if (!isOffAlready)
            await pair.Lab.PowerOffAsync(server);
        File.Delete(Path.Combine(files, server + ".wanted"));
        await File.WriteAllTextAsync(Path.Combine(files, server + ".off"), "");
    }

    private static async Task SwitchOnAsync(RunningPair pair, string files, string server)
    {
        File.Delete(Path.Combine(files, server + ".off"));
        await pair.Lab.PowerOnAsync(server);
    }
}
