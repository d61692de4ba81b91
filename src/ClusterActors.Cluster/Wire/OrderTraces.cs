using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire;

/// <summary>In the event stream of the coordinator's actor system: an order is on its way. For traces; nothing waits for it.</summary>
/// <param name="CauseId">Of the plan behind it.</param>
public sealed record OrderSent(ServerName To, long OrderId, GroupName Group, Term Term, string? CauseId);

/// <summary>In the event stream of the target's actor system: an order is carried out from now on. For traces; nothing waits for it.</summary>
/// <param name="By">Server of the coordinator that it came from.</param>
/// <param name="Starts">It lets a group be started here; otherwise it stops one.</param>
public sealed record OrderAccepted(ServerName By, long OrderId, GroupName Group, Term Term, bool Starts);

/// <summary>In the event stream of a server's actor system: whom it does not wait for to decide, from now on. For traces; nothing waits for it.</summary>
public sealed record PassedOverChanged(IReadOnlyCollection<ServerName> Servers);
