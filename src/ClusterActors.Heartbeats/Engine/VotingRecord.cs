using ClusterActors.Model;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>A vote as it is kept on disk: durable before any beat shows it, so that a new life still keeps it.</summary>
/// <param name="Term">Term of the candidacy; its server index is the candidate.</param>
/// <param name="Excluded">Servers that get no answer from this one until the term is in force here or the vote was given back.</param>
/// <param name="Candidate">Life of the candidate.</param>
/// <param name="Sequence">Sequence of the beat that asked; only a later one can give the vote back.</param>
public readonly record struct Vote(Term Term, uint Excluded, Incarnation Candidate, ulong Sequence);

/// <summary>What a server must remember of its promises over its own death. Stored as a whole.</summary>
/// <param name="Votes">Votes in force, at most one for each candidate.</param>
/// <param name="HoldPromise">"I take nothing over by verdict."</param>
/// <param name="Forgetful">An earlier record was lost or set back and not all peers have been met since.</param>
/// <param name="WitnessStore">Store id of the witness that was taken; empty when none was.</param>
/// <param name="WitnessEpoch">Largest epoch seen of that store.</param>
public sealed record VotingRecord(IReadOnlyList<Vote> Votes, bool HoldPromise, bool Forgetful, Guid WitnessStore, ulong WitnessEpoch)
{
    /// <summary>Nothing was ever promised.</summary>
    public static readonly VotingRecord Empty = new([], false, false, Guid.Empty, 0);

    /// <summary>Whatever was promised is unknown: the start of a server without its file, or with one that is known to be old.</summary>
    public static readonly VotingRecord Lost = new([], true, true, Guid.Empty, 0);
}
