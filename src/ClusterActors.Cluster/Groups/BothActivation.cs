using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Groups;

/// <summary>
/// The last word of the server that is to start a group, at the moment of the order: do the newest reports of its peers say that the group is active
/// there? The planner has asked the same of what the coordinator knew; this server may have heard more since. Pure, from what is known already:
/// nothing is sent, so a takeover is not delayed, and a server that is excluded, down and clean, or not heard is not asked, since the view would not
/// be valid if it could still run anything.
/// </summary>
internal static class BothActivation
{
    // Whose report it is makes no difference to what it says.
    private static readonly ServerName Anybody = new("-");

    /// <returns>The sentence of the refusal; null when no peer has it.</returns>
    public static string? WhyNot(MembershipView view, StartGroupOrder order) => ActiveOn(view, order.Group, order.Seen) is var (server, report)
        ? $"{order.Group} is active on {server} ({report.Record.State}), as {server} itself reports; {view.Self} does not start it beside that"
        : null;

    /// <param name="seen">The record that a decision was made from: a report of an older one does not count.</param>
    public static (ServerName Server, GroupReport Report)? ActiveOn(MembershipView view, GroupName group, GroupRecord? seen)
    {
        foreach (var peer in view.Members.Where(m => !m.IsSelf && !m.IsExcluded && m.TakesPart(view.Term)))
        {
            if (peer.Report!.Groups.FirstOrDefault(g => g.Record.Group == group) is { } report && MayRun(report) && !IsOlder(report.Record, seen))
                return (peer.Server, report);
        }

        return null;
    }

    private static bool MayRun(GroupReport report) => GroupView.From(report.Record.Group, [new(Anybody, report)]).Sightings[0].MayRun;

    /// <summary>The coordinator heard of that server's stop before this one did: an order can overtake a report.</summary>
    private static bool IsOlder(GroupRecord reported, GroupRecord? seen) =>
        seen is not null && (reported.Term < seen.Term || (reported.Term == seen.Term && reported.Generation < seen.Generation));
}
