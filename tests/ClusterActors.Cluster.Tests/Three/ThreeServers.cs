using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>Three servers in one term, as one of them sees them; each step is something that it is told.</summary>
internal static class ThreeServers
{
    public static readonly ServerName Server3 = new("server3");
    public static readonly Term Term = new(3, 0);
    private static readonly ServerName[] All = [Configs.Server1, Configs.Server2, Server3];

    public static readonly GuardianTable Table = new(Term, 0, GrantState.Held, GuardianFlags.None, [], [], [], [], []);

    /// <summary>The group prefers the servers in this order.</summary>
    public static ClusterConfig Config(PartitionPolicy policy = PartitionPolicy.TakeOver, params ServerName[] order) =>
        Configs.Pair(policy, Configs.Group("web", order.Length > 0 ? order : All, Configs.Resource("app"))) with
        {
            Servers = [.. All.Select(s => new ServerConfig(s, [], default))],
            Heartbeats = [new LanHeartbeatConfig(new("lan"), System.Net.IPNetwork.Parse("10.0.0.0/24"), 0, default)],
        };

    public static ClusterConfig Fenced() => Config(PartitionPolicy.AskArbiters) with
    {
        Arbiters = [Configs.Fence()],
        Partition = new PartitionConfig(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)),
    };

    public static Welcome Welcome(ServerName self) => new(LifeOf(self), Term, Index(self), GuardianFlags.None, GrantState.Held, true, TimeSpan.Zero, 0);

    public static PeerChanged Beats(ServerName server, PeerState state) =>
        new(Index(server), state, LifeOf(server), Term, GuardianFlags.None, DaemonState.Running, TimeSpan.Zero, 0, TimeSpan.Zero, false);

    /// <summary>It meets all, and follows the first life of server1, which decides.</summary>
    public static ServerReport Report(ClusterConfig config, ServerName server) =>
        new(server, LifeOf(server), Term, config.Hash, 1, true, false, "held", [.. config.Groups.Select(g => new GroupReport(GroupRecord.Initial(g.Name), false, []))], [])
        {
            Life = 1,
            Decides = server == Configs.Server1,
            Meets = config.Servers.Count > 2 ? All : null,
            Follows = new(Configs.Server1, 1, 1),
        };

    /// <summary>All meet each other but for those never heard.</summary>
    public static MembershipState Meeting(ClusterConfig config, ServerName self, params ServerName[] neverHeard)
    {
        var state = (MembershipState.Create(config, self) with { StartupWait = null }).OnWelcome(Welcome(self)).OnTable(Table).OnOwnReport(Report(config, self), 0);
        return All.Where(s => s != self).Except(neverHeard)
            .Aggregate(state, (known, other) => known.OnPeer(Beats(other, PeerState.Up)).OnLinkUp(other, config.Hash).OnReport(Report(config, other), 0));
    }

    /// <summary>The next report of the server, its own one included.</summary>
    public static MembershipState Tells(this MembershipState state, ServerName server, Func<ServerReport, ServerReport> change, long now = 0)
    {
        var last = state.View.Find(server).Report!;
        var next = change(last) with { Sequence = last.Sequence + 1 };
        return server == state.Self ? state.OnOwnReport(next, now) : state.OnReport(next, now);
    }

    /// <summary>Neither beats nor link any more.</summary>
    public static MembershipState Loses(this MembershipState state, ServerName server) => state.OnPeer(Beats(server, PeerState.Down)).OnLinkDown(server);

    /// <summary>In its reports and its beats a server tells whether it receives the other one.</summary>
    public static MembershipState Hears(this MembershipState state, ServerName hearer, ServerName heard, bool hears = true) => state
        .Tells(hearer, r => r with { Hears = [new("lan", heard, hears ? "Up" : "Down")] })
        .OnChannel(new(Index(hearer), Index(heard), 0, hears ? ChannelState.Up : ChannelState.Down, TimeSpan.Zero));

    /// <summary>This server is between two that miss each other.</summary>
    public static MembershipState Between(this MembershipState state, ServerName one, ServerName other) => state
        .Tells(one, r => r with { Meets = [.. All.Where(s => s != other)] })
        .Tells(other, r => r with { Meets = [.. All.Where(s => s != one)] });

    private static Incarnation LifeOf(ServerName server) => new(Index(server) + 1UL, 1);

    private static byte Index(ServerName server) => (byte)Array.IndexOf(All, server);
}
