using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Membership;
using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Planning;
using ClusterActors.Node.Status;

namespace ClusterActors.Node.Tests;

public sealed class GroupExplainerTests
{
    private static readonly ServerName Server1 = new("server1");
    private static readonly ServerName Server2 = new("server2");
    private static readonly GroupName Web = new("web");

    [Fact]
    public void Explanation_must_tell_the_events_that_led_to_the_plan()
    {
        var facts = FactsOf("b-1-2", Event("b-1-2", "server server1 is down", cause: "b-1-1"), Event("b-1-1", "beats of server1 are late", cause: null));
        Assert.Equal(
            [
                "follows from nm 2 of server2 at 12:00: server server1 is down (b-1-2)",
                "follows from nm 2 of server2 at 12:00: beats of server1 are late (b-1-1)",
            ],
            facts);
    }

    [Fact]
    public void Explanation_must_say_where_to_look_for_an_event_of_another_server() => Assert.Equal(
        ["follows from event a-1-7, which this server's journal does not have: clp events on the server that its id begins with"],
        FactsOf("a-1-7", Event("b-1-2", "server server1 is down", cause: null)));

    [Fact]
    public void Explanation_must_not_speak_of_a_cause_when_none_is_known() => Assert.Empty(FactsOf(null));

    [Fact]
    public void Explanation_must_say_which_heartbeats_hear_a_server_that_others_miss()
    {
        OwnChannel Channel(int heartbeat, ChannelState state) => new(heartbeat, Server2, state, TimeSpan.Zero);
        Assert.Equal(
            ["server2 is silent on lan and heard on disk: it lives, so nothing is taken over from it"],
            FactsOf(ServerState.Suspected, Channel(0, ChannelState.Down), Channel(1, ChannelState.Late)));
        Assert.Empty(FactsOf(ServerState.Up, Channel(0, ChannelState.Up), Channel(1, ChannelState.Up)));
        Assert.Empty(FactsOf(ServerState.Down, Channel(0, ChannelState.Down), Channel(1, ChannelState.Down)));
    }

    private static IEnumerable<string> FactsOf(ServerState state, params IReadOnlyList<OwnChannel> channels)
    {
        var member = new Member(Server2, 1, false, state, default, default, false, false, false, false, true, null, null, 0, null, "");
        var view = new MembershipView(Server1, true, default, GrantState.Held, "", [member], channels, null, ClusterWishes.None);
        return GroupExplainer.Explain(Config(), Web, new PlanShown(null, null, view, new Dictionary<GroupName, string>()), null, []).Facts.Where(f => f.Contains("heard on", StringComparison.Ordinal));
    }

    private static IEnumerable<string> FactsOf(string? cause, params IReadOnlyList<EventDto> events)
    {
        var plan = new Plan(Server1, new Term(1, 0), [new Keep(Web, new Because("online on server1", [], cause))], [], []);
        var shown = new PlanShown(plan, null, null, new Dictionary<GroupName, string>());
        return GroupExplainer.Explain(Config(), Web, shown, null, events).Facts.Where(f => f.Contains("follows from", StringComparison.Ordinal));
    }

    private static ClusterConfig Config() => new(
        "test", "hash", PartitionPolicy.TakeOver,
        new HeartbeatConfig("default", TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(1390)),
        FenceChoice.None, new StartupConfig(TimeSpan.FromSeconds(60)), new DaemonConfig(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)),
        new PortsConfig(1, 2, 3), [new ServerConfig(Server1, [], default)],
        [new LanHeartbeatConfig(new HeartbeatName("lan"), default, 0, default), new DiskHeartbeatConfig(new HeartbeatName("disk"), new Dictionary<ServerName, string>(), default, 1, default)],
        [new GroupConfig(Web, [Server1], StartUp.Auto, FailoverMode.Auto, FailbackMode.Manual, Exclusion.None, [], TimeSpan.FromMinutes(30), 1, [], default)]);

    private static EventDto Event(string id, string text, string? cause) =>
        new(1, "12:00", "server2", "nm", 2, "error", text, "1.0", cause, id, new Dictionary<string, string>());
}
