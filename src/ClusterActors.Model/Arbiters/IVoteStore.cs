namespace ClusterActors.Model.Arbiters;

/// <summary>
/// A small linearizable key-value store outside the servers, used as one voter (safety.md section 2). It needs no clock: it only
/// compares and sets. Every answer shows all entries as of one instant that lies between sending and receiving.
/// </summary>
public interface IVoteStore : IArbiter
{
    /// <summary>
    /// Reads all entries of this cluster, after applying <paramref name="change"/> when one is given and all its comparisons hold.
    /// With <see cref="StoreAnswer.Problem"/> set the change may or may not have been applied: the next read tells.
    /// </summary>
    Task<StoreAnswer> ExchangeAsync(StoreChange? change, CancellationToken cancellation);
}

/// <param name="Value">Text of the entry.</param>
/// <param name="Version">Never the same again for another value of the same key; above 0.</param>
public readonly record struct StoreEntry(string Value, long Version);

/// <summary>All or nothing: each key must still have the version (0 = no such entry), then each value is set.</summary>
public sealed record StoreChange(IReadOnlyDictionary<string, long> Compare, IReadOnlyDictionary<string, string> Put);

/// <summary>Which store answered, and how far it is: a copy that was set back shows a lower revision, another one another id.</summary>
/// <param name="Revision">Grows with every change.</param>
public readonly record struct StoreStamp(string Id, long Revision);

/// <param name="Applied">The change was made.</param>
/// <param name="Problem">Why there is no answer; null = there is one.</param>
public sealed record StoreAnswer(bool Applied, IReadOnlyDictionary<string, StoreEntry> Entries, StoreStamp Stamp, string? Problem)
{
    private static readonly Dictionary<string, StoreEntry> Nothing = [];

    public static StoreAnswer Failed(string problem) => new(false, Nothing, default, problem);
}
