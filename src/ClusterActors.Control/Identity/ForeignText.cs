namespace ClusterActors.Control.Identity;

/// <summary>Text from another machine on its way to a log or a terminal, which it must not steer: neither lines of its own nor control sequences.</summary>
public static class ForeignText
{
    /// <param name="longest">The rest is cut off.</param>
    public static string Printable(string text, int longest = 64)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Concat(text.Take(longest).Select(character => char.IsControl(character) ? '?' : character));
    }
}
