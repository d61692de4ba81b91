using ClusterActors.Model.Planning;

namespace ClusterActors.Model.Tests.Planning;

/// <summary>What must hold for every plan, written down a second time without the planner's own code.</summary>
internal static class PlanRules
{
    public static void Check(Plan plan, ClusterView view, ClusterConfig config)
    {
        foreach (var group in config.Groups)
            Assert.True(plan.For(group.Name) is not null, $"nothing is said about {group.Name}");
        Assert.All(plan.Actions, a => Assert.NotEqual("", a.Because.Sentence));
        foreach (var action in plan.Orders)
        {
            var group = view.Groups.Single(g => g.Record.Group == action.Group);
            if (action is StartGroup start)
                MayStart(start, group, view, config);
            else if (action is MoveGroup move)
                MayMove(move, group, view);
        }

        // At most one order that could make somebody run the group, and none beside a stop elsewhere.
        foreach (var orders in plan.Orders.GroupBy(a => a.Group))
            Assert.True(orders.Count() == 1 || orders.All(o => o is StopGroup or MakeServerSafe), $"contradicting orders for {orders.Key}");
    }

    private static void MayStart(StartGroup start, GroupView group, ClusterView view, ClusterConfig config)
    {
        Assert.True(view.Standing.IsValid, "started in a view that is not valid");
        Assert.Null(view.StartupWait);
        Assert.Contains(start.Server, config.FindGroup(start.Group)!.Servers);
        foreach (var member in view.Members)
            Assert.True(IsOver(member, view) || SaysStopped(group, member), $"{start.Group} started although {member} has not said that it is stopped");
        if (group.Record.Owner is { } owner)
            Assert.True(SaysStopped(group, owner) && view.Members.Contains(owner) || IsOver(owner, view),
                $"{start.Group} started although the last owner {owner} may run it");
        MayTake(start.Server, group, view);
    }

    private static void MayMove(MoveGroup move, GroupView group, ClusterView view)
    {
        Assert.True(view.Standing.IsValid, "moved in a view that is not valid");
        Assert.NotEqual(move.From, move.To);
        Assert.DoesNotContain(group.Sightings, s => s.Server == move.From && s.State == GroupState.OfflineFailure);
        foreach (var member in view.Members.Where(m => m != move.From))
            Assert.True(IsOver(member, view) || SaysStopped(group, member), $"{move.Group} moved although {member} may run it too");
        if (group.Record.Owner is { } owner && owner != move.From)
            Assert.True(SaysStopped(group, owner) && view.Members.Contains(owner) || IsOver(owner, view), $"{move.Group} moved although {owner} may run it too");
        MayTake(move.To, group, view);
    }

    private static void MayTake(ServerName target, GroupView group, ClusterView view)
    {
        var server = view.Servers.Single(s => s.Name == target);
        Assert.Contains(target, view.Members);
        Assert.Equal(ServerState.Up, server.State);
        Assert.False(server.Leaving, "a leaving server takes nothing");
        Assert.Null(server.WhyNoStart);
        Assert.DoesNotContain(target, group.Record.FailedOn);
        Assert.DoesNotContain(view.Groups.SelectMany(g => g.Sightings), s => s.Server == target && s.ActiveHere && s.State == GroupState.OfflineFailure);
    }

    private static bool SaysStopped(GroupView group, ServerName server) =>
        group.Sightings.Any(s => s.Server == server && !s.ActiveHere && s.NotStopping.Count == 0);

    private static bool IsOver(ServerName server, ClusterView view) =>
        view.Servers.Any(s => s.Name == server && (s.State == ServerState.Clean || (s.GrantOver is not null && !view.Members.Contains(server))));
}
