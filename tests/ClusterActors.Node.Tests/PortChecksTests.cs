using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Node.Status;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

/// <summary>What <c>clp cluster check</c> says of the ports, each way by who dialled.</summary>
public sealed class PortChecksTests : IDisposable
{
    private static readonly ServerName Self = new("server1");
    private static readonly ServerName Peer = new("server2");
    private readonly VirtualDriver _driver = new();
    private readonly TestKitBase _kit;
    private readonly TestProbe _ports;

    public PortChecksTests()
    {
        _kit = new TestKitBase(_driver);
        _ports = _kit.CreateTestProbe("ports");
    }

    public void Dispose() => _kit.Dispose();

    [Fact]
    public async Task Each_port_must_have_a_line_and_a_peer_without_a_link_be_named()
    {
        var asked = AskAsync(linkUp: false);
        Assert.Equal(Peer, _ports.ExpectMsg<ProbePorts>().Target);
        _ports.Reply(new PortsProbed("x", [new(new("lan1"), "10.0.0.1", "10.0.0.2", 1, null), new(new("lan1"), "10.0.0.1", "10.0.0.2", 3, "connection refused"), new(new("lan1"), "10.0.0.1", "10.0.0.2", PortsConfig.DefaultStarter, null)], null));
        _driver.RunUntilIdle();

        Assert.Equal(
            [
                new("server1", "server2", "lan1, tcp 1 (node link)", true, "10.0.0.2 from 10.0.0.1: reached"),
                new("server1", "server2", "lan1, tcp 3 (manager)", false, "10.0.0.2 from 10.0.0.1: connection refused"),
                new("server1", "server2", "lan1, tcp 29006 (starter)", true, "10.0.0.2 from 10.0.0.1: reached"),
                new("server2", "server1", "tcp ports", false, "no node link, so server2 cannot be asked to dial; run clp cluster check there"),
            ],
            await asked);
    }

    [Fact]
    public async Task Server_that_does_not_answer_must_be_waited_for_5_s_and_named()
    {
        var asked = AskAsync(linkUp: true);
        _ports.ExpectMsg<ProbePorts>();
        _driver.Pass(TimeSpan.FromSeconds(4.9));
        Assert.False(asked.IsCompleted);
        _driver.Pass(TimeSpan.FromSeconds(0.1));

        var results = await asked;
        Assert.Equal([("server1", "server2", false), ("server2", "server1", false)], results.Select(r => (r.From, r.To, r.Succeeded)));
        Assert.StartsWith("server1 did not answer (", results[0].Sentence, StringComparison.Ordinal);
        Assert.StartsWith("server2 did not answer (", results[1].Sentence, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<CheckResult>> AskAsync(bool linkUp)
    {
        var nobody = ActorRefs.Nobody;
        var cluster = new ClusterSystem(_kit.Sys, nobody, nobody, nobody, nobody, nobody) { Ports = _ports.Ref };
        return new PortChecks(StopClusterTests.Alone(), Self, cluster).AskAsync(
            new MembershipView(Self, true, new Term(1, 0), GrantState.None, "", [Member(Self, 0, true, false), Member(Peer, 1, false, linkUp)], [], null, ClusterWishes.None),
            CancellationToken.None);
    }

    private static Member Member(ServerName server, int index, bool isSelf, bool linkUp) =>
        new(server, index, isSelf, ServerState.Up, default, new Term(1, 0), false, false, false, false, linkUp, null, null, 0, null, "");
}
