using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Control;
using ClusterActors.Model;

namespace ClusterActors.Node.Status;

/// <summary>The TCP ports between this server and each other one, dialled now: from here, and from there by the peer's own daemon.</summary>
internal sealed class PortChecks(ClusterConfig config, ServerName self, ClusterSystem cluster)
{
    // Each dial has 2 s, all run at once; the rest is for the way and a busy machine.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<CheckResult>> AskAsync(MembershipView membership, CancellationToken cancellation)
    {
        var ways = membership.Members.Where(m => !m.IsSelf).SelectMany(m => new[] { FromHere(m, cancellation), FromThere(m, cancellation) });
        return [.. (await Task.WhenAll(ways).ConfigureAwait(false)).SelectMany(results => results)];
    }

    private Task<IEnumerable<CheckResult>> FromHere(Member member, CancellationToken cancellation) =>
        ProbeAsync(cluster.Ports, self, member.Server, cancellation);

    private Task<IEnumerable<CheckResult>> FromThere(Member member, CancellationToken cancellation) => member.LinkUp
        ? ProbeAsync(ClusterSystem.Remote(cluster.System, member.Server, ClusterSystem.PortsName), member.Server, self, cancellation)
        : Task.FromResult(Untried(member.Server, self, $"no node link, so {member.Server} cannot be asked to dial; run clp cluster check there"));

    private async Task<IEnumerable<CheckResult>> ProbeAsync(ICanTell prober, ServerName from, ServerName to, CancellationToken cancellation)
    {
        try
        {
            var probed = await prober.Ask<PortsProbed>(new ProbePorts(Guid.NewGuid().ToString("N"), to), AnswerLimit, cancellation).ConfigureAwait(false);
            return probed.Refusal is { } refusal ? Untried(from, to, refusal) : probed.Probes.Select(probe => Judge(probe, from, to));
        }
        catch (Exception e) when (e is AskTimeoutException or TimeoutException)
        {
            return Untried(from, to, $"{from} did not answer ({e.Message}); a release that cannot dial does not either");
        }
    }

    private CheckResult Judge(PortProbe probe, ServerName from, ServerName to) => new(
        from.Value, to.Value, $"{probe.Network}, tcp {probe.Port} ({Purpose(probe.Port)})",
        probe.Problem is null, $"{probe.To} from {probe.From}: {probe.Problem ?? "reached"}{Remedy(probe, to)}");

    /// <summary>The one port that no running daemon opens.</summary>
    private string Remedy(PortProbe probe, ServerName to) =>
        probe.Problem is null || probe.Port != config.Ports.Starter ? "" : $"; systemctl enable --now clp-starter.socket on {to}, or clpcl -s -a will not reach it";

    private string Purpose(int port) => port == config.Ports.Manager ? "manager" : port == config.Ports.Starter ? "starter" : "node link";

    private static IEnumerable<CheckResult> Untried(ServerName from, ServerName to, string why) => [new(from.Value, to.Value, "tcp ports", false, why)];
}
