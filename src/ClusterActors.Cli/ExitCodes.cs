using ClusterActors.Control;

namespace ClusterActors.Cli;

/// <summary>The exit codes in words, for help and reference.</summary>
internal static class ExitCodes
{
    public static IReadOnlyList<(ExitCode Code, string Meaning)> All { get; } =
    [
        (ExitCode.Done, "done"),
        (ExitCode.Usage, "command or configuration written wrongly"),
        (ExitCode.Refused, "refused by a rule, which the sentence names"),
        (ExitCode.NotFound, "not found"),
        (ExitCode.Partial, "done in part; the lines say where"),
        (ExitCode.StillRunning, "the wait is over, the operation goes on"),
        (ExitCode.NotSafe, "no quorum, or not provably safe"),
        (ExitCode.NoPermission, "no permission"),
        (ExitCode.Unreachable, "daemon or server not reachable"),
        (ExitCode.Internal, "internal error, or what was wanted was not stored in time"),
    ];

    public static string OneLine => string.Join(", ", All.Select(entry => $"{(int)entry.Code} {entry.Meaning}"));
}
