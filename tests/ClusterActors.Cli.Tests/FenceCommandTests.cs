using System.Text.Json;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;

namespace ClusterActors.Cli.Tests;

public sealed class FenceCommandTests
{
    private static readonly ClusterStatus Asking = Samples.Healthy with
    {
        OnPartition = "ask-arbiters",
        Arbiters =
        [
            new("third-box", "witness", "vote", "guardian", "the guardian asks it"),
            new("power", "fence", "fence", "ok", "server2: fence_ipmilan status: on"),
        ],
        Verdict = "survive: every server takes part, or is provably out",
    };

    [Fact]
    public async Task Test_must_ask_only_for_the_state_unless_really_is_written()
    {
        using var root = new TestRoot();
        await using var api = new StubApi(root.SocketPath, _ => [Reply(new(ExitCode.Done, "Command succeeded.", null, [new("Fence server2 by power", true, "fence_ipmilan status: on")], []))]);
        Assert.Equal(0, (await root.RunAsync("fence", "test", "server2", "-w", "5")).Code);
        var asked = Assert.Single(api.Requests);
        Assert.Equal(("POST", "/api/v1/fence/server2/test"), (asked.Method, asked.Path));
        Assert.Equal(new FenceTestCommand(false, new CommandOptions(5, false, null)), JsonSerializer.Deserialize(asked.Body, ControlJson.Default.FenceTestCommand));
    }

    [Theory]
    [InlineData("fence test server2 --really", "--reason TEXT is missing")]
    [InlineData("fence confirm server2", "--reason TEXT is missing")]
    [InlineData("fence test", "SERVER")]
    public async Task Dangerous_word_must_have_a_reason(string line, string complaint)
    {
        using var root = new TestRoot();
        var run = await root.RunAsync(line.Split(' '));
        Assert.NotEqual(0, run.Code);
        Assert.Contains(complaint, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Confirm_must_carry_the_reason_and_the_refusal()
    {
        using var root = new TestRoot();
        await using var api = new StubApi(root.SocketPath, _ => [Reply(new(ExitCode.Refused, "server2 is not off: server1 hears it (running)", null, [], []))]);
        var run = await root.RunAsync("fence", "confirm", "server2", "--reason", "plug pulled");
        Assert.Equal((int)ExitCode.Refused, run.Code);
        Assert.Contains("server2 is not off", run.Error, StringComparison.Ordinal);
        Assert.Equal("plug pulled", JsonSerializer.Deserialize(Assert.Single(api.Requests).Body, ControlJson.Default.CommandOptions)!.Reason);
    }

    [Theory]
    [InlineData("fence status")]
    [InlineData("stat -n")]
    public async Task Arbiters_and_verdict_must_be_shown(string line)
    {
        using var root = new TestRoot();
        await using var api = new StubApi(root.SocketPath, _ => [StubApi.Json(JsonSerializer.Serialize(Asking, ControlJson.Default.ClusterStatus))]);
        var run = await root.RunAsync(line.Split(' '));
        Assert.Equal(0, run.Code);
        Assert.Contains("  ARB power (fence, fence) : ok, server2: fence_ipmilan status: on\n  VERDICT : survive: every server takes part, or is provably out\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_must_end_with_partial_when_a_check_has_failed()
    {
        using var root = new TestRoot();
        var failed = Asking with { Arbiters = [new("power", "fence", "fence", "failed", "server2: device does not answer")] };
        await using var api = new StubApi(root.SocketPath, _ => [StubApi.Json(JsonSerializer.Serialize(failed, ControlJson.Default.ClusterStatus))]);
        Assert.Equal((int)ExitCode.Partial, (await root.RunAsync("fence", "status")).Code);
    }

    private static string Reply(CommandReply reply) => StubApi.Json(JsonSerializer.Serialize(reply, ControlJson.Default.CommandReply));
}
