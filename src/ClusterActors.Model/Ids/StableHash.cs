namespace ClusterActors.Model;

/// <summary>
/// Hash codes of names that are the same in every process. Those of <see cref="string"/> are not, and the order in which a set or dictionary of
/// names is gone through would follow them: the same events would then lead to another order of messages each time. Names come from the
/// administrator's own configuration, so nobody can choose them for their hash codes.
/// </summary>
internal static class StableHash
{
    private const uint Start = 2166136261;
    private const uint Factor = 16777619;

    public static int Of(string? text)
    {
        uint hash = Start;
        foreach (char c in text ?? "")
            hash = (hash ^ c) * Factor;
        return (int)hash;
    }

    /// <summary>Equal for texts that differ only in case, as <see cref="StringComparer.OrdinalIgnoreCase"/> sees it.</summary>
    public static int IgnoringCase(string? text)
    {
        uint hash = Start;
        foreach (char c in text ?? "")
            hash = (hash ^ char.ToUpperInvariant(c)) * Factor;
        return (int)hash;
    }

    public static int Combine(int first, int second) => (int)((((uint)first * Factor) ^ (uint)second) * Factor);
}
