using System.Globalization;

namespace ClusterActors.Control.Client;

/// <summary>The lines of an HTTP/1.1 response (RFC 9112), as far as the control API uses them; anything else is an <see cref="InvalidDataException"/>.</summary>
internal static class HttpText
{
    public const int LongestLine = 16 * 1024;
    private const int MostHeaders = 100;

    public static int Status(string line) =>
        line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line.Length >= 12
        && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 100 and <= 599
            ? status
            : throw new InvalidDataException($"'{Shortened(line)}' is no HTTP status line");

    /// <param name="before">Headers seen before this one.</param>
    /// <param name="length">Set by Content-Length; -1 = not known.</param>
    public static void Header(string line, int before, ref long length, ref bool chunked)
    {
        var colon = line.IndexOf(':');
        if (colon <= 0 || before >= MostHeaders)
            throw new InvalidDataException($"'{Shortened(line)}' is no header, or one too many");
        var name = line.AsSpan(0, colon);
        var value = line.AsSpan(colon + 1).Trim();
        if (name.Equals("content-length", StringComparison.OrdinalIgnoreCase))
        {
            if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out length))
                throw new InvalidDataException($"Content-Length '{Shortened(value.ToString())}'");
        }
        else if (name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase))
        {
            if (!value.Equals("chunked", StringComparison.OrdinalIgnoreCase))
                throw new InvalidDataException($"Transfer-Encoding '{Shortened(value.ToString())}'");
            (chunked, length) = (true, -1);
        }
    }

    public static long ChunkLength(string size)
    {
        var digits = size.AsSpan(0, size.IndexOf(';') is >= 0 and var extension ? extension : size.Length).Trim();
        return long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) && length >= 0
            ? length
            : throw new InvalidDataException($"'{Shortened(size)}' is no length of a chunk");
    }

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
