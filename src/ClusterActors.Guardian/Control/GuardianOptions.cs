namespace ClusterActors.Guardian.Control;

/// <summary>What the command line says.</summary>
/// <param name="Paths">Places and instance name.</param>
/// <param name="DaemonPath">Node daemon to start when the settings name none; empty = none.</param>
/// <param name="DaemonArguments">Its arguments.</param>
/// <param name="RealTime">Ask for real-time priority and locked memory.</param>
internal sealed record GuardianOptions(GuardianPaths Paths, string DaemonPath, IReadOnlyList<string> DaemonArguments, bool RealTime)
{
    /// <summary>Priority of the process' ordinary threads; the beat thread is above it.</summary>
    public const int Priority = 20;

    public const int BeatPriority = 30;
}
