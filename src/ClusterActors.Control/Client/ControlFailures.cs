namespace ClusterActors.Control.Client;

/// <summary>What commands say when a question to the control API fails.</summary>
internal static class ControlFailures
{
    public static ControlException NoPermission(string path, Exception failure) =>
        new(ExitCode.NoPermission, $"{path}: no permission; log in as root, or join the group clp to look at the status", failure);

    public static ControlException NoDaemon(string path, Exception failure) =>
        new(ExitCode.Unreachable, $"{path}: the cluster daemon does not run on this server; start it with clpcl -s", failure);

    /// <summary>Its queue of connections is full.</summary>
    public static ControlException Busy(string path, Exception failure) =>
        new(ExitCode.Unreachable, $"{path}: the cluster daemon takes no more connections now; try again, or look at its log", failure);

    public static ControlException NoAnswer(string where, TimeSpan limit, Exception? failure) =>
        new(ExitCode.Unreachable, $"{where}: no answer within {limit.TotalSeconds:0.#} s; the daemon may be restarting: try again, or look at its log", failure);

    public static ControlException NoHttp(string where, Exception failure) =>
        new(ExitCode.Internal, $"{where}: the answer is not of the control API: {failure.Message}", failure);

    public static ControlException Broken(string where, Exception failure) =>
        new(ExitCode.Unreachable, $"{where}: the connection broke: {failure.Message}; the daemon may be restarting: try again", failure);
}
