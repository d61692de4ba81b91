using System.Globalization;

namespace ClusterActors.Hocon.Syntax;

/// <summary>Character classes of the specification, sections "Whitespace" and "Unquoted strings".</summary>
internal static class Characters
{
    private const string Reserved = "$\"{}[]:=,+#`^?!@*&\\";

    public static bool IsWhitespace(char c) =>
        c is '\t' or '\n' or '\v' or '\f' or '\r' or (>= '\u001c' and <= '\u001f') or '\ufeff'
        || char.GetUnicodeCategory(c) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Characters that must be quoted wherever they are to be part of a string.</summary>
    public static bool IsReserved(char c) => Reserved.Contains(c, StringComparison.Ordinal);

    /// <summary>Length of the JSON number at <paramref name="start"/>, 0 when there is none.</summary>
    public static int NumberLength(string text, int start)
    {
        var at = start;
        if (at < text.Length && text[at] == '-') at++;
        if (at >= text.Length || !char.IsAsciiDigit(text[at])) return 0;
        if (text[at] == '0') at++;
        else at = SkipDigits(text, at);
        if (at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1])) at = SkipDigits(text, at + 1);
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var digits = at + 1;
            if (digits < text.Length && text[digits] is '+' or '-') digits++;
            if (digits < text.Length && char.IsAsciiDigit(text[digits])) at = SkipDigits(text, digits);
        }

        return at - start;
    }

    private static int SkipDigits(string text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return at;
    }
}
