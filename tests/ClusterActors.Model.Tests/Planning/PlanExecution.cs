using ClusterActors.Model.Planning;
using ClusterActors.Model.Resources;

namespace ClusterActors.Model.Tests.Planning;

/// <summary>Plays a plan on a view, as the coordinator and the owners would, and gives the view that follows.</summary>
internal static class PlanExecution
{
    /// <param name="fails">Asked for each start and stop whether it fails.</param>
    public static ClusterView Apply(ClusterView view, Plan plan, Func<bool> fails)
    {
        foreach (var order in plan.Orders)
            view = order switch
            {
                StartGroup start => Start(view, start.Group, start.Server, start.Cause, fails()),
                StopGroup stop => Stop(view, stop.Group, stop.Server, fails()),
                MoveGroup move => Move(view, move, fails),
                MakeServerSafe safe => MakeSafe(view, safe.Server),
                _ => view,
            };
        foreach (var group in plan.SettledWishes)
            view = Change(view, group, g => g with { Record = g.Record with { WishedServer = null } });
        return view;
    }

    private static ClusterView Move(ClusterView view, MoveGroup move, Func<bool> fails) =>
        fails() ? Stop(view, move.Group, move.From, fails: true)
        : Start(Stop(view, move.Group, move.From, fails: false), move.Group, move.To, move.Cause, fails());

    private static ClusterView Start(ClusterView view, GroupName group, ServerName server, StartCause cause, bool fails) =>
        Change(view, group, g => Seen(g, server, fails ? GroupState.OnlineFailure : GroupState.Online, active: true) with
        {
            Record = g.Record with
            {
                Owner = server,
                Term = view.Term,
                State = fails ? GroupState.OnlineFailure : GroupState.Online,
                Failovers = g.Record.Failovers + (cause == StartCause.Failover ? 1 : 0),
                FailedOn = fails ? [.. g.Record.FailedOn.Union([server])] : g.Record.FailedOn,
            },
        });

    private static ClusterView Stop(ClusterView view, GroupName group, ServerName server, bool fails) =>
        Change(view, group, g => Seen(g, server, fails ? GroupState.OfflineFailure : GroupState.Offline, active: fails) with
        {
            Record = g.Record.Owner == server || fails
                ? g.Record with { State = fails ? GroupState.OfflineFailure : GroupState.Offline, Owner = server }
                : g.Record,
        });

    private static ClusterView MakeSafe(ClusterView view, ServerName server) => view with
    {
        Members = [.. view.Members.Where(m => m != server)],
        Servers = [.. view.Servers.Select(s => s.Name == server ? s with { State = ServerState.Clean } : s)],
        Groups = [.. view.Groups.Select(g => g with { Sightings = [.. g.Sightings.Where(s => s.Server != server)] })],
    };

    private static GroupView Seen(GroupView group, ServerName server, GroupState state, bool active) => group with
    {
        Sightings =
        [
            .. group.Sightings.Where(s => s.Server != server),
            new GroupSighting(server, state, active, new Term(9, 0), state == GroupState.OfflineFailure ? [new ResourceName("r")] : []),
        ],
    };

    private static ClusterView Change(ClusterView view, GroupName group, Func<GroupView, GroupView> change) =>
        view with { Groups = [.. view.Groups.Select(g => g.Record.Group == group ? change(g) : g)] };
}
