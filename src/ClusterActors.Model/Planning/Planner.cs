using System.Collections.Immutable;
using ClusterActors.Model.Events;

namespace ClusterActors.Model.Planning;

/// <summary>
/// Decides what each group should do next. Pure: the same view and configuration give the same plan, on every server, in
/// simulation and in tests.
/// <para>Intuition: for each group, first see where it runs or may run; only when it provably runs nowhere, see whether it should
/// run; only then choose a server. Each step that ends the search says why.</para>
/// <para>Invariant: a group is started only when every member reports it stopped and its last owner either is one of them or has
/// provably lost its right to run groups. It holds because <c>StartGroup</c> is made in one place (<see cref="StoppedGroup"/>) behind
/// these checks, and <c>MoveGroup</c> only from the one server that has the group.</para>
/// </summary>
public static class Planner
{
    /// <summary>Makes the plan. Any server may ask (for explanations); only <see cref="Plan.Coordinator"/> carries it out.</summary>
    public static Plan Plan(ClusterView view, ClusterConfig config)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(config);
        var state = new PlanningState(view, config);
        NoticeConfigurations(state);

        // Groups that run somewhere are decided first: where they are and go is what exclusions of the others depend on.
        var actions = new List<PlannedAction>();
        foreach (var group in config.Groups.Where(g => RunsSomewhere(state, g.Name)))
            actions.AddRange(RunningGroup.Decide(state, group));
        foreach (var group in config.Groups.Where(g => !RunsSomewhere(state, g.Name)))
            actions.Add(StoppedGroup.Decide(state, group));
        foreach (var group in view.Groups.Where(g => config.FindGroup(g.Record.Group) is null && RunsSomewhere(state, g.Record.Group)))
            actions.Add(new Hold(group.Record.Group, new Because(
                "runs but is not in the configuration; stop it by hand or put it back", [], group.CauseId)));

        return new Plan(
            Coordinator(state),
            view.Term,
            [.. actions.OrderBy(Phase)],
            state.SettledWishes,
            state.Notices);
    }

    /// <summary>The one the view names, else the first member, in configured order, whose daemon runs.</summary>
    private static ServerName? Coordinator(PlanningState state) => state.View.Coordinator ??
        state.Config.Servers
            .Select(s => s.Name)
            .FirstOrDefault(s => state.IsMember(s) && state.Server(s).State is ServerState.Up or ServerState.Suspected);

    private static bool RunsSomewhere(PlanningState state, GroupName name)
    {
        var group = state.Group(name);
        return group.Sightings.Any(s => state.EvidenceOf(group, s.Server) == Evidence.Active);
    }

    private static int Phase(PlannedAction action) => action switch
    {
        StopGroup or MakeServerSafe => 0,
        MoveGroup => 1,
        StartGroup => 2,
        _ => 3,
    };

    private static void NoticeConfigurations(PlanningState state)
    {
        if (Coordinator(state) is not { } coordinator)
            return;
        foreach (var other in state.DifferentlyConfigured)
            state.Notice(CaEvents.ConfigurationDiffers(coordinator.Value, ConfigHash.Short(state.Config.Hash), other.Name.Value, ConfigHash.Short(other.ConfigHash!)));
    }
}
