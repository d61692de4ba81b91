using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;
using ClusterActors.Node.Composition;

namespace ClusterActors.Node.Tests;

public sealed class StopOrderTests
{
    private static readonly ServerName Self = new("server1");

    [Fact]
    public void Order_must_be_the_reverse_of_the_starts() => Assert.Equal(
        ["mail.queue", "web.app", "web.ip", "web.db"],
        StopOrder.Of(Config()).Steps.Select(step => $"{step.Group}.{step.Resource}"));

    [Fact]
    public void Plan_must_fit_a_request_however_many_resources_there_are()
    {
        var many = Enumerable.Range(0, 3000).Select(i => Resource($"resource-with-the-longest-{i:00000}", 0)).ToArray();
        var plan = StopOrder.Of(Config() with { Groups = [Group("group-with-the-longest-of-name", many)] });
        Assert.Equal("resource-with-the-longest-02999", plan.Steps[0].Resource);
        Assert.InRange(GuardianCodec.Encode(plan, 1).Length, 1, GuardianCodec.MaxFrameSize);
    }

    [Fact]
    public async Task Refusal_must_be_told()
    {
        var told = new List<string>();
        await StopOrder.HandOverAsync(new ScriptedLink { Answer = new Reply(GuardianResult.Refused, "no", []) }, Config(), told.Add);
        Assert.Equal(["the guardian did not take the stop plan: no"], told);
    }

    private static ClusterConfig Config() => StopClusterTests.Alone() with
    {
        Groups = [Group("web", Resource("db", 0), Resource("ip", 1), Resource("app", 1)), Group("mail", Resource("queue", 0))],
    };

    private static GroupConfig Group(string name, params ResourceConfig[] resources) => new(
        new GroupName(name), [Self], StartUp.Auto, FailoverMode.Auto, FailbackMode.Manual, Exclusion.None, [], TimeSpan.FromMinutes(30), 3, resources, default);

    private static ResourceConfig Resource(string name, int depth) => new(
        new ResourceName(name), "exec", depth, [], 1, 1, FinalAction.StopGroup, 1, FinalAction.StopDaemonAndShutDown, ResourceParameters.Empty, default);
}
