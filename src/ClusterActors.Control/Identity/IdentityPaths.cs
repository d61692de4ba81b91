namespace ClusterActors.Control.Identity;

/// <summary>Where a server keeps what it is: <c>etc/clp/pki</c> below the root given by <c>CLP_ROOT</c>. Files are 0600, the directory 0700.</summary>
public sealed class IdentityPaths
{
    public IdentityPaths(string? root)
    {
        Configuration = Path.Combine(string.IsNullOrEmpty(root) ? "/" : root, "etc/clp");
        Directory = Path.Combine(Configuration, "pki");
    }

    internal IdentityPaths(string configuration, string directory) => (Configuration, Directory) = (configuration, directory);

    /// <summary><c>/etc/clp</c>.</summary>
    public string Configuration { get; }

    /// <summary><c>/etc/clp/pki</c>.</summary>
    public string Directory { get; }

    /// <summary>The cluster's configuration, which join brings along.</summary>
    public string ClusterConf => Path.Combine(Configuration, "cluster.conf");

    /// <summary>Certificate of the cluster's own certificate authority.</summary>
    public string Authority => Path.Combine(Directory, "ca.crt");

    /// <summary>The authority's key; only on the server where <c>clp cluster init</c> ran.</summary>
    public string AuthorityKey => Path.Combine(Directory, "ca.key");

    public string Node => Path.Combine(Directory, "node.crt");

    public string NodeKey => Path.Combine(Directory, "node.key");

    /// <summary>32 random bytes that authenticate heartbeats.</summary>
    public string ClusterKey => Path.Combine(Directory, "cluster.key");

    /// <summary>The cluster's id, a GUID as text.</summary>
    public string ClusterId => Path.Combine(Directory, "cluster.id");

    /// <summary>A complete set is written here first and then renamed, so that a server has a whole identity or none.</summary>
    internal IdentityPaths Staging => new(Configuration, Directory + ".new");

    /// <summary>
    /// Puts cluster.conf and the files that it includes in place, each in one step, cluster.conf last. When a different one of any of
    /// them is there, nothing is changed.
    /// </summary>
    /// <param name="includes">Checked by <see cref="IncludedFile.Problem(IReadOnlyCollection{IncludedFile})"/> before.</param>
    /// <param name="force">Replace different ones too.</param>
    public ConfigurationInstall InstallConfiguration(byte[] bytes, IReadOnlyCollection<IncludedFile> includes, bool force = false)
    {
        var files = includes.Select(f => (File: Path.Combine(Configuration, f.Name), f.Content)).Append((File: ClusterConf, Content: bytes)).ToList();
        var others = files.Where(f => !File.Exists(f.File) || !File.ReadAllBytes(f.File).AsSpan().SequenceEqual(f.Content)).ToList();
        if (others.Count == 0)
            return ConfigurationInstall.Same;
        if (!force && others.Exists(f => File.Exists(f.File)))
            return ConfigurationInstall.Differs;
        foreach (var (file, content) in others)
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            IdentityFiles.Replace(file, content);
        }

        return ConfigurationInstall.Written;
    }

    internal string Retired => Directory + ".old";

    /// <summary>Files that every server of a cluster has.</summary>
    internal IReadOnlyList<string> Needed => [Authority, Node, NodeKey, ClusterKey, ClusterId];
}
