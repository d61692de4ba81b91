using System.Text;

namespace ClusterActors.Cli;

/// <summary>
/// Every name of the manuals is a link to this program. The name it was called by stands only in /proc/self/cmdline: the runtime
/// shows the link's target elsewhere (measured 2026-11, .NET 10).
/// </summary>
internal static class CallName
{
    private const string CommandLine = "/proc/self/cmdline";

    private static readonly Dictionary<string, string[]> Aliases = new(StringComparer.Ordinal)
    {
        ["clpstat"] = ["stat"],
        ["clpgrp"] = ["grp"],
        ["clpcl"] = ["cl"],
        ["clpbwctrl"] = ["bwctrl"],
        ["clptoratio"] = ["toratio"],
    };

    public static IEnumerable<string> Names => Aliases.Keys;

    public static string OfThisProcess()
    {
        try
        {
            var line = File.ReadAllBytes(CommandLine);
            var first = Array.IndexOf(line, (byte)0);
            return Path.GetFileName(Encoding.UTF8.GetString(line, 0, first < 0 ? line.Length : first));
        }
        catch (IOException)
        {
            return "clp"; // no /proc: the aliases do not work, everything else does
        }
    }

    /// <summary>The arguments as <c>clp</c> would have got them.</summary>
    public static string[] Expand(string name, string[] arguments) =>
        Aliases.TryGetValue(name, out var words) ? [.. words, .. arguments] : arguments;

    /// <summary>How a command is called in the manuals' way, or null.</summary>
    public static string? AliasOf(string words) => Aliases.FirstOrDefault(alias => string.Join(' ', alias.Value) == words).Key;
}
