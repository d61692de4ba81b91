namespace ClusterActors.Control.Identity;

/// <summary>What became of a cluster.conf that was to be put in place.</summary>
public enum ConfigurationInstall
{
    /// <summary>The same bytes were there.</summary>
    Same,

    Written,

    /// <summary>A different one is there and was left alone.</summary>
    Differs,
}
