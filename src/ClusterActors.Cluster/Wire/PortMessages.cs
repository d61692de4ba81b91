using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire;

/// <summary>
/// From a server's control API to its own <c>ports</c> actor or to that of another server: dial the ports of <see cref="Target"/>. Answered with
/// <see cref="PortsProbed"/> when all was tried; may be lost.
/// </summary>
public sealed record ProbePorts(string ProbeId, ServerName Target);

/// <param name="Refusal">Why nothing was tried; null = it was.</param>
public sealed record PortsProbed(string ProbeId, IReadOnlyList<PortProbe> Probes, string? Refusal);

/// <summary>One port that was dialled.</summary>
/// <param name="From">Address that the connection came from.</param>
/// <param name="Problem">Null = it was reached.</param>
public sealed record PortProbe(HeartbeatName Network, string From, string To, int Port, string? Problem);
