using ClusterActors.Actors;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Process;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>An administrator says that server3 is off. Server1 does not hear it, but server2 does.</summary>
public sealed class HeardByAnotherTests : IDisposable
{
    private static readonly ClusterConfig Hold = ThreeServers.Config(PartitionPolicy.Hold);
    private readonly TestKitBase _kit = new(new VirtualDriver(), "clpd1");
    private readonly CoordinatorBench _bench = new(Hold);
    private readonly MembershipState _silent = ThreeServers.Meeting(Hold, Configs.Server1).Loses(ThreeServers.Server3);

    public void Dispose()
    {
        _bench.Dispose();
        _kit.Dispose();
    }

    private MembershipState Heard => _silent.Hears(Configs.Server2, ThreeServers.Server3);

    /// <summary><c>clp fence confirm server3</c>.</summary>
    [Fact]
    public void Confirmation_must_be_refused_while_another_server_hears_the_server()
    {
        _bench.See(Heard);
        Assert.Equal(new ConfirmOffAnswer("c1", false, "server3 is not off: another server hears it, only server1 does not"), _bench.Confirm(ThreeServers.Server3));
        Assert.Null(_bench.Server(ThreeServers.Server3).Proof);
        Assert.Empty(_bench.Raises());

        _bench.See(Heard.Hears(Configs.Server2, ThreeServers.Server3, hears: false));
        Assert.Empty(_bench.Raises());
        Assert.True(_bench.Confirm(ThreeServers.Server3).Accepted);
        Assert.Equal([ThreeServers.Server3], Assert.Single(_bench.Raises()).Confirmed);
    }

    /// <summary>The process manager's view may be a moment older than the coordinator's.</summary>
    [Fact]
    public void Going_on_alone_must_raise_no_term_over_a_server_that_another_one_hears()
    {
        _bench.See(Heard);
        _bench.Tell(new ConfirmDown([ThreeServers.Server3], "root", "unplugged"));
        Assert.Empty(_bench.Raises());
        _bench.See(_silent);
        Assert.Empty(_bench.Raises());

        _bench.Tell(new ConfirmDown([ThreeServers.Server3], "root", "unplugged"));
        Assert.Equal([ThreeServers.Server3], Assert.Single(_bench.Raises()).Confirmed);
    }

    /// <summary><c>clp cluster start --alone</c>.</summary>
    [Fact]
    public void Going_on_alone_must_be_refused_while_another_server_hears_the_silent_one()
    {
        var coordinator = _kit.CreateTestProbe("coordinator");
        var pm = RunningManager(coordinator);
        pm.Tell(Heard.View);
        Assert.Equal(new StartupWaitEnded(false, "no server is waited for, and none is silent to all"), EndWait(pm));
        _kit.Settle();
        Assert.False(coordinator.HasMessages);

        pm.Tell(_silent.View);
        Assert.Equal(new StartupWaitEnded(true, "server1 goes on without server3, confirmed to be off"), EndWait(pm));
        Assert.Equal([ThreeServers.Server3], coordinator.ExpectMsg<ConfirmDown>().Servers);
    }

    /// <summary>As above, in the start-up wait for a server that was never heard here.</summary>
    [Fact]
    public void Going_on_alone_in_the_start_up_wait_must_be_refused_while_another_server_hears_the_missing_one()
    {
        var coordinator = _kit.CreateTestProbe("coordinator");
        var pm = Manager(coordinator);
        var missing = ThreeServers.Meeting(Hold, Configs.Server1, ThreeServers.Server3);
        pm.Tell(missing.Hears(Configs.Server2, ThreeServers.Server3).View);
        Assert.Equal(new StartupWaitEnded(false, "server3: heard by another server, so not off; mend the link to it, or stop it there"), EndWait(pm));
        _kit.Settle();
        Assert.False(coordinator.HasMessages);

        pm.Tell(missing.View);
        Assert.True(EndWait(pm).Accepted);
        Assert.Equal([ThreeServers.Server3], coordinator.ExpectMsg<ConfirmDown>().Servers);
    }

    /// <summary>Its guardian is heard here, and its daemon has not reported yet.</summary>
    [Fact]
    public void Going_on_alone_must_raise_no_term_over_a_server_that_is_heard_here()
    {
        _bench.See(ThreeServers.Meeting(Hold, Configs.Server1, ThreeServers.Server3).OnPeer(ThreeServers.Beats(ThreeServers.Server3, PeerState.Up)));
        _bench.Tell(new ConfirmDown([ThreeServers.Server3], "root", "unplugged"));
        Assert.Empty(_bench.Raises());
    }

    private IActorRef RunningManager(TestProbe coordinator)
    {
        var pm = Manager(coordinator);
        pm.Tell(ThreeServers.Meeting(Hold, Configs.Server1).View);
        return pm;
    }

    private IActorRef Manager(TestProbe coordinator)
    {
        var ids = new EventIds(Configs.Server1, DateTimeOffset.UnixEpoch);
        var pm = _kit.ActorOf(ProcessManager.Props(new(Hold, Configs.Server1, new QuietGuardian(), _kit.CreateTestProbe("evt").Ref, ids, _kit.Clock, _ => { })), "pm");
        pm.Tell(new ProcessNeighbours(_kit.CreateTestProbe("nm").Ref, _kit.CreateTestProbe("rc").Ref, coordinator.Ref));
        return pm;
    }

    private StartupWaitEnded EndWait(IActorRef pm) => _kit.Await(pm.Ask<StartupWaitEnded>(new EndStartupWait("root", "unplugged"), TimeSpan.FromSeconds(1)));
}
