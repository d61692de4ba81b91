using ClusterActors.Model;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>Outcome of asking for a higher term.</summary>
/// <param name="Granted">Store <paramref name="Term"/> durably, then commit it. False with <see cref="Awaited"/>: votes are asked for, a note tells the outcome.</param>
/// <param name="Term">The new term with its base and excluded servers; default when refused.</param>
/// <param name="Reason">Why it was refused; a constant text.</param>
/// <param name="Server">Server the reason is about, 255 for none.</param>
public readonly record struct RaiseDecision(bool Granted, StoredTerm Term, string Reason, byte Server)
{
    /// <summary>This server is a candidate now.</summary>
    public bool Awaited { get; private init; }

    internal static RaiseDecision Await(StoredTerm term) => new(false, term, "votes are asked for", 255) { Awaited = true };

    internal static RaiseDecision Refused(string reason, int server = 255) => new(false, default, reason, (byte)server);
}
