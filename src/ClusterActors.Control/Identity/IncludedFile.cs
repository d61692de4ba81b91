using System.Globalization;

namespace ClusterActors.Control.Identity;

/// <summary>A file that cluster.conf includes and that a join brings along.</summary>
/// <param name="Name">Path below <c>/etc/clp</c>, with '/' between its parts; see <see cref="Problem(string)"/>.</param>
/// <param name="Content">Its bytes.</param>
public sealed record IncludedFile(string Name, byte[] Content)
{
    /// <summary>Most files that a join carries.</summary>
    public const int MaxFiles = 64;

    /// <summary>Most bytes of all of them together.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int MaxNameLength = 200;

    /// <summary>Why these cannot be carried, or null. Asked by the side that sends and by the one that receives.</summary>
    public static string? Problem(IReadOnlyCollection<IncludedFile> files)
    {
        if (files.Count > MaxFiles)
            return string.Create(CultureInfo.InvariantCulture, $"{files.Count} included files; at most {MaxFiles} can be carried: include fewer");
        if (files.Sum(f => (long)f.Content.Length) is > MaxBytes and var bytes)
            return string.Create(CultureInfo.InvariantCulture, $"included files of {bytes} bytes; at most {MaxBytes} can be carried");
        if (files.GroupBy(f => f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return $"included file {twice.Key} is named twice";
        return files.Select(f => Problem(f.Name)).FirstOrDefault(p => p is not null);
    }

    /// <summary>
    /// Why a file of this name would not be an included file below /etc/clp, or null: it must be relative, without empty parts or parts of
    /// dots, and neither cluster.conf nor among the identity's files.
    /// </summary>
    public static string? Problem(string name)
    {
        var parts = name.Split('/');
        if (name.Length is 0 or > MaxNameLength || name.Any(c => char.IsControl(c) || c == '\\'))
            return $"included file with a name of {name.Length} characters; 1 to {MaxNameLength} without control characters and backslashes are allowed";
        if (parts.Any(p => p is "" or "." or ".."))
            return $"included file '{name}': it must be named below /etc/clp, without empty parts, '.' or '..'";
        if (parts.Length == 1 && parts[0] == "cluster.conf")
            return "included file 'cluster.conf': that is the including one";
        return parts[0] == "pki" || parts[0].StartsWith("pki.", StringComparison.Ordinal)
            ? $"included file '{name}': certificates and keys are kept there; put it elsewhere below /etc/clp"
            : null;
    }
}
