using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire;

/// <summary>What an administrator wants of the cluster or of a server.</summary>
public enum WishVerb
{
    Suspend,
    Resume,
    Stretch,
    Normal,
    Standby,
    Maintenance,
    ResumeServer,
}

/// <summary>From any server's control API to the coordinator; answered with <see cref="AdminOutcome"/> once it is stored there.</summary>
/// <param name="Server">With the verbs about a server.</param>
/// <param name="Ratio">With <see cref="WishVerb.Stretch"/>.</param>
/// <param name="Seconds">Length of the stretch.</param>
public sealed record WishCommand(string CommandId, WishVerb Verb, ServerName? Server, int Ratio, double Seconds, bool DryRun, string Reason, string Caller);
