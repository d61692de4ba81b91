namespace ClusterActors.Guardian;

/// <summary>Where the guardian keeps its things; all under <c>CLP_ROOT</c> (or <c>--root</c>) when given.</summary>
/// <param name="root">Prefix; empty for the real places.</param>
/// <param name="instance">Distinguishes servers that share one kernel (control groups, fence tables); letters, digits, '-', '_'.</param>
public sealed class GuardianPaths(string root, string instance)
{
    public string Root { get; } = root.TrimEnd('/');

    public string Instance { get; } = instance;

    public string Settings => $"{Root}/var/lib/clp/guardian.bin";

    public string State => $"{Root}/var/lib/clp/guardian.state";

    public string Socket => $"{Root}/run/clp/guardian.sock";

    /// <summary>Where the node daemon puts its sign of life down.</summary>
    public string Sign => $"{Root}/run/clp/clpd.sign";

    public string Lock => $"{Root}/run/clp/clpmonp.lock";

    public string Log => $"{Root}/var/log/clp/clpmonp.log";

    /// <summary>Where a cgroup2 hierarchy is mounted when the machine shows none.</summary>
    public string CgroupMount => $"{Root}/run/clp/cgroup";

    public void CreateFolders()
    {
        foreach (string file in new[] { Settings, Socket, Log })
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
    }
}
