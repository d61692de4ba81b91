using ClusterActors.Cluster.Membership;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Arbitration;

/// <summary>Which servers a verdict is about. Pure.</summary>
internal static class SilentServers
{
    /// <summary>
    /// Gone without a word: not clean, not excluded in this term, not settled otherwise. One never heard counts once the start-up wait
    /// is over.
    /// </summary>
    public static IReadOnlyList<Member> Of(MembershipView view, IReadOnlyCollection<ServerName> settled) =>
        [.. view.Members.Where(m => !m.IsSelf && !m.IsExcluded && !settled.Contains(m.Server)
            && (m.State == ServerState.Down || (m.State == ServerState.Unknown && view.StartupWait is null)))];

    /// <summary>Excluded by silence in the term that this server raised. One never heard in this life may have left in order: not counted, nor one that another server hears by now.</summary>
    public static IReadOnlyList<Member> UnprovenOf(MembershipView view, IReadOnlyCollection<ServerName> settled) =>
        view.Term.Number == 0 || view.Term.ServerIndex != view.Own.Index
            ? []
            : [.. view.Members.Where(m => m is { IsSelf: false, IsExcluded: true, State: ServerState.Down } && !settled.Contains(m.Server) && !view.IsReceivedElsewhere(m))];

    /// <summary>Who takes part with this server, itself included: those that a raised term would carry.</summary>
    public static int Carried(MembershipView view) => view.Members.Count(m => m.IsSelf || m.State is ServerState.Up or ServerState.Suspected or ServerState.DaemonRestarting);

    /// <summary>
    /// Of two sides the one with more running groups, as last reported, fences first; with as many the one with the first server.
    /// Both sides judge by the same reports, so that they come to the same end.
    /// </summary>
    public static bool ShootsFirst(MembershipView view, IReadOnlyList<Member> silent)
    {
        var ours = view.Members.Except(silent).Sum(Running);
        var theirs = silent.Sum(Running);
        return ours != theirs ? ours > theirs : view.Members.Except(silent).Min(m => m.Index) < silent.Select(m => m.Index).DefaultIfEmpty(int.MaxValue).Min();
    }

    private static int Running(Member member) => member.LastReport?.Groups.Count(g => g.ActiveHere) ?? 0;
}
