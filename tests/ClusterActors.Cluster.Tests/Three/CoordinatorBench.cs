using ClusterActors.Actors;
using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>The coordinator of server1 of three, and probes for everybody it speaks to.</summary>
internal sealed class CoordinatorBench : IDisposable
{
    private readonly TestKitBase _kit = new(new VirtualDriver(), "clpd1");
    private readonly Dictionary<ServerName, TestProbe> _rc;

    public CoordinatorBench(ClusterConfig config)
    {
        (NodeManager, Arbitration) = (_kit.CreateTestProbe("nm"), _kit.CreateTestProbe("arbitration"));
        _rc = config.Servers.ToDictionary(s => s.Name, s => _kit.CreateTestProbe($"rc-{s.Name}"));
        var ids = new EventIds(Configs.Server1, DateTimeOffset.UnixEpoch);
        Coordinator = _kit.ActorOf(Coordination.Coordinator.Props(new(
            config, Configs.Server1, NodeManager.Ref, _rc[Configs.Server1].Ref, _kit.CreateTestProbe("evt").Ref, ids, server => _rc[server].Ref)), "coordinator");
        if (config.OnPartition == PartitionPolicy.AskArbiters)
            Coordinator.Tell(new ArbitrationThere(Arbitration.Ref));
    }

    public IActorRef Coordinator { get; }

    public TestProbe NodeManager { get; }

    public TestProbe Arbitration { get; }

    public long Now => _kit.Clock.GetTimestamp();

    public TestProbe Rc(ServerName server) => _rc[server];

    public void See(MembershipState state) => Tell(state.View);

    public void Tell(object message)
    {
        Coordinator.Tell(message);
        _kit.Settle();
    }

    public void Pass(double seconds) => _kit.Advance(TimeSpan.FromSeconds(seconds));

    public PlanShown Plan() => _kit.Await(Coordinator.Ask<PlanShown>(new GetPlan(), TimeSpan.FromSeconds(1)));

    public ServerView Server(ServerName server) => Plan().View!.Servers.Single(s => s.Name == server);

    public ConfirmOffAnswer Confirm(ServerName off) =>
        _kit.Await(Coordinator.Ask<ConfirmOffAnswer>(new ConfirmOff("c1", off, "root", "unplugged"), TimeSpan.FromSeconds(1)));

    /// <summary>What the arbitration was told last.</summary>
    public Outlook Outlook()
    {
        _kit.Settle();
        Outlook? newest = null;
        while (Arbitration.HasMessages)
            newest = Arbitration.ExpectMsg<object>() as Outlook ?? newest;
        return newest ?? throw new TestKitException("the arbitration was told nothing new");
    }

    /// <summary>What was asked of the node manager since the last look.</summary>
    public List<RaiseTermFor> Raises()
    {
        _kit.Settle();
        var raises = new List<RaiseTermFor>();
        while (NodeManager.HasMessages)
            raises.Add(NodeManager.ExpectMsg<RaiseTermFor>());
        return raises;
    }

    public void Dispose() => _kit.Dispose();
}
