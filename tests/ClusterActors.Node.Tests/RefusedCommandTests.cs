using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Process;
using ClusterActors.Cluster.Wire;
using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Node.Status;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

/// <summary>An administrator says that server2 is off, and an actor refuses to believe it: the control API tells so with its sentence.</summary>
public sealed class RefusedCommandTests : IDisposable
{
    private static readonly CommandOptions Options = new(10, false, "unplugged");
    private static readonly Caller Root = new("root", "local", true);
    private readonly TestKitBase _kit = new(new VirtualDriver());
    private readonly TestProbe _pm;
    private readonly TestProbe _coordinator;
    private readonly ControlBackend _backend;

    public RefusedCommandTests()
    {
        (_pm, _coordinator) = (_kit.CreateTestProbe("pm"), _kit.CreateTestProbe("coordinator"));
        var config = Pair();
        var cluster = new ClusterSystem(_kit.Sys, ActorRefs.Nobody, ActorRefs.Nobody, _pm.Ref, ActorRefs.Nobody, _coordinator.Ref);
        _backend = new ControlBackend(config, config.Servers[0].Name, cluster, new ScriptedLink(), new Notices(), _kit.Sys.Time);
    }

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void Start_alone_that_is_refused_must_be_told_with_the_reason()
    {
        const string Why = "no server is waited for, and none is silent to all";
        var asked = _backend.CancelStartupWaitAsync(Options, Root, CancellationToken.None);
        Assert.Equal(new EndStartupWait("root", "unplugged"), _pm.ExpectMsg<EndStartupWait>());
        _pm.Reply(new StartupWaitEnded(false, Why));
        var reply = _kit.Await(asked);
        Assert.Equal((ExitCode.Refused, Why), (reply.Code, reply.Message));
    }

    [Fact]
    public void Confirmation_that_is_refused_must_be_told_with_the_reason()
    {
        const string Why = "server2 is not off: another server hears it, only server1 does not";
        var asked = _backend.ConfirmOffAsync("server2", Options, Root, CancellationToken.None);
        _coordinator.ExpectMsg<GetPlan>();
        _coordinator.Reply(new PlanShown(null, null, null, new Dictionary<GroupName, string>()));
        var confirm = _coordinator.ExpectMsg<ConfirmOff>();
        Assert.Equal(("server2", "root", "unplugged"), (confirm.Server.Value, confirm.Caller, confirm.Reason));
        _coordinator.Reply(new ConfirmOffAnswer(confirm.CommandId, false, Why));
        var reply = _kit.Await(asked);
        Assert.Equal((ExitCode.Refused, Why), (reply.Code, reply.Message));
    }

    private static ClusterConfig Pair() => new(
        "test", "hash", PartitionPolicy.Hold,
        new HeartbeatConfig("default", TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(1390)),
        FenceChoice.None, new StartupConfig(TimeSpan.FromSeconds(60)), new DaemonConfig(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)),
        new PortsConfig(1, 2, 3), [new ServerConfig(new("server1"), [], default), new ServerConfig(new("server2"), [], default)], [], []);
}
