using ClusterActors.Arbiters.Fence;
using ClusterActors.Model;

namespace ClusterActors.Arbiters.Tests.Fence;

/// <summary>With an agent that others wrote: fence_dummy of the Debian package fence-agents.</summary>
public sealed class FenceDummyTests : IDisposable
{
    private readonly FenceGiven _given = new();

    public void Dispose() => _given.Dispose();

    [Fact]
    public async Task Dummy_must_be_switched_off_and_be_seen_so()
    {
        Assert.SkipWhen(AgentCall.Find("fence_dummy") is null, "fence_dummy is not installed; Debian package fence-agents");
        var never = TestContext.Current.CancellationToken;
        var device = new FenceDevice("fence_dummy", new Dictionary<string, string> { ["status_file"] = Path.Combine(_given.Folder, "dummy") }, FenceGiven.Nobody);
        await using var power = _given.Arbiter(device);
        var check = await power.CheckAsync(FenceGiven.Server2, never);
        Assert.True(check.Succeeded, check.Sentence);
        var answer = await power.ExcludeAsync(FenceGiven.Server2, never);
        Assert.True(answer.Succeeded, answer.Sentence);
        Assert.Contains("status says off", answer.Sentence, StringComparison.Ordinal);
    }
}
