using ClusterActors.Model.Resources;

namespace ClusterActors.Resources.Exec;

/// <summary>The keys of an exec resource; validation, reference text and help all come from here.</summary>
internal static class ExecDescription
{
    public static readonly ResourceTypeDescription Instance = new(
        Type: "exec",
        Summary: "A program or script that belongs to the group.",
        Exclusion: ExclusionClass.Kill,
        StartOrder: 100,
        DefaultStartRetries: 0,
        DefaultRestarts: 3,
        Privileges: "root, or the rights of 'user'; a cgroup v2 tree for contain = cgroup",
        Parameters:
        [
            new("start", ParameterKind.TextList, true, null, "",
                "Program that starts the service: a path, or a list of path and arguments. It is run as it is, without a shell."),
            new("stop", ParameterKind.TextList, false, null, "",
                "Program that stops the service. Without it an asynchronous program gets SIGTERM, and what remains at the end of stop-timeout is killed."),
            new("mode", ParameterKind.Choice, false, "sync", "",
                "sync: the start program runs to its end and exit code 0 means started. async: the start program is the service; its exit is a failure.",
                Allowed: ["sync", "async"]),
            new("start-timeout", ParameterKind.Duration, false, "1800s", "s",
                "How long a synchronous start may take; after it everything of the resource is killed and the start has failed.", 1, 86_400_000),
            new("stop-timeout", ParameterKind.Duration, false, "1800s", "s",
                "How long a stop may take; after it everything of the resource is killed.", 1, 86_400_000),
            new("contain", ParameterKind.Choice, false, "cgroup", "",
                "What keeps the program's processes together so that all of them end with it. pid-namespace needs mode = async.",
                Allowed: ["cgroup", "pid-namespace"]),
            new("excluded-by", ParameterKind.Choice, false, "kill", "",
                "What makes a takeover safe. kill: the program ends with its server's guardian, which is enough where it works with nothing but its own processes and connections. "
                + "proof: it uses what outlives them, such as a mount of a disk that both servers reach; then another server starts the group only when the old one is provably off.",
                Allowed: ["kill", "proof"]),
            new("user", ParameterKind.Text, false, null, "", "User the program runs as; root when not given."),
            new("working-directory", ParameterKind.Text, false, "/", "", "Working directory of the program."),
            new("environment", ParameterKind.TextMap, false, null, "", "Further environment variables; the CLP_ ones are always set."),
            new("log-limit", ParameterKind.Size, false, "1MB", "bytes",
                "Size at which the program's captured output is turned over; one older generation is kept.", 4096, 1L << 40),
        ]);
}
