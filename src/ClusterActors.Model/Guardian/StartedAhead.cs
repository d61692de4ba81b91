namespace ClusterActors.Model.Guardian;

/// <summary>How the guardian tells a node daemon that it is the next one: it loads what it needs and waits until the present one has ended.</summary>
public static class StartedAhead
{
    /// <summary>Environment variable; set to any value for the next daemon.</summary>
    public const string Variable = "CLP_STARTED_AHEAD";
}
