using ClusterActors.Cluster.Wire;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Membership;

/// <summary>
/// Whether a view says anything else than the one before. Reports come every few seconds from each server and mostly repeat the last; what is decided
/// from two views without news between them is the same, but for the age of the reports. What is not compared is named here, and a list that is
/// not compared by its items counts as news: a property that comes later cannot be overlooked.
/// </summary>
internal static class ViewNews
{
    public static bool Between(MembershipView before, MembershipView now) => !(
        before.Channels.SequenceEqual(now.Channels)
        && before.Devices.SequenceEqual(now.Devices)
        && AreAlike(before.Members, now.Members, IsAlike)
        && before with { Channels = now.Channels, Devices = now.Devices, Members = now.Members } == now);

    /// <summary>Of the newest account of any link only its term counts.</summary>
    private static bool IsAlike(Member a, Member b) =>
        IsAlike(a.Report, b.Report) && a.LastReport?.Term == b.LastReport?.Term && a with { Report = b.Report, ReportedAt = b.ReportedAt, LastReport = b.LastReport } == b;

    /// <summary>Wishes are compared with the view's own; of what a server hears of others it counts whether it hears them, not how.</summary>
    private static bool IsAlike(ServerReport? a, ServerReport? b) => ReferenceEquals(a, b)
        || (a is not null && b is not null && a.Hears.All(h => a.Receives(h.Heard) == b.Receives(h.Heard)) && a.Hears.Count == b.Hears.Count && a.Out.SequenceEqual(b.Out) && (a.Meets ?? []).SequenceEqual(b.Meets ?? []) && (a.OutCauses ?? []).SequenceEqual(b.OutCauses ?? []) && AreAlike(a.Groups, b.Groups, IsAlike)
            && a with { Sequence = b.Sequence, Out = b.Out, Meets = b.Meets, OutCauses = b.OutCauses, Groups = b.Groups, Hears = b.Hears, Wishes = b.Wishes } == b);

    private static bool IsAlike(GroupReport a, GroupReport b) => ReferenceEquals(a, b)
        || (IsAlike(a.Record, b.Record) && a.Resources.SequenceEqual(b.Resources) && a with { Record = b.Record, Resources = b.Resources } == b);

    private static bool IsAlike(GroupRecord a, GroupRecord b) => a == b || (a.FailedOn.SequenceEqual(b.FailedOn) && a with { FailedOn = b.FailedOn } == b);

    private static bool AreAlike<T>(IReadOnlyList<T> a, IReadOnlyList<T> b, Func<T, T, bool> isAlike)
    {
        if (ReferenceEquals(a, b))
            return true;
        if (a.Count != b.Count)
            return false;
        for (var i = 0; i < a.Count; i++)
            if (!isAlike(a[i], b[i]))
                return false;
        return true;
    }
}
