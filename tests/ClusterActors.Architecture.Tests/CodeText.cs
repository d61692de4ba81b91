using System.Text;

namespace ClusterActors.Architecture.Tests;

/// <summary>
/// C# source with comments and literals blanked out, so that a word in a sentence is not mistaken for a call. Lines stay where they
/// are. Code in the holes of interpolated strings is blanked out too, which is close enough for calls that must not be there.
/// </summary>
internal static class CodeText
{
    public static string WithoutCommentsAndLiterals(string source)
    {
        var code = new StringBuilder(source.Length);
        var at = 0;
        while (at < source.Length)
        {
            var end = EndOfBlank(source, at);
            if (end == at)
            {
                code.Append(source[at++]);
                continue;
            }

            foreach (var character in source.AsSpan(at, end - at))
                code.Append(character == '\n' ? '\n' : ' ');
            at = end;
        }

        return code.ToString();
    }

    /// <summary>Where the comment or literal that begins here ends; the same position when none begins here.</summary>
    private static int EndOfBlank(string source, int at)
    {
        var rest = source.AsSpan(at);
        if (rest.StartsWith("//"))
            return EndAt(source, "\n", at, includeMark: false);
        if (rest.StartsWith("/*"))
            return EndAt(source, "*/", at + 2, includeMark: true);
        if (rest.StartsWith("\"\"\""))
        {
            var quotes = rest.Length - rest.TrimStart('"').Length;
            return EndAt(source, new string('"', quotes), at + quotes, includeMark: true);
        }

        if (rest.StartsWith("@\"") || rest.StartsWith("$@\"") || rest.StartsWith("@$\""))
            return EndOfVerbatim(source, source.IndexOf('"', at) + 1);
        return rest[0] is '"' or '\'' ? EndOfEscaped(source, at + 1, rest[0]) : at;
    }

    private static int EndAt(string source, string mark, int from, bool includeMark)
    {
        var found = source.IndexOf(mark, from, StringComparison.Ordinal);
        return found < 0 ? source.Length : includeMark ? found + mark.Length : found;
    }

    private static int EndOfVerbatim(string source, int at)
    {
        while (at < source.Length)
        {
            if (source[at] != '"')
                at++;
            else if (at + 1 < source.Length && source[at + 1] == '"')
                at += 2;
            else
                return at + 1;
        }

        return at;
    }

    private static int EndOfEscaped(string source, int at, char quote)
    {
        while (at < source.Length && source[at] != quote && source[at] != '\n')
            at += source[at] == '\\' ? 2 : 1;
        return Math.Min(at + 1, source.Length);
    }
}
