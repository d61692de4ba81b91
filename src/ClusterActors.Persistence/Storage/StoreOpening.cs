namespace ClusterActors.Persistence;

/// <summary>What opening the database file found.</summary>
public enum StoreFinding
{
    /// <summary>The file was there and passed every check.</summary>
    Intact,

    /// <summary>There was no file; an empty store was made. Normal on the first start, a loss on any other.</summary>
    Created,

    /// <summary>The file was empty, truncated or internally broken; it was moved aside and an empty store was made.</summary>
    Damaged,

    /// <summary>The file is no database or belongs to another program; it was moved aside and an empty store was made.</summary>
    Foreign,
}

/// <summary>
/// The report of an opening. After anything but <see cref="StoreFinding.Intact"/> the local state is gone: the caller must take its
/// state from a peer, or ask, before it acts on an empty one.
/// </summary>
/// <param name="Finding">What was found.</param>
/// <param name="Explanation">One sentence for the event log.</param>
/// <param name="MovedTo">Where the bad file went; null when none was moved.</param>
/// <param name="StoreId">Random identity given at creation; another one than remembered means that the file was replaced.</param>
public sealed record StoreOpening(StoreFinding Finding, string Explanation, string? MovedTo, string StoreId)
{
    public bool IsFresh => Finding != StoreFinding.Intact;
}
