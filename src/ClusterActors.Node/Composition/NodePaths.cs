namespace ClusterActors.Node.Composition;

/// <summary>Where the daemon keeps its things; all under <c>CLP_ROOT</c> when set.</summary>
internal sealed record NodePaths(string Root)
{
    public string ClusterConf => $"{Root}/etc/clp/cluster.conf";

    /// <summary>The configuration of the last good start.</summary>
    public string KeptConf => Root + Configuration.KeptConfig.Path;

    public string Store => $"{Root}/var/lib/clp/journal.db";

    public string DaemonLock => $"{Root}/run/clp/clpd.lock";

    /// <summary>The guardian's file for this daemon's sign of life.</summary>
    public string Sign => $"{Root}/run/clp/clpd.sign";

    public string GuardianSocket => $"{Root}/run/clp/guardian.sock";

    public string ControlSocket => $"{Root}/run/clp/control.sock";

    public string EventLog => $"{Root}/var/log/clp/events.jsonl";

    public string DaemonLog => $"{Root}/var/log/clp/clpd.log";

    public string ProgramLogs => $"{Root}/var/log/clp/programs";

    public static NodePaths FromEnvironment() => new((Environment.GetEnvironmentVariable("CLP_ROOT") ?? "").TrimEnd('/'));

    public void CreateFolders()
    {
        foreach (var folder in new[] { $"{Root}/var/lib/clp", $"{Root}/run/clp", $"{Root}/var/log/clp", ProgramLogs })
            Directory.CreateDirectory(folder);
    }
}
