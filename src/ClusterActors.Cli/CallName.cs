using ClusterActors.Linux.Process;

namespace ClusterActors.Cli;

/// <summary>Every name of the manuals is a link to this program, which looks at the name it was called by.</summary>
internal static class CallName
{
    public static IReadOnlyList<string> Names { get; } = ["clpstat", "clpgrp", "clpcl", "clpbwctrl", "clptoratio"];

    public static string OfThisProcess() => ExecutedFile.Path() is { } path ? path[(path.LastIndexOf('/') + 1)..] : "clp";

    /// <summary>The arguments as <c>clp</c> would have got them.</summary>
    public static string[] Expand(string name, string[] arguments) => Words(name) is { } words ? [words, .. arguments] : arguments;

    /// <summary>How a command is called in the manuals' way, or null.</summary>
    public static string? AliasOf(string words) => Names.FirstOrDefault(name => Words(name) == words);

    private static string? Words(string name) => name switch
    {
        "clpstat" => "stat",
        "clpgrp" => "grp",
        "clpcl" => "cl",
        "clpbwctrl" => "bwctrl",
        "clptoratio" => "toratio",
        _ => null,
    };
}
