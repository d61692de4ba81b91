using ClusterActors.Model;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>Automatic failback to a server that comes and goes.</summary>
public sealed class HoldDownTests
{
    /// <param name="preferred">0: the server that comes and goes coordinates when it is up; 1: the other one does.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Group_must_follow_a_server_that_comes_and_goes_only_when_it_has_stayed(int preferred)
    {
        int other = 1 - preferred;
        IReadOnlyList<ServerName> order = preferred == 0 ? [Configs.Server1, Configs.Server2] : [Configs.Server2, Configs.Server1];
        using World world = new(Configs.Pair(PartitionPolicy.TakeOver, Configs.WebGroup() with
        {
            Servers = order,
            Failback = FailbackMode.Auto,
            FailbackHoldDown = TimeSpan.FromSeconds(300),
        }));
        world.Boot(0, 1);
        world.Settled(preferred, "web", 20);
        for (int time = 0; time < 4; time++)
        {
            world.PowerOff(preferred);
            world.Settled(other, "web", 20);
            world.Boot(preferred);
            world.Run(250);
            Assert.True(world.RunsOn(other, "web"), world.Describe());
        }

        string because = world[0].Plan().Plan!.For(new("web"))!.Because.Sentence;
        Assert.Contains($"failback to {order[0]} is held down until it has been up for 300 s without a break", because, StringComparison.Ordinal);
        world.Settled(preferred, "web", 60);
        Assert.Equal(1, world[0].EventCount("goes back to its preferred server"));
    }
}
