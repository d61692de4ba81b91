using ClusterActors.Model;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>Outcome of asking for a higher term.</summary>
/// <param name="Granted">Store <paramref name="Term"/> durably, then commit it.</param>
/// <param name="Term">The new term with its base and excluded servers; default when refused.</param>
/// <param name="Reason">Why it was refused; a constant text.</param>
/// <param name="Server">Server the reason is about, 255 for none.</param>
public readonly record struct RaiseDecision(bool Granted, StoredTerm Term, string Reason, byte Server)
{
    internal static RaiseDecision Refused(string reason, int server = 255) => new(false, default, reason, (byte)server);
}
