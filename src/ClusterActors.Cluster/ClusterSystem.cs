using ClusterActors.Actors;
using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Events;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Ports;
using ClusterActors.Cluster.Process;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;
using ClusterActors.Persistence;

namespace ClusterActors.Cluster;

/// <summary>Everything the actors of one server need from outside.</summary>
public sealed record ClusterParts(
    ClusterConfig Config,
    ServerName Self,
    IGuardianLink Guardian,
    EventStore Store,
    Func<ResourceConfig, IResource> CreateResource,
    IReadOnlyList<IEventSink> EventSinks,
    Action<bool> PowerOff)
{
    /// <summary>In configured order, without the witness; empty unless the policy is ask-arbiters.</summary>
    public IReadOnlyList<IArbiter> Arbiters { get; init; } = [];

    /// <summary>The guardian's clock (CLOCK_BOOTTIME); needed with a vote store only.</summary>
    public Func<TimeSpan> BootTime { get; init; } = static () => TimeSpan.Zero;

    /// <summary>Hands the factor of the timeouts that is in force to the guardian's settings.</summary>
    public Action<int> Stretch { get; init; } = static _ => { };

    /// <summary>Time between two signs of life for the guardian.</summary>
    public TimeSpan SignInterval { get; init; } = GuardianSettings.UsualSignInterval;

    /// <summary>Tries the ports of other servers for <c>clp cluster check</c>.</summary>
    public IPortDialer Dialer { get; init; } = NoPortDialer.Instance;
}

/// <summary>The actors of one server under <c>/user</c>: evt, nm, pm, rc and coordinator, introduced to each other.</summary>
public sealed record ClusterSystem(ActorSystem System, IActorRef Events, IActorRef NodeManager, IActorRef ProcessManager, IActorRef ResourceControl, IActorRef Coordinator)
{
    public const string ArbitrationName = "arbitration";
    private const long NanosecondsPerTick = 100;

    /// <summary>A vow that the guardian has not taken by then is worth nothing any more.</summary>
    private static readonly TimeSpan VowLimit = TimeSpan.FromSeconds(2);

    /// <summary>Runs the arbiters; nobody unless the policy is ask-arbiters.</summary>
    public IActorRef Arbitration { get; init; } = ActorRefs.Nobody;

    /// <summary>Dials the ports of other servers when asked.</summary>
    public IActorRef Ports { get; init; } = ActorRefs.Nobody;

    public const string SystemName = "cluster";
    public const string NodeManagerName = "nm";
    public const string ProcessManagerName = "pm";
    public const string ResourceControlName = "rc";
    public const string CoordinatorName = "coordinator";
    public const string PortsName = "ports";

    public static ClusterSystem Start(ActorSystem system, ClusterParts parts)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(parts);
        var (config, self) = (parts.Config, parts.Self);
        var ids = new EventIds(self, system.Time.GetUtcNow());
        var events = system.ActorOf(EventJournal.Props(self, ids, system.Time, parts.EventSinks), "evt");
        var nm = system.ActorOf(Membership.NodeManager.Props(new NodeManagerSettings(
            config, self, parts.Guardian, events, ids, server => Remote(system, server, NodeManagerName), system.Time)
        {
            SignInterval = parts.SignInterval,
        }), NodeManagerName);
        var pm = system.ActorOf(Process.ProcessManager.Props(new ProcessManagerSettings(config, self, parts.Guardian, events, ids, system.Time, parts.PowerOff)), ProcessManagerName);
        var rc = system.ActorOf(Groups.ResourceControl.Props(new ResourceControlSettings(config, self, ids, parts.Store, parts.CreateResource), nm, pm, events), ResourceControlName);
        var wishes = system.ActorOf(WishKeeper.Props(new WishKeeperSettings(parts.Store, nm, events, system.Time, parts.Stretch)), "wishes");
        var coordinator = system.ActorOf(Coordination.Coordinator.Props(new CoordinatorSettings(
            config, self, nm, rc, events, ids, server => server == self ? rc : Remote(system, server, ResourceControlName))
        {
            OwnWishes = wishes,
        }), CoordinatorName);
        pm.Tell(new ProcessNeighbours(nm, rc, coordinator));
        nm.Tell(new ViewReaders([rc, pm, coordinator], rc) { Wishes = wishes });
        return new(system, events, nm, pm, rc, coordinator)
        {
            Arbitration = StartArbitration(system, parts, events, ids, coordinator),
            Ports = system.ActorOf(PortProber.Props(config, self, parts.Dialer), PortsName),
        };
    }

    private static IActorRef StartArbitration(ActorSystem system, ClusterParts parts, IActorRef events, EventIds ids, IActorRef coordinator)
    {
        if (parts.Config.OnPartition != PartitionPolicy.AskArbiters)
            return ActorRefs.Nobody;
        var arbitration = system.ActorOf(Arbitrator.Props(new ArbitrationSettings(
            parts.Config, parts.Self, parts.Arbiters, coordinator, events, ids, system.Time, parts.BootTime,
            (term, sent, vow) => parts.Guardian.AskAsync(new ArbiterVow(term, sent.Ticks * NanosecondsPerTick, vow), VowLimit))), ArbitrationName);
        coordinator.Tell(new ArbitrationThere(arbitration));
        return arbitration;
    }

    /// <summary>One of the well-known actors of another server.</summary>
    public static ActorSelection Remote(ActorSystem system, ServerName server, string name)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.ActorSelection($"clp://{SystemName}@{server}/user/{name}");
    }
}
