namespace ClusterActors.Model.Arbiters;

/// <summary>
/// Something outside the servers that helps to decide after silence. An implementation reports every expected failure (not reachable,
/// refused, too late) in its answer, never as an exception; it honours the token within a second, and each call is bounded by its own
/// configured timeout. One call at a time for each arbiter.
/// </summary>
public interface IArbiter : IAsyncDisposable
{
    /// <summary>Name in the configuration.</summary>
    string Name { get; }

    /// <summary>Type as written in the configuration: ping, fence, etcd, postgresql.</summary>
    string Type { get; }
}

/// <summary>An arbiter that can only forbid: it sees whether this side is cut off, not whether the other is dead.</summary>
public interface IVetoArbiter : IArbiter
{
    Task<VetoAnswer> AskAsync(CancellationToken cancellation);
}

/// <param name="IsIsolated">Nobody answered: this side may not take anything over.</param>
/// <param name="Sentence">Who answered, or who did not.</param>
public sealed record VetoAnswer(bool IsIsolated, string Sentence);

/// <summary>An arbiter that makes sure that a server runs nothing any more.</summary>
public interface IProofArbiter : IArbiter
{
    /// <summary>Whether it has anything configured for this server.</summary>
    bool Covers(ServerName server);

    /// <summary>Switches the server off. Succeeds only when that is certain; idempotent.</summary>
    Task<ProofAnswer> ExcludeAsync(ServerName server, CancellationToken cancellation);

    /// <summary>Asks whether it could, without changing anything.</summary>
    Task<ProofAnswer> CheckAsync(ServerName server, CancellationToken cancellation);
}

/// <param name="Succeeded">Of an exclusion: proven. Of a check: it would work.</param>
/// <param name="Sentence">What was done and what came back, without secrets.</param>
public sealed record ProofAnswer(bool Succeeded, string Sentence);
