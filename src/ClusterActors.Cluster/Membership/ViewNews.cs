using ClusterActors.Cluster.Wire;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Membership;

/// <summary>
/// Whether a view says anything else than the one before. Reports come every few seconds from each server and mostly repeat the last; what is decided
/// from two views without news between them is the same, but for the age of the reports.
/// </summary>
internal static class ViewNews
{
    public static bool Between(MembershipView before, MembershipView now) => before.Self != now.Self
        || before.GuardianConnected != now.GuardianConnected
        || before.Term != now.Term
        || before.Grant != now.Grant
        || before.GrantReason != now.GrantReason
        || before.IsAdopted != now.IsAdopted
        || before.WasExcluded != now.WasExcluded
        || before.Hold != now.Hold
        || before.StartupWait != now.StartupWait
        || !ReferenceEquals(before.Wishes, now.Wishes)
        || !before.Channels.SequenceEqual(now.Channels)
        || !before.Devices.SequenceEqual(now.Devices)
        || !AreAlike(before.Members, now.Members, IsAlike);

    private static bool IsAlike(Member a, Member b) => a.Server == b.Server && a.Index == b.Index && a.IsSelf == b.IsSelf && a.State == b.State
        && a.Incarnation == b.Incarnation && a.Term == b.Term && a.IsUnclean == b.IsUnclean && a.HasPromised == b.HasPromised && a.MayExclude == b.MayExclude
        && a.IsExcluded == b.IsExcluded && a.LinkUp == b.LinkUp && a.LinkConfigHash == b.LinkConfigHash && a.Detail == b.Detail
        && IsAlike(a.Report, b.Report);

    /// <summary>All but the sequence, and what is for status only.</summary>
    private static bool IsAlike(ServerReport? a, ServerReport? b) => ReferenceEquals(a, b)
        || (a is not null && b is not null && a.Server == b.Server && a.Incarnation == b.Incarnation && a.Term == b.Term && a.ConfigHash == b.ConfigHash
            && a.Ready == b.Ready && a.Leaving == b.Leaving && a.Grant == b.Grant && a.Out.SequenceEqual(b.Out) && AreAlike(a.Groups, b.Groups, IsAlike));

    private static bool IsAlike(GroupReport a, GroupReport b) =>
        ReferenceEquals(a, b) || (a.ActiveHere == b.ActiveHere && IsAlike(a.Record, b.Record) && a.Resources.SequenceEqual(b.Resources));

    private static bool IsAlike(GroupRecord a, GroupRecord b) =>
        a == b || (a.FailedOn.SequenceEqual(b.FailedOn) && a with { FailedOn = b.FailedOn } == b);

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
