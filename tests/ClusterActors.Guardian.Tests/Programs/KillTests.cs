using ClusterActors.Guardian.Programs;
using ClusterActors.Linux.Process;
using ContainmentKind = ClusterActors.Model.Resources.Containment;

namespace ClusterActors.Guardian.Tests.Programs;

/// <summary>Ending programs with everything they started.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    /// <summary>Of <see cref="ProgramTable"/>: from then on a late member is killed too.</summary>
    private static readonly TimeSpan KillsAreRepeatedAfter = TimeSpan.FromMilliseconds(50);

    /// <summary>A main process, a child, and two processes that left session and parent behind.</summary>
    internal const string Tree = "(setsid sh -c 'sleep 300 & sleep 300' </dev/null >/dev/null 2>&1 &); sleep 300 & echo ready; sleep 300";

    [Theory]
    [InlineData(ContainmentKind.Cgroup, false)]
    [InlineData(ContainmentKind.PidNamespace, false)]
    [InlineData(ContainmentKind.Cgroup, true)]
    public void Kill_must_end_daemonised_grandchildren_too(ContainmentKind contain, bool withoutKillFile)
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness(withoutKillFile);
        var request = harness.Shell(Tree, contain);
        harness.Started(request);
        harness.Until(() => harness.Output().Contains("ready") && harness.Group.Processes().Count >= 5, "whole tree");
        var processes = harness.Group.Processes();

        var report = harness.Kill();

        output.WriteLine($"{contain}, cgroup.kill {!withoutKillFile}: {report.Sentence}, {processes.Count} processes");
        Assert.True(report.Empty, report.Sentence);
        Assert.Equal(LinuxSignals.Kill, harness.ExitOf(request.Ticket).Signal);
        // The first process of a namespace has left user mode and its group, but waits in the kernel until the others are reaped.
        harness.Until(() => !processes.Any(Runs), "all processes gone");
        harness.Until(() => !harness.Root.Resource("web", "app").Exists, "control group removed");
        Assert.True(harness.Table.IsEmpty);
    }

    /// <summary>Anybody can remove it while it is empty: reading on in the removed one ended the guardian, or would have told nothing of the next.</summary>
    [Fact]
    public void Kill_of_all_must_be_judged_by_the_control_group_that_is_there_after_its_removal()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        Assert.True(harness.Group.TryRemoveAlone());
        Assert.True(KillAll(harness).Empty);
        harness.Table.AllowStarts();

        Assert.True(harness.Group.TryRemoveAlone());
        harness.Started(harness.Shell(Tree));
        harness.Until(() => harness.Output().Contains("ready") && harness.Group.Processes().Count >= 5, "whole tree");
        var processes = harness.Group.Processes();
        Assert.False(harness.Table.IsEmpty);
        Assert.True(KillAll(harness).Empty);
        Assert.DoesNotContain(processes, Runs);
        Assert.True(harness.Table.IsEmpty);
    }

    [Fact]
    public void Kill_must_leave_other_resources_alone()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        harness.Started(harness.Request(["/bin/sleep", "300"], resource: "other"));
        harness.Started(harness.Shell(Tree));

        var report = harness.Kill();

        Assert.True(report.Empty, report.Sentence);
        Assert.Equal("other", Assert.Single(harness.Table.Programs()).Resource);
    }

    [Theory]
    [InlineData(ContainmentKind.Cgroup)]
    [InlineData(ContainmentKind.PidNamespace)]
    public void Stop_must_reach_a_program_without_a_handler(ContainmentKind contain)
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        var request = harness.Request(["/bin/sleep", "300"], contain);
        harness.Started(request);
        KillReport? report = null;
        // In a process namespace there is nothing to signal for the first milliseconds, and the refusal says so.
        harness.Until(
            () => harness.Table.Stop(request.Ticket, LinuxSignals.Terminate, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15), given => report = given) is null,
            "signal accepted");

        harness.Until(() => report is not null, "report");

        Assert.True(report!.Empty, report.Sentence);
        Assert.Equal(LinuxSignals.Terminate, harness.ExitOf(request.Ticket).Signal);
    }

    [Fact]
    public void Stop_must_kill_after_its_limit_when_the_program_ignores_the_signal()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        var request = harness.Shell("trap '' TERM; echo ready; while :; do sleep 1; done");
        harness.Started(request);
        harness.Until(() => harness.Output().Contains("ready"), "handler installed");
        KillReport? report = null;

        Assert.Null(harness.Table.Stop(request.Ticket, LinuxSignals.Terminate, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(15), given => report = given));
        harness.Until(() => report is not null, "report");

        Assert.True(report!.Empty, report.Sentence);
        Assert.Equal(LinuxSignals.Kill, harness.ExitOf(request.Ticket).Signal);
    }

    [Fact]
    public void Stop_must_kill_the_daemons_that_the_main_process_leaves()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        var request = harness.Shell(Tree);
        harness.Started(request);
        harness.Until(() => harness.Group.Processes().Count >= 5, "whole tree");
        KillReport? report = null;

        Assert.Null(harness.Table.Stop(request.Ticket, LinuxSignals.Terminate, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15), given => report = given));
        harness.Until(() => report is not null, "report");

        Assert.True(report!.Empty, report.Sentence);
        Assert.Empty(harness.Group.Processes());
    }

    [Fact]
    public void Daemons_must_keep_running_in_their_containment_after_a_start_script_ended()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        var script = harness.Shell("(setsid sleep 300 </dev/null >/dev/null 2>&1 &); exit 0", helper: true);
        harness.Started(script);
        Assert.Equal(0, harness.ExitOf(script.Ticket).ExitCode);

        Assert.False(harness.Table.IsEmpty);
        Assert.Single(harness.Group.Processes());
        Assert.True(harness.Kill().Empty);
        Assert.True(harness.Table.IsEmpty);
    }

    [Fact]
    public void Helper_must_see_its_main_program_in_a_process_namespace()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        harness.Started(harness.Shell("echo $$ > " + harness.FilePath("pid") + "; exec sleep 300", ContainmentKind.PidNamespace));
        harness.Until(() => File.Exists(harness.FilePath("pid")) && File.ReadAllText(harness.FilePath("pid")).EndsWith('\n'), "main program runs");
        var helper = harness.Shell("cat /proc/$(cat pid)/comm", ContainmentKind.PidNamespace, helper: true, log: "helper") with { WorkingDirectory = harness.Folder };

        harness.Started(helper);

        Assert.Equal(0, harness.ExitOf(helper.Ticket).ExitCode);
        Assert.Equal("sleep\n", harness.Output("helper"));
    }

    [Fact]
    public void KillAll_must_catch_starts_under_way_and_refuse_new_ones()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        var answers = new List<StartAnswer>();
        harness.Started(harness.Shell(Tree, resource: "before"));
        for (var index = 0; index < 8; index++)
            harness.Table.Start(harness.Shell("sleep 300", resource: $"r{index}"), answers.Add);
        KillReport? report = null;

        harness.Table.KillAll(TimeSpan.FromSeconds(20), given => report = given);
        var late = harness.Start(harness.Shell("echo late", resource: "late"));
        harness.Until(() => report is not null && answers.Count == 8, "report and answers");

        output.WriteLine(report!.Sentence);
        Assert.True(report.Empty, report.Sentence);
        Assert.Equal(StartResult.Refused, late.Result);
        harness.Until(() => harness.Table.IsEmpty, "all exits told");
        Assert.Empty(harness.Group.Processes());
        Assert.Equal(1 + answers.Count(answer => answer.Result == StartResult.Started), harness.Exits.Count);

        harness.Table.AllowStarts();
        Assert.Equal(StartResult.Started, harness.Start(harness.Shell("true", resource: "after")).Result);
    }

    [Fact]
    public void Kill_must_name_the_survivors_at_its_limit()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        KillReport report;
        int survivor;
        do
        {
            var process = harness.Started(harness.Request(["/bin/sleep", "300"]));
            var directory = GroupOf(process, harness.Group);

            // Nothing can be made to live through SIGKILL, so a process that comes after the signals stands for one that does not die.
            using var late = System.Diagnostics.Process.Start("/bin/sleep", "300");
            survivor = late.Id;
            KillReport? given = null;
            harness.Table.Kill("web", "app", TimeSpan.FromSeconds(-1), told => given = told);
            directory.Add(survivor);
            harness.Until(() => given is not null, "report");
            report = given!;
            late.Kill();
            late.WaitForExit();
        }
        while (report.Duration >= KillsAreRepeatedAfter);

        Assert.False(report.Empty, report.Sentence);
        Assert.Contains(survivor, report.SurvivingProcesses);
        Assert.Contains($"{survivor} (sleep) ", report.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Clean_up_must_kill_what_an_earlier_guardian_left()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        harness.Started(harness.Shell(Tree));
        harness.Until(() => harness.Group.Processes().Count >= 5, "whole tree");

        var report = ContainmentRoot.Open(harness.Instance, "/nonexistent").CleanUp(TimeSpan.FromSeconds(15));

        output.WriteLine(report.Sentence);
        Assert.True(report.Empty, report.Sentence);
        Assert.Empty(harness.Group.Processes());
    }

    [Fact]
    public void Names_must_never_collide_or_leave_their_directory()
    {
        string[] names = ["a", "A", "a.b", "a%2eb", "..", ".", "a/b", "cgroup.procs", "ü", "a b"];

        var encoded = names.Select(ContainmentRoot.Encode).ToArray();

        Assert.Equal(names.Length, encoded.Distinct().Count());
        Assert.All(encoded, name => Assert.Matches("^[A-Za-z0-9%_-]+$", name));
    }

    private static CgroupDirectory GroupOf(int process, CgroupDirectory root) => new(Path.GetDirectoryName(
        Directory.EnumerateFiles(root.Path, "cgroup.procs", SearchOption.AllDirectories).Single(file => File.ReadLines(file).Contains($"{process}")))!);

    private static KillReport KillAll(TableHarness harness)
    {
        KillReport? report = null;
        harness.Table.KillAll(TimeSpan.FromSeconds(5), given => report = given);
        harness.Until(() => report is not null, "report of the kill of all");
        return report!;
    }

    internal static bool Runs(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
