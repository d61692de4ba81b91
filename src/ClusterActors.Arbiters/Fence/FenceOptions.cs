using ClusterActors.Model;

namespace ClusterActors.Arbiters.Fence;

/// <param name="Levels">Tried in order until one has excluded the server; all devices of a level must succeed (two power supplies).</param>
/// <param name="Action">Reboot: off, which is the proof, and then on again.</param>
/// <param name="Timeout">Longest time one call of an agent may take; then it is killed with all it started.</param>
/// <param name="Retries">Further calls of an agent that failed, before its level has failed.</param>
/// <param name="Self">This server, told to the agents.</param>
public sealed record FenceOptions(
    IReadOnlyList<IReadOnlyList<FenceDevice>> Levels, FenceAction Action, TimeSpan Timeout, int Retries, ServerName Self);
