using ClusterActors.Hocon;

namespace ClusterActors.Configuration;

/// <summary>One key of the built-in reference, for programs.</summary>
/// <param name="Key">Full path; "*" stands for any name.</param>
/// <param name="Default">As it would be written in cluster.conf; null = no default.</param>
/// <param name="Meaning">The comment above it, as one paragraph.</param>
public sealed record ReferenceKey(string Key, string? Default, string Meaning)
{
    /// <summary>Every key, in the order of the file.</summary>
    public static IReadOnlyList<ReferenceKey> All()
    {
        var lines = Reference.Text.Split('\n');
        return [.. Reference.Config.Entries().Select(entry => new ReferenceKey(entry.Path.ToString(), DefaultOf(entry.Value), CommentAbove(lines, entry.KeyOrigin.Line)))];
    }

    private static string? DefaultOf(ConfigValue value) => value switch
    {
        { Kind: ConfigValueKind.Null } => null,
        ConfigScalar scalar => scalar.Text,
        _ => value.ToString(),
    };

    /// <param name="line">Of the key, the first line is 1.</param>
    private static string CommentAbove(string[] lines, int line)
    {
        var first = line - 1;
        while (first > 0 && lines[first - 1].TrimStart().StartsWith('#'))
            first--;
        return string.Join(' ', lines[first..(line - 1)].Select(comment => comment.TrimStart().TrimStart('#').Trim()));
    }
}
