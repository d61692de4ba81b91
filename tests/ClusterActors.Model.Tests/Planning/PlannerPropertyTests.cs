using ClusterActors.Model.Explain;
using ClusterActors.Model.Planning;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterActors.Model.Tests.Planning;

/// <summary>What must hold in any cluster whatsoever. A failure prints the shrunk list of choices; put it into a named test.</summary>
public sealed class PlannerPropertyTests
{
    private const int Rounds = 25;

    [Fact]
    public void Plan_must_never_start_what_runs_or_may_run_elsewhere() => ForAnyCluster((view, config, _) =>
    {
        var plan = Planner.Plan(view, config);
        PlanRules.Check(plan, view, config);
        Assert.Equal(plan, Planner.Plan(view, config));
    });

    [Fact]
    public void Plan_must_not_depend_on_the_order_of_reports() => ForAnyCluster((view, config, _) =>
    {
        var turned = view with
        {
            Members = [.. view.Members.Reverse()],
            Servers = [.. view.Servers.Reverse()],
            Groups = [.. view.Groups.Reverse().Select(g => g with { Sightings = [.. g.Sightings.Reverse()] })],
        };
        Assert.Equal(Headlines(Planner.Plan(view, config)), Headlines(Planner.Plan(turned, config)));
    });

    [Fact]
    public void Plans_must_come_to_rest_when_carried_out() => ForAnyCluster((view, config, _) => Play(view, config, () => false));

    [Fact]
    public void Plans_must_stay_safe_and_come_to_rest_when_starts_and_stops_fail() =>
        ForAnyCluster((view, config, choose) => Play(view, config, () => choose.Rarely(3)));

    [Fact]
    public void Carried_out_plan_must_not_be_ordered_again() => ForAnyCluster((view, config, _) =>
    {
        var plan = Planner.Plan(view, config);
        var next = Planner.Plan(PlanExecution.Apply(view, plan, () => false), config);
        Assert.Empty(plan.Orders.Select(Headline).Intersect(next.Orders.Select(Headline)));
    });

    private static void Play(ClusterView view, ClusterConfig config, Func<bool> fails)
    {
        var before = config.Groups.ToDictionary(g => g.Name, g => ActiveOn(view, g.Name));
        for (var round = 0; round < Rounds; round++)
        {
            var plan = Planner.Plan(view, config);
            PlanRules.Check(plan, view, config);
            if (!plan.Orders.Any() && plan.SettledWishes.IsEmpty)
                return;
            view = PlanExecution.Apply(view, plan, fails);
            foreach (var group in config.Groups)
            {
                var now = ActiveOn(view, group.Name);
                Assert.True(now <= Math.Max(1, before[group.Name]), $"{group.Name} became active on {now} servers in round {round}");
                before[group.Name] = now;
            }
        }

        Assert.Fail($"after {Rounds} rounds there is still something to do:\n" + string.Join('\n', Headlines(Planner.Plan(view, config))));
    }

    private static int ActiveOn(ClusterView view, GroupName group) =>
        view.Groups.Single(g => g.Record.Group == group).Sightings.Count(s => s.ActiveHere
            && view.Members.Contains(s.Server) && view.Servers.Single(v => v.Name == s.Server).State != ServerState.Clean);

    private static List<string> Headlines(Plan plan) => [.. plan.Actions.Select(Headline).Order(StringComparer.Ordinal)];

    private static string Headline(PlannedAction action)
    {
        var line = PlanText.Lines(action).First();
        return line[..line.IndexOf(':', StringComparison.Ordinal)];
    }

    private static void ForAnyCluster(Action<ClusterView, ClusterConfig, ChoiceStream> check)
    {
        var lists = Gen.Choose(0, 1_000_000).ArrayOf(120).ToArbitrary();
        Prop.ForAll(lists, numbers =>
        {
            var choose = new ChoiceStream(numbers);
            var (view, config) = RandomCluster.Make(choose);
            check(view, config, choose);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000));
    }
}
