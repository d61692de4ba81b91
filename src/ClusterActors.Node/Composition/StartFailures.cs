using ClusterActors.Actors;
using ClusterActors.Model.Events;

namespace ClusterActors.Node.Composition;

/// <summary>Why there is no daemon, or none any more, as events.</summary>
internal static class StartFailures
{
    /// <summary>There is no configuration to start with.</summary>
    public static IReadOnlyList<EventDraft> Of(ConfigurationInForce chosen)
    {
        if (chosen.IsMissing)
            return [PmEvents.ConfigurationMissing()];
        if (!chosen.HostIsUnknown)
            return [PmEvents.ConfigurationInvalid()];
        return chosen.Problems.Count == 1 ? [PmEvents.OwnNameMissing()] : [PmEvents.ConfigurationInvalid(), PmEvents.OwnNameMissing()];
    }

    /// <summary>All actors have ended; true when that was by no order: one of them failed, and nothing was left to rely on.</summary>
    public static bool IsFatal(ActorSystem ended) => ended.CoordinatedShutdown.Reason is null;
}
