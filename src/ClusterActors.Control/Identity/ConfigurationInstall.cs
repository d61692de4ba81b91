namespace ClusterActors.Control.Identity;

/// <summary>What became of a cluster.conf, and of the files that it includes, that were to be put in place.</summary>
public enum ConfigurationInstall
{
    /// <summary>The same bytes were there, in all of them.</summary>
    Same,

    Written,

    /// <summary>A different one of them is there, and all were left alone.</summary>
    Differs,
}
