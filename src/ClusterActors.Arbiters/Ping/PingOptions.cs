using System.Net;

namespace ClusterActors.Arbiters.Ping;

/// <param name="Targets">Addresses that this server's clients or networks depend on, such as gateways; at least one.</param>
/// <param name="Timeout">How long one try waits for an answer.</param>
/// <param name="Tries">Tries before a target counts as silent.</param>
public sealed record PingOptions(IReadOnlyList<IPAddress> Targets, TimeSpan Timeout, int Tries);
