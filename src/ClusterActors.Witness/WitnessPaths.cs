namespace ClusterActors.Witness;

/// <summary>Where the witness keeps its things; all under <c>CLP_ROOT</c> when set.</summary>
internal sealed record WitnessPaths(string Root)
{
    /// <summary>The cluster files, NAME.key.</summary>
    public string Clusters => $"{Root}/etc/clpwitness/clusters";

    /// <summary>Certificate and key of the administration port, PEM.</summary>
    public string Certificate => $"{Root}/etc/clpwitness/certificate.pem";

    /// <summary>Word that a remote administrator must send.</summary>
    public string Token => $"{Root}/etc/clpwitness/token";

    /// <summary>The durable records, one for each cluster.</summary>
    public string State => $"{Root}/var/lib/clpwitness";

    /// <summary>What is gone after a restart of the machine: proof that a record is the newest, and the control socket.</summary>
    public string Run => $"{Root}/run/clpwitness";

    public string ControlSocket => $"{Run}/control.sock";

    public static WitnessPaths From(string? root) => new((root ?? "").TrimEnd('/'));

    public string ClusterFile(string name) => $"{Clusters}/{name}{Model.Voting.WitnessClusterFile.Extension}";

    /// <summary>Makes the folders; root alone may look into them, for the keys are there.</summary>
    public void CreateFolders()
    {
        foreach (var folder in new[] { Clusters, State, Run })
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
