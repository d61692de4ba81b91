namespace ClusterActors.Model.Guardian;

/// <summary>
/// The cluster's term: grows with every takeover and is carried by every beat, start and lease. Terms are compared by
/// number first, then by the index of the server that raised them, so two servers that raise at the same moment still
/// get different, ordered terms. <c>(0, 0)</c> is the term of a cluster in which nobody has raised one yet.
/// </summary>
/// <param name="Number">Counts up by one from the highest number its raiser had seen.</param>
/// <param name="ServerIndex">Index (0..31, configured order) of the server that raised it.</param>
public readonly record struct Term(ulong Number, byte ServerIndex) : IComparable<Term>
{
    /// <summary>The term of a cluster in which nobody has raised one yet.</summary>
    public static readonly Term None;

    /// <inheritdoc/>
    public int CompareTo(Term other) =>
        Number != other.Number ? Number.CompareTo(other.Number) : ServerIndex.CompareTo(other.ServerIndex);

    /// <summary>Older than.</summary>
    public static bool operator <(Term left, Term right) => left.CompareTo(right) < 0;

    /// <summary>Newer than.</summary>
    public static bool operator >(Term left, Term right) => left.CompareTo(right) > 0;

    /// <summary>Older than or the same.</summary>
    public static bool operator <=(Term left, Term right) => left.CompareTo(right) <= 0;

    /// <summary>Newer than or the same.</summary>
    public static bool operator >=(Term left, Term right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Number}.{ServerIndex}";
}
