using ClusterActors.Guardian.Programs;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Time;
using ContainmentKind = ClusterActors.Model.Resources.Containment;

namespace ClusterActors.Guardian.Tests.Programs;

/// <summary>What a started program finds around itself, and what is seen of its end.</summary>
public sealed class LaunchTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(ContainmentKind.Cgroup)]
    [InlineData(ContainmentKind.PidNamespace)]
    public void Program_must_get_exactly_its_arguments_and_environment(ContainmentKind contain)
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        string[] arguments = ["/bin/sh", "-c", "cat /proc/$$/cmdline; printf '|'; cat /proc/$$/environ", "a b", "it's \"quoted\"", "line\nbreak", "$(id)", "", "-x", "A=B", "ü"];
        string[] environment = ["A=1", "WITH SPACE=x  y", "dots.and-dashes=ok", "LINES=a\nb", "EMPTY=", "BASH_ENV=/nonexistent", "QUOTE='\"`$HOME"];
        var request = harness.Request(arguments, contain, environment: environment);

        harness.Started(request);

        Assert.Equal(0, harness.ExitOf(request.Ticket).ExitCode);
        Assert.Equal(string.Concat(arguments.Select(text => text + '\0')) + "|" + string.Concat(environment.Select(text => text + '\0')), harness.Output());
    }

    [Fact]
    public void Launcher_must_reset_what_a_real_time_guardian_has()
    {
        TableHarness.RequireRoot();
        TableHarness? harness = null;
        // The launcher thread inherits the class of the thread that makes the table, as it does in a real-time guardian.
        var thread = new RealtimeThread("rt-maker", SchedulingPolicy.RoundRobin, 5, () => harness = new TableHarness());
        var refused = thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(20)));
        using var table = harness!;
        Assert.SkipWhen(refused != 0, "needs the right to real-time scheduling");
        var request = table.Request(
            ["/bin/sh", "-c", "cat /proc/$$/stat; cat /proc/$$/oom_score_adj; ulimit -Sn; umask; pwd; ls /proc/$$/fd"],
            environment: ["PATH=/usr/bin:/bin"], directory: "/usr/lib");

        // A shell blocks signals while it waits for its children, so the masks are read by a program that is launched itself.
        var masks = table.Request(["/usr/bin/grep", "-hE", "SigBlk|SigIgn", "/proc/self/status"], resource: "masks");

        table.Started(request);
        table.ExitOf(request.Ticket);
        var lines = table.Output().Split('\n');
        var before = table.Output().Length;
        table.Started(masks);
        table.ExitOf(masks.Ticket);

        var stat = lines[0][(lines[0].LastIndexOf(')') + 2)..].Split(' ');
        Assert.Equal("0", stat[16]); // nice
        Assert.Equal("0", stat[37]); // rt_priority
        Assert.Equal("0", stat[38]); // policy
        Assert.Equal(stat[3], lines[0].Split(' ')[0]); // leader of its own session
        Assert.Equal("0", lines[1]);
        Assert.Equal("1024", lines[2]);
        Assert.Equal("0022", lines[3]);
        Assert.Equal("/usr/lib", lines[4]);
        Assert.Equal(["0", "1", "2"], lines[5..8]);
        Assert.Equal("", lines[8]);
        var signals = table.Output()[before..].Split('\n');
        Assert.Equal("0000000000000000", signals[0].Split('\t')[1]);
        // Signals 32 and 33 are the C library's own; its posix_spawn ignores them until the program's library takes them.
        Assert.Equal("0", $"{Convert.ToUInt64(signals[1].Split('\t')[1], 16) & ~0x180000000UL:x}");
    }

    [Fact]
    public void Program_must_run_as_its_account_and_keep_the_death_signal()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        // The signal is not inherited by children, so the program itself must be the one that shows it.
        var request = harness.Request(["/usr/bin/setpriv", "--dump"], user: "nobody");

        harness.Started(request);
        harness.ExitOf(request.Ticket);

        var account = AccountLookup.Find("nobody")!;
        var lines = harness.Output().Split('\n');
        Assert.Contains($"uid: {account.UserId}", lines);
        Assert.Contains($"gid: {account.GroupId}", lines);
        Assert.Contains("Parent death signal: KILL", lines);
    }

    [Fact]
    public void Start_must_be_refused_when_the_account_is_unknown()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();

        var answer = harness.Start(harness.Shell("true", user: "no-such-account-here"));

        Assert.Equal(StartResult.Refused, answer.Result);
        Assert.Contains("no-such-account-here", answer.Sentence);
    }

    [Theory]
    [InlineData(ContainmentKind.Cgroup)]
    [InlineData(ContainmentKind.PidNamespace)]
    public void Exit_must_be_told_with_code_or_signal(ContainmentKind contain)
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        var code = harness.Shell("exit 7", contain, "one");
        var signal = harness.Shell("kill -USR1 $$", contain, "two");
        var missing = harness.Request(["/no/such/program"], contain, "three");

        harness.Started(code);
        harness.Started(signal);
        harness.Started(missing);

        Assert.Equal((7, 0), (harness.ExitOf(code.Ticket).ExitCode, harness.ExitOf(code.Ticket).Signal));
        Assert.Equal((-1, 10), (harness.ExitOf(signal.Ticket).ExitCode, harness.ExitOf(signal.Ticket).Signal));
        Assert.Equal(127, harness.ExitOf(missing.Ticket).ExitCode);
        Assert.Contains("/no/such/program", harness.Output());
    }

    [Fact]
    public void Exit_must_be_seen_at_once()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        var launches = new List<double>();
        var exits = new List<double>();
        var cycles = new List<double>();
        for (var round = 0; round < 15; round++)
        {
            var request = harness.Request(["/bin/sleep", "300"], resource: $"r{round}");
            var before = BootClock.NowNanoseconds();
            harness.Started(request);
            launches.Add((BootClock.NowNanoseconds() - before) / 1e6);
            before = BootClock.NowNanoseconds();
            Assert.Null(harness.Table.Signal(request.Ticket, LinuxSignals.Kill));
            Assert.Equal(LinuxSignals.Kill, harness.ExitOf(request.Ticket).Signal);
            exits.Add((BootClock.NowNanoseconds() - before) / 1e6);
            before = BootClock.NowNanoseconds();
            var brief = harness.Request(["/bin/true"], resource: $"b{round}");
            harness.Started(brief);
            harness.ExitOf(brief.Ticket);
            cycles.Add((BootClock.NowNanoseconds() - before) / 1e6);
        }

        output.WriteLine($"start to answer, ms: {Figures(launches)}; SIGKILL to exit told, ms: {Figures(exits)}; start to exit of /bin/true, ms: {Figures(cycles)}");
        exits.Sort();
        // The bound is for a machine busy with other tests, and far below any interval of looking; idle it is under a millisecond.
        Assert.InRange(exits[exits.Count / 2], 0, 250);
    }

    [Fact]
    public void Ticket_must_start_one_program_however_often_it_is_asked_for()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        var request = harness.Shell("echo ran; sleep 300");
        var answers = new List<StartAnswer>();

        harness.Table.Start(request, answers.Add);
        harness.Table.Start(request, answers.Add);
        harness.Until(() => answers.Count == 2, "both answers");
        var again = harness.Start(request);
        var otherTicket = harness.Start(harness.Shell("echo ran; sleep 300"));
        harness.Kill();
        var afterwards = harness.Start(request);

        Assert.Equal(answers[0].ProcessId, answers[1].ProcessId);
        Assert.Equal((StartResult.AlreadyRunning, answers[0].ProcessId), (again.Result, again.ProcessId));
        Assert.Equal(StartResult.Refused, otherTicket.Result);
        Assert.Equal(StartResult.Refused, afterwards.Result);
        Assert.Contains("ended already", afterwards.Sentence);
        Assert.True(harness.Output().Split("ran").Length <= 2, harness.Output());
    }

    [Fact]
    public void Start_must_be_given_up_for_good_when_the_launcher_hangs()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness(options: new ProgramTableOptions(TimeSpan.FromMilliseconds(200)));
        // Opening a named pipe that nobody reads stands for a log folder on a disk that hangs.
        using var maker = new PidFd(ChildProcess.Spawn(new ChildOptions(["/usr/bin/mkfifo", harness.FilePath("stuck")], [])));
        harness.Until(() => maker.TryReap(out _), "named pipe made");
        var stuck = harness.Request(["/usr/bin/touch", harness.FilePath("ran")], log: "stuck");
        var behind = harness.Request(["/usr/bin/touch", harness.FilePath("ran")], resource: "behind");
        var answers = new List<StartAnswer>();

        harness.Table.Start(stuck, answers.Add);
        harness.Table.Start(behind, answers.Add);
        harness.Until(() => answers.Count == 2, "both answers");

        Assert.All(answers, answer => Assert.Equal(StartResult.Failed, answer.Result));
        Assert.Contains("launcher hangs", answers[0].Sentence);
        Assert.True(harness.Table.IsEmpty);

        using (new FileStream(harness.FilePath("stuck"), FileMode.Open, FileAccess.Read))
        {
            var later = harness.Request(["/bin/true"], resource: "later");
            harness.Until(() => harness.Start(later with { Ticket = Guid.NewGuid().ToString() }).Result == StartResult.Started, "launcher works again");
        }

        Assert.False(File.Exists(harness.FilePath("ran")));
        Assert.Single(harness.Exits.Select(exit => exit.Resource).Append("later").Distinct());
    }

    [Fact]
    public void Output_must_stay_bounded_while_the_program_runs()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        const int limit = 64 * 1024;
        // Writes ten times the limit, in portions, and says at its end so, again and again, since what is written during a cut is lost.
        var request = harness.Shell(
            "i=0; while [ $i -lt 10 ]; do head -c 65536 /dev/zero | tr '\\0' x; sleep 0.1; i=$((i+1)); done; while :; do echo; echo the end; sleep 0.2; done",
            limit: limit);

        harness.Started(request);
        harness.Until(() => harness.Output().Contains("the end"), "last line");
        harness.Until(() => new FileInfo(harness.FilePath("log")).Length <= limit, "file cut");

        var older = new FileInfo(harness.FilePath("log.1"));
        Assert.True(older.Exists);
        Assert.InRange(older.Length, 1, limit);
    }

    private static string Figures(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return $"min {sorted[0]:0.00} median {sorted[sorted.Length / 2]:0.00} max {sorted[^1]:0.00}";
    }
}
