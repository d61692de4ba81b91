using ClusterActors.Actors;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Ports;

/// <summary>
/// Dials the ports of another server for <c>clp cluster check</c>, of this server or of that one. It owns nothing but the number of checks
/// under way, and dials only addresses of the configuration.
/// </summary>
public sealed class PortProber : ReceiveActor
{
    /// <summary>At once: room for two persons who check a cluster of 32 servers, which asks for each other server. A further one is refused, so that nobody can have a server dial without a bound.</summary>
    internal const int MaxChecks = 64;

    private readonly ClusterConfig _config;
    private readonly ServerName _self;
    private readonly IPortDialer _dialer;
    private int _underWay;

    private PortProber(ClusterConfig config, ServerName self, IPortDialer dialer)
    {
        (_config, _self, _dialer) = (config, self, dialer);
        Receive<ProbePorts>(Probe);
        Receive<Done>(done =>
        {
            _underWay--;
            done.Asker.Tell(done.Answer);
        });
    }

    public static Props Props(ClusterConfig config, ServerName self, IPortDialer dialer) => Actors.Props.Create(() => new PortProber(config, self, dialer));

    private void Probe(ProbePorts asked)
    {
        var asker = Sender;
        var plan = PortPlan.Of(_config, _self, asked.Target);
        if (WhyNot(asked.Target, plan) is { } refusal)
        {
            asker.Tell(new PortsProbed(asked.ProbeId, [], refusal));
            return;
        }

        _underWay++;
        Task.WhenAll(plan.Select(TryAsync)).PipeTo(
            Self,
            success: probes => new Done(asker, new PortsProbed(asked.ProbeId, probes, null)),
            failure: e => new Done(asker, new PortsProbed(asked.ProbeId, [], e.Message)));
    }

    private string? WhyNot(ServerName target, IReadOnlyList<PortTry> plan) =>
        target == _self ? $"{_self} does not dial itself"
        : plan.Count == 0 ? $"{_self} and {target} are on no common network in the configuration of {_self}"
        : _underWay >= MaxChecks ? $"{_self} has {_underWay} checks under way; try again"
        : null;

    private async Task<PortProbe> TryAsync(PortTry port) => new(
        port.Network, port.From.ToString(), port.To.Address.ToString(), port.To.Port, await _dialer.TryAsync(port.From, port.To).ConfigureAwait(false));

    private sealed record Done(IActorRef Asker, PortsProbed Answer);
}
