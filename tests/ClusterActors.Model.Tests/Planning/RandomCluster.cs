using ClusterActors.Model.Planning;
using ClusterActors.Model.Resources;

namespace ClusterActors.Model.Tests.Planning;

/// <summary>Clusters of 2 to 4 servers and 1 to 3 groups in every state, contradictory ones among them.</summary>
internal static class RandomCluster
{
    private static readonly SourceLocation Nowhere = new("random", 0);

    public static (ClusterView View, ClusterConfig Config) Make(ChoiceStream choose)
    {
        var servers = Enumerable.Range(1, 2 + choose.Below(3)).Select(i => new ServerName($"server{i}")).ToList();
        var groups = Enumerable.Range(1, 1 + choose.Below(3)).Select(i => Group(choose, i, servers)).ToList();
        var config = PlannerGiven.Config("h1", choose.Of(PartitionPolicy.TakeOver, PartitionPolicy.Hold), servers, groups);
        var views = servers.Select(s => Server(choose, s)).ToList();
        var members = views.Where(v => v.State is not (ServerState.Unknown or ServerState.Clean) && v.GrantOver is null && !choose.Rarely(8)).Select(v => v.Name).ToList();
        var standing = choose.Rarely(8) ? new ViewStanding(false, "too few") : new ViewStanding(true, "accepted");
        var wait = choose.Rarely(10) ? new StartupWait([servers[0]], TimeSpan.FromSeconds(9)) : null;
        var view = new ClusterView(new Term(9, 0), members, standing, views, [.. groups.Select(g => View(choose, g, servers))], wait, choose.Rarely(10));
        return (view, config);
    }

    private static GroupConfig Group(ChoiceStream choose, int number, List<ServerName> servers)
    {
        var order = servers.Where((_, i) => i == 0 || !choose.Rarely(5)).ToList();
        if (choose.Rarely(2))
            order.Reverse();
        var resource = new ResourceConfig(new ResourceName("r"), "fip", 0, [], 0, 0, FinalAction.NoOperation, 0,
            choose.Of(FinalAction.StopDaemon, FinalAction.StopDaemonAndShutDown, FinalAction.NoOperation), ResourceParameters.Empty, Nowhere);
        return new GroupConfig(new GroupName($"group{number}"), order,
            choose.Of(StartUp.Auto, StartUp.Manual),
            choose.Of(FailoverMode.Auto, FailoverMode.Auto, FailoverMode.Manual),
            choose.Of(FailbackMode.Manual, FailbackMode.Auto),
            choose.Of(Exclusion.None, Exclusion.Normal, Exclusion.Absolute),
            number > 1 && choose.Rarely(4) ? [new GroupName($"group{number - 1}")] : [],
            TimeSpan.FromSeconds(1800), choose.Below(3), [resource], Nowhere)
        {
            FailbackHoldDown = TimeSpan.FromSeconds(choose.Of(0, 300)),
        };
    }

    private static ServerView Server(ChoiceStream choose, ServerName name)
    {
        var state = choose.Of(ServerState.Up, ServerState.Up, ServerState.Up, ServerState.Down, ServerState.Suspected, ServerState.DaemonRestarting, ServerState.Clean, ServerState.Unknown);
        return new ServerView(name, state,
            state is ServerState.Down or ServerState.Unknown && choose.Rarely(2) ? "proved" : null,
            choose.Rarely(10) ? "h2" : "h1",
            choose.Rarely(8))
        {
            UpFor = choose.Rarely(2) ? null : TimeSpan.FromSeconds(choose.Of(0, 299, 300)),
            Mode = choose.Rarely(6) ? choose.Of(ServerMode.Standby, ServerMode.Maintenance) : ServerMode.Normal,
        };
    }

    private static GroupView View(ChoiceStream choose, GroupConfig group, List<ServerName> servers)
    {
        var owner = choose.Rarely(4) ? (ServerName?)null : servers[choose.Below(servers.Count)];
        var state = choose.Of(GroupState.Online, GroupState.Offline, GroupState.OnlineFailure, GroupState.OnlinePending, GroupState.OfflinePending, GroupState.OfflineFailure, GroupState.Unknown);
        var record = GroupRecord.Initial(group.Name) with
        {
            Owner = owner,
            State = owner is null ? GroupState.Offline : state,
            Term = new Term((ulong)choose.Below(5), 0),
            Wish = choose.Of(GroupWish.Default, GroupWish.Started, GroupWish.Stopped),
            WishedServer = choose.Rarely(4) ? servers[choose.Below(servers.Count)] : null,
            Failovers = choose.Below(2),
            FailedOn = [.. servers.Where(_ => choose.Rarely(6))],
        };
        var sightings = servers.Where(_ => !choose.Rarely(12)).Select(s =>
        {
            var active = s == owner ? !choose.Rarely(3) : choose.Rarely(12);
            return new GroupSighting(s, record.State, active, record.Term, active && record.State == GroupState.OfflineFailure ? [new ResourceName("r")] : []);
        });
        return new GroupView(record, [.. sightings], choose.Rarely(8));
    }
}
