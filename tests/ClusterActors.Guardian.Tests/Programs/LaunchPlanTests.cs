using ClusterActors.Guardian.Programs;
using ClusterActors.Linux.Process;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ContainmentKind = ClusterActors.Model.Resources.Containment;

namespace ClusterActors.Guardian.Tests.Programs;

public sealed class LaunchPlanTests
{
    private static readonly LaunchTools Tools = new("/b/setpriv", "/b/sh", "/b/env", "/b/unshare", "/b/nsenter");

    private static readonly StartProgram Sample = new(
        "t1", default(Term), "web", "app", false, ["/opt/app", "a b", "$(reboot)"], ["A=1", "B=x y"], "/srv", "", ContainmentKind.Cgroup, "", 0);

    [Fact]
    public void Plan_must_end_in_the_exact_environment_and_arguments()
    {
        var plan = LaunchPlan.Arguments(Sample, Tools, 42, null, 0);

        Assert.Equal(["/b/env", "-i", "--", "A=1", "B=x y", "/opt/app", "a b", "$(reboot)"], plan.TakeLast(8));
        Assert.Equal(["/b/setpriv", "--pdeathsig", "KILL", "--", "/b/sh", "-c"], plan.Take(6));
        Assert.Equal(["clp-launch", "42", "/srv"], plan.Skip(7).Take(3));
    }

    [Fact]
    public void Plan_must_never_put_foreign_text_into_a_script()
    {
        var strange = Sample with { WorkingDirectory = "/srv/$(reboot)", Contain = ContainmentKind.PidNamespace };
        var other = Sample with { WorkingDirectory = "/", Contain = ContainmentKind.PidNamespace, Arguments = ["/bin/true"], Environment = [] };

        Assert.Equal(Scripts(LaunchPlan.Arguments(other, Tools, 1, null, 0)), Scripts(LaunchPlan.Arguments(strange, Tools, 1, null, 0)));
        Assert.Equal(2, Scripts(LaunchPlan.Arguments(strange, Tools, 1, null, 0)).Count);
    }

    [Fact]
    public void Plan_must_set_the_death_signal_again_after_a_change_of_account()
    {
        var plan = LaunchPlan.Arguments(Sample with { User = "web" }, Tools, 42, new Account("web", 33, 34), 0);

        Assert.Equal(
            ["/b/setpriv", "--reuid", "33", "--regid", "34", "--init-groups", "--pdeathsig", "KILL", "--", "/b/env"], plan.Skip(10).Take(10));
    }

    [Fact]
    public void Plan_must_let_a_helper_join_the_namespace_of_its_main_program()
    {
        var plan = LaunchPlan.Arguments(Sample with { Helper = true, Contain = ContainmentKind.PidNamespace }, Tools, 42, null, 77);

        Assert.Contains("/b/nsenter", plan);
        Assert.DoesNotContain("/b/unshare", plan);
        Assert.Equal("77", plan[plan.ToList().IndexOf("--target") + 1]);
    }

    [Theory]
    [InlineData("app", "A=1", "/", "absolute path")]
    [InlineData("/opt/a=b", "A=1", "/", "'='")]
    [InlineData("/opt/app", "A", "/", "NAME=value")]
    [InlineData("/opt/app", "=x", "/", "NAME=value")]
    [InlineData("/opt/app", "A=\0", "/", "null character")]
    [InlineData("/opt/app", "A=1", "srv", "absolute path")]
    public void Plan_must_refuse_what_the_chain_could_misread(string program, string entry, string directory, string reason)
    {
        var refusal = LaunchPlan.Refusal(Sample with { Arguments = [program], Environment = [entry], WorkingDirectory = directory });

        Assert.NotNull(refusal);
        Assert.Contains(reason, refusal);
    }

    [Fact]
    public void Plan_must_accept_the_ordinary_request() => Assert.Null(LaunchPlan.Refusal(Sample));

    private static List<string> Scripts(IReadOnlyList<string> plan) =>
        [.. plan.Zip(plan.Skip(1)).Where(pair => pair.First == "-c").Select(pair => pair.Second)];
}
