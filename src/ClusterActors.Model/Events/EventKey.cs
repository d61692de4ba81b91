using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ClusterActors.Model.Events;

/// <summary>Names an event for ever: module type and number, written <c>rc 92</c>.</summary>
public sealed record EventKey(string Module, int Id) : IComparable<EventKey>
{
    /// <summary>Reads <c>rc 92</c>; false when it is not a module name followed by a number.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EventKey? key)
    {
        key = null;
        var parts = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return false;
        key = new EventKey(parts[0], id);
        return true;
    }

    /// <summary>Orders by module name, then number.</summary>
    public int CompareTo(EventKey? other)
    {
        if (other is null)
            return 1;
        var byModule = string.CompareOrdinal(Module, other.Module);
        return byModule != 0 ? byModule : Id.CompareTo(other.Id);
    }

    public static bool operator <(EventKey left, EventKey right) => left.CompareTo(right) < 0;

    public static bool operator >(EventKey left, EventKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(EventKey left, EventKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EventKey left, EventKey right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Module} {Id}";
}
