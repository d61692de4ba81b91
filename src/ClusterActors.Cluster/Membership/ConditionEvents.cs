using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Membership;

/// <summary>What the guardian says about its own conditions on this server, as events of this product.</summary>
internal static class ConditionEvents
{
    public static EventDraft Of(BeatsLate late) => CaEvents.BeatsLate(Milliseconds(late.Lateness), Milliseconds(late.Limit));

    public static EventDraft Of(FenceArmed armed) => CaEvents.FenceArmed(armed.Address.ToString(), armed.Kind == FenceChoice.Nft ? "nftables" : "bpf");

    public static EventDraft Of(FenceMissing missing) => CaEvents.FenceMissing(missing.Address.ToString(), missing.Detail);

    /// <summary>With a decimal: the limit may be a part of a millisecond.</summary>
    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms");
}
