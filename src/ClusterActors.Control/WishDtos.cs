namespace ClusterActors.Control;

/// <summary>What an administrator may want of the cluster or of a server as a whole.</summary>
public enum ClusterWishVerb
{
    Suspend,
    Resume,
    Stretch,
    Normal,
    Standby,
    Maintenance,
    ResumeServer,
}

/// <param name="Server">With the verbs about a server.</param>
/// <param name="Ratio">With <see cref="ClusterWishVerb.Stretch"/>: 1 to 10,000.</param>
/// <param name="Seconds">With <see cref="ClusterWishVerb.Stretch"/>: for how long, at most 30 days.</param>
public sealed record WishRequest(ClusterWishVerb Verb, string? Server, int Ratio, double Seconds, CommandOptions Options);
