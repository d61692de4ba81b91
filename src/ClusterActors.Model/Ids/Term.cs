using System.Globalization;

namespace ClusterActors.Model;

/// <summary>
/// The number under which groups may be started. It grows with every takeover; a server that meets a higher term has been excluded
/// and may not go on. Ordered by number, then by the index of the server that raised it, so that two never tie (safety.md section 1).
/// </summary>
/// <param name="Number">0 before the first takeover of the cluster's life.</param>
/// <param name="ServerIndex">Position of the raising server in the configured order, from 0.</param>
public readonly record struct Term(ulong Number, int ServerIndex) : IComparable<Term>
{
    public static readonly Term Zero;

    public int CompareTo(Term other)
    {
        var byNumber = Number.CompareTo(other.Number);
        return byNumber != 0 ? byNumber : ServerIndex.CompareTo(other.ServerIndex);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}.{ServerIndex}");

    public static bool operator <(Term left, Term right) => left.CompareTo(right) < 0;

    public static bool operator <=(Term left, Term right) => left.CompareTo(right) <= 0;

    public static bool operator >(Term left, Term right) => left.CompareTo(right) > 0;

    public static bool operator >=(Term left, Term right) => left.CompareTo(right) >= 0;
}
