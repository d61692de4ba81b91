using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Wire;
using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Node.Status;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

public sealed class StopClusterTests
{
    private static readonly ServerName Self = new("server1");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Stop_order_must_say_whether_the_whole_cluster_is_stopped(bool all)
    {
        using var kit = new TestKitBase(new VirtualDriver());
        var pm = kit.CreateTestProbe("pm");
        var nobody = ActorRefs.Nobody;
        var cluster = new ClusterSystem(kit.Sys, nobody, nobody, pm.Ref, nobody, nobody);
        var backend = new ControlBackend(Alone(), Self, cluster, new NoGuardian(), new Notices(), kit.Sys.Time);

        _ = backend.StopClusterAsync(new ClusterCommand(all, new CommandOptions(1, false, null)), new Caller("root", "local", true), CancellationToken.None);

        Assert.Equal(all, pm.ExpectMsg<StopServerOrder>().All);
    }

    internal static ClusterConfig Alone() => new(
        "test", "hash", PartitionPolicy.TakeOver,
        new HeartbeatConfig("default", TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(1390)),
        FenceChoice.None, new StartupConfig(TimeSpan.FromSeconds(60)), new DaemonConfig(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)),
        new PortsConfig(1, 2, 3), [new ServerConfig(Self, [], default)], [], []);

    private sealed class NoGuardian : IGuardianLink
    {
        public Welcome? Welcome => null;

        public void OnNote(Action<GuardianNote> handler)
        {
        }

        public void GiveSign()
        {
        }

        public Task<Reply> AskAsync(GuardianRequest request, TimeSpan timeout, Action<Reply>? inOrder = null, CancellationToken cancellationToken = default) =>
            Task.FromException<Reply>(new IOException("there is no guardian"));
    }
}
