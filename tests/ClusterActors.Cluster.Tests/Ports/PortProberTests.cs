using System.Net;
using ClusterActors.Actors;
using ClusterActors.Cluster.Ports;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Ports;

/// <summary>What is dialled on order of <c>clp cluster check</c>, and that it is bounded.</summary>
public sealed class PortProberTests : IDisposable
{
    private static readonly ClusterConfig Config = Configs.Pair() with
    {
        Ports = new PortsConfig(29001, 29002, 29003),
        Servers =
        [
            new(Configs.Server1, [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.1.0.1")], default),
            new(Configs.Server2, [IPAddress.Parse("10.0.0.2"), IPAddress.Parse("10.1.0.2"), IPAddress.Parse("10.9.0.2")], default),
        ],
        Heartbeats =
        [
            new LanHeartbeatConfig(new("lan1"), IPNetwork.Parse("10.0.0.0/24"), 0, default),
            new LanHeartbeatConfig(new("lan2"), IPNetwork.Parse("10.1.0.0/24"), 1, default),
            new LanHeartbeatConfig(new("lan3"), IPNetwork.Parse("10.9.0.0/24"), 2, default),
        ],
    };

    private readonly TestKitBase _kit = new(new VirtualDriver());
    private readonly Dialer _dialer = new();

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void Plan_must_hold_every_port_on_each_network_that_both_are_on() =>
        Assert.Equal(
            [
                "lan1 10.0.0.1 10.0.0.2:29001", "lan1 10.0.0.1 10.0.0.2:29003", "lan1 10.0.0.1 10.0.0.2:29006",
                "lan2 10.1.0.1 10.1.0.2:29001", "lan2 10.1.0.1 10.1.0.2:29003", "lan2 10.1.0.1 10.1.0.2:29006",
            ],
            PortPlan.Of(Config, Configs.Server1, Configs.Server2).Select(t => $"{t.Network} {t.From} {t.To}"));

    [Fact]
    public void Answer_must_come_when_all_was_dialled_and_name_each_problem()
    {
        _kit.Probe.Send(Start(), new ProbePorts("p1", Configs.Server2));
        _kit.ExpectNoMsg();
        _dialer.End("10.0.0.2:29001", null);
        _dialer.End("10.0.0.2:29003", "connection refused");
        _dialer.End("10.0.0.2:29006", null);
        _dialer.End("10.1.0.2:29001", null);
        _dialer.End("10.1.0.2:29003", null);
        _kit.ExpectNoMsg();
        _dialer.End("10.1.0.2:29006", null);

        var answer = _kit.ExpectMsg<PortsProbed>();
        Assert.Equal(("p1", null), (answer.ProbeId, answer.Refusal));
        Assert.Equal(
            [(29001, null), (29003, "connection refused"), (29006, null), (29001, null), (29003, null), (29006, (string?)null)], answer.Probes.Select(p => (p.Port, p.Problem)));
        Assert.Equal(new PortProbe(new("lan1"), "10.0.0.1", "10.0.0.2", 29003, "connection refused"), answer.Probes[1]);
    }

    [Theory]
    [InlineData("server1", "does not dial itself")]
    [InlineData("server9", "no common network")]
    public void Other_targets_must_be_refused(string target, string why)
    {
        _kit.Probe.Send(Start(), new ProbePorts("p1", new(target)));
        Assert.Contains(why, _kit.ExpectMsg<PortsProbed>().Refusal, StringComparison.Ordinal);
        Assert.Empty(_dialer.UnderWay);
    }

    [Fact]
    public void Checks_must_be_bounded_and_free_their_place_when_they_end()
    {
        var ports = Start();
        for (var n = 0; n < PortProber.MaxChecks; n++)
            _kit.Probe.Send(ports, new ProbePorts($"p{n}", Configs.Server2));
        _kit.Probe.Send(ports, new ProbePorts("late", Configs.Server2));
        Assert.Contains($"{PortProber.MaxChecks} checks under way", _kit.ExpectMsg<PortsProbed>(p => p.ProbeId == "late").Refusal, StringComparison.Ordinal);

        _dialer.EndAll();
        for (var n = 0; n < PortProber.MaxChecks; n++)
            Assert.Null(_kit.ExpectMsg<PortsProbed>().Refusal);
        _kit.Probe.Send(ports, new ProbePorts("again", Configs.Server2));
        _kit.ExpectNoMsg();
        _dialer.EndAll();
        Assert.Null(_kit.ExpectMsg<PortsProbed>(p => p.ProbeId == "again").Refusal);
    }

    private IActorRef Start() => _kit.ActorOf(PortProber.Props(Config, Configs.Server1, _dialer), "ports");

    /// <summary>Dials nothing; each try ends when the test says so.</summary>
    private sealed class Dialer : IPortDialer
    {
        public List<(IPEndPoint To, TaskCompletionSource<string?> End)> UnderWay { get; } = [];

        public Task<string?> TryAsync(IPAddress from, IPEndPoint to)
        {
            UnderWay.Add((to, new TaskCompletionSource<string?>()));
            return UnderWay[^1].End.Task;
        }

        public void End(string to, string? problem) => UnderWay.Single(t => t.To.ToString() == to).End.SetResult(problem);

        public void EndAll()
        {
            var ending = UnderWay.ToArray();
            UnderWay.Clear();
            foreach (var (_, end) in ending)
                end.SetResult(null);
        }
    }
}
