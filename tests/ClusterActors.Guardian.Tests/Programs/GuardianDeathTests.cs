using ClusterActors.Linux.Process;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ContainmentKind = ClusterActors.Model.Resources.Containment;

namespace ClusterActors.Guardian.Tests.Programs;

/// <summary>Nothing that a guardian started outlives it.</summary>
public sealed class GuardianDeathTests(ITestOutputHelper output)
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData(ContainmentKind.Cgroup, "")]
    [InlineData(ContainmentKind.Cgroup, "nobody")]
    [InlineData(ContainmentKind.PidNamespace, "")]
    public void Programs_must_die_with_a_killed_guardian(ContainmentKind contain, string user)
    {
        TableHarness.RequireRoot();
        using var scene = new Scene(contain, silence: null, user);

        var start = BootClock.NowNanoseconds();
        scene.Guardian.Signal(LinuxSignals.Kill);
        scene.WaitUntilEmpty();

        output.WriteLine($"{contain} {user}: {scene.Processes.Count} processes gone {(BootClock.NowNanoseconds() - start) / 1e6:0.0} ms after SIGKILL of the guardian");
        scene.WaitFor(() => !scene.Processes.Any(KillTests.Runs), "all processes gone");
        scene.WaitFor(() => File.Exists(Path.Combine(scene.Folder, "restarted")), "restart command of the reaper");
    }

    [Fact]
    public void Programs_must_die_when_everything_in_the_guardians_own_control_group_is_killed_at_once()
    {
        TableHarness.RequireRoot();
        using var scene = new Scene(ContainmentKind.Cgroup, silence: null, "", unit: true);
        Assert.Contains(scene.Guardian.ProcessId, scene.Unit!.Processes());

        var start = BootClock.NowNanoseconds();
        scene.Unit.Kill();
        scene.WaitUntilEmpty();

        output.WriteLine($"{scene.Processes.Count} processes gone {(BootClock.NowNanoseconds() - start) / 1e6:0.0} ms after the kill of the guardian's control group");
        scene.WaitFor(() => File.Exists(Path.Combine(scene.Folder, "restarted")), "restart command of the reaper");
    }

    [Fact]
    public void Programs_must_die_when_the_guardian_stands_still_for_the_silence_configured()
    {
        TableHarness.RequireRoot();
        using var scene = new Scene(ContainmentKind.Cgroup, TimeSpan.FromMilliseconds(400), "");

        var start = BootClock.NowNanoseconds();
        scene.Guardian.Signal(LinuxSignals.Stop);
        scene.WaitUntilEmpty();

        output.WriteLine($"programs gone {(BootClock.NowNanoseconds() - start) / 1e6:0.0} ms after SIGSTOP of the guardian, silence 400 ms");
        Assert.True(KillTests.Runs(scene.Reaper));
    }

    [Fact]
    public void Reaper_must_be_replaced_when_it_is_killed()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        var told = new List<string>();
        harness.Table.StartReaper(new Guardian.Programs.ReaperOptions(null, []), told.Add);
        var first = harness.Table.ReaperProcessId;
        using var reaper = new PidFd(first);

        reaper.Signal(LinuxSignals.Kill);
        harness.Until(() => told.Count == 1, "loss told");

        Assert.NotEqual(first, harness.Table.ReaperProcessId);
        Assert.True(KillTests.Runs(harness.Table.ReaperProcessId));
        Assert.DoesNotContain(harness.Table.ReaperProcessId, harness.Group.Processes());
    }

    [Fact]
    public void Reaper_must_leave_without_a_kill_when_it_is_dismissed()
    {
        TableHarness.RequireRoot();
        using var harness = new TableHarness();
        harness.Table.StartReaper(new Guardian.Programs.ReaperOptions(null, []), _ => { });
        using var reaper = new PidFd(harness.Table.ReaperProcessId);
        harness.Started(harness.Request(["/bin/sleep", "300"]));
        Assert.Throws<InvalidOperationException>(harness.Table.DismissReaper);
        harness.Kill();

        harness.Table.DismissReaper();
        // No longer the table's, so this test reaps it.
        harness.Until(() => !KillTests.Runs(reaper.ProcessId), "reaper gone");
        Assert.True(reaper.TryReap(out var status));
        Assert.Equal(0, status.ExitCode);
    }

    /// <summary>A guardian process with one program whose tree is complete.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly CgroupDirectory _group;

        public Scene(ContainmentKind contain, TimeSpan? silence, string user, bool unit = false)
        {
            var instance = "test-" + Guid.NewGuid().ToString("N");
            _group = TableHarness.OwnGroup(instance);
            // The program's folder and log must be reachable for its account.
            File.SetUnixFileMode(Folder, (UnixFileMode)0x1FF);
            if (unit)
            {
                Unit = new CgroupDirectory(_group.Path + "-unit");
                Unit.Create();
            }

            Guardian = GuardianProcess.Start(instance, Folder, contain, silence, user, Unit);
            try
            {
                int reaper = 0;
                WaitFor(() => File.Exists(Path.Combine(Folder, "reaper")) && int.TryParse(File.ReadAllText(Path.Combine(Folder, "reaper")), out reaper), "reaper of the guardian");
                Reaper = reaper;
                WaitFor(() => _group.Processes().Count >= 5 && File.Exists(Path.Combine(Folder, "answer")), "program's whole tree");
            }
            catch
            {
                // Nobody gets an object to dispose of: its processes would stay.
                Dispose();
                throw;
            }

            Processes = _group.Processes();
        }

        public string Folder { get; } = Directory.CreateTempSubdirectory("clp-guardian-").FullName;

        public PidFd Guardian { get; }

        /// <summary>The guardian's own control group, when it has one.</summary>
        public CgroupDirectory? Unit { get; }

        public IReadOnlyList<int> Processes { get; }

        public int Reaper { get; }

        public void WaitUntilEmpty()
        {
            using var events = _group.OpenEvents();
            using var poll = new PollSet(1);
            poll.Add(events.FileDescriptor, PollEvents.Priority);
            var end = BootClock.NowNanoseconds() + (20 * Second);
            while (events.IsPopulated())
            {
                Assert.True(BootClock.NowNanoseconds() < end, $"processes {string.Join(' ', _group.Processes())} live");
                poll.WaitUntil(end);
            }
        }

        public void Dispose()
        {
            Guardian.Signal(LinuxSignals.Kill);
            Guardian.Signal(LinuxSignals.Continue);
            WaitFor(() => Guardian.TryReap(out _), "end of the guardian");
            _group.Kill();
            if (Reaper != 0)
                WaitFor(() => !KillTests.Runs(Reaper), "end of the reaper");
            WaitFor(() => !_group.IsPopulated() && _group.TryRemove(), "empty control group");
            WaitFor(() => new CgroupDirectory(_group.Path + ".reaper").TryRemove() && Unit?.TryRemove() != false, "empty control groups of reaper and guardian");
            Guardian.Dispose();
            Directory.Delete(Folder, recursive: true);
        }

        public void WaitFor(Func<bool> condition, string what)
        {
            using var poll = new PollSet(1);
            var end = BootClock.NowNanoseconds() + (20 * Second);
            while (!condition())
            {
                Assert.True(BootClock.NowNanoseconds() < end, $"waited 20 s for: {what}; {File.ReadAllText(Path.Combine(Folder, "guardian.log"))}");
                poll.WaitUntil(BootClock.NowNanoseconds() + 2_000_000);
            }
        }
    }
}
