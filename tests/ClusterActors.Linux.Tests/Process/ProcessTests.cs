using ClusterActors.Linux.Process;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Tests.Process;

public sealed class ProcessTests
{
    [Theory]
    [InlineData("exit 0", 0, 0)]
    [InlineData("exit 255", 255, 0)]
    [InlineData("kill -SEGV $$", -1, 11)]
    public void Child_must_be_reaped_with_its_own_status(string script, int code, int signal)
    {
        using var child = Shell(script);

        Assert.Equal(new ExitStatus(code, signal), WaitForEnd(child));
        Assert.Equal(Errno.NoSuchProcess, child.Signal(LinuxSignals.Kill));
    }

    [Fact]
    public void Running_child_must_not_be_reaped()
    {
        using var child = Shell("sleep 300");

        Assert.False(child.TryReap(out _));
        Assert.Equal(0, child.Signal(LinuxSignals.Kill));
        Assert.Equal(new ExitStatus(-1, LinuxSignals.Kill), WaitForEnd(child));
    }

    [Fact]
    public void Missing_program_must_be_refused_with_its_name()
    {
        var failure = Assert.Throws<LinuxException>(() => ChildProcess.Spawn(new ChildOptions(["/no/such/program"], [])));

        Assert.Equal(Errno.NoEntry, failure.Errno);
        Assert.Contains("/no/such/program", failure.Message);
    }

    [Fact]
    public void Null_character_in_an_argument_must_be_refused()
    {
        Assert.Throws<ArgumentException>(() => ChildProcess.Spawn(new ChildOptions(["/bin/true", "a\0b"], [])));
    }

    [Fact]
    public void Child_must_have_the_nice_value_asked_for_and_its_maker_none_of_it()
    {
        var file = Path.GetTempFileName();
        var log = AppendFile.Open(file);
        var process = ChildProcess.Spawn(new ChildOptions(["/bin/sh", "-c", "cut -d' ' -f19 /proc/$$/stat"], ["PATH=/usr/bin:/bin"], Output: log, Nice: 3));
        AppendFile.Close(log);
        using var child = new PidFd(process);

        WaitForEnd(child);

        Assert.Equal("3\n", File.ReadAllText(file));
        Assert.Equal(0, ClusterActors.Linux.Realtime.Scheduling.CurrentThreadNice());
        File.Delete(file);
    }

    [Fact]
    public void Appending_must_follow_a_cut_of_the_file()
    {
        var path = Path.GetTempFileName();
        var log = AppendFile.Open(path);
        using var child = new PidFd(ChildProcess.Spawn(new ChildOptions(["/bin/sh", "-c", "echo first; read go; echo second"], ["PATH=/bin"], Output: log, Input: -1)));
        AppendFile.Close(log);

        WaitForEnd(child);

        Assert.Equal("first\nsecond\n", File.ReadAllText(path));
        File.Delete(path);
    }

    [Fact]
    public void Pipe_must_report_a_reader_that_is_gone()
    {
        using var pipe = new Pipe(nonBlockingWrites: true);
        Assert.Equal(0, pipe.TryWrite("x"u8));

        pipe.CloseReadEnd();

        Assert.Equal(Errno.BrokenPipe, pipe.TryWrite("x"u8));
    }

    [Fact]
    public void Account_must_be_found_by_name()
    {
        Assert.Equal(new Account("root", 0, 0), AccountLookup.Find("root"));
        Assert.Null(AccountLookup.Find("no-such-account-here"));
    }

    [Fact]
    public void Mount_points_of_the_new_tree_must_be_found_and_unescaped()
    {
        string[] lines =
        [
            "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw",
            "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
            "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw",
            "50 31 0:38 / /run/my\\040clp rw - cgroup2 cgroup2 rw",
        ];

        Assert.Equal(["/sys/fs/cgroup/unified", "/run/my clp"], Cgroup2Hierarchy.MountPoints(lines));
    }

    [Fact]
    public void Group_must_hold_its_members_until_they_are_killed()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: a control group is made");
        var mount = Cgroup2Hierarchy.Find();
        Assert.SkipWhen(mount is null, "needs a mounted version 2 control group tree");
        var group = new CgroupDirectory(Path.Combine(mount!, "clp.test-" + Guid.NewGuid().ToString("N")));
        group.Create();
        group.Create();
        using var child = Shell("sleep 300");
        try
        {
            var inner = group.Child("inner");
            inner.Create();
            Assert.False(group.IsPopulated());
            inner.Add(child.ProcessId);
            Assert.True(group.IsPopulated());
            Assert.Contains(child.ProcessId, group.Processes());
            Assert.False(group.TryRemove());

            using var events = group.OpenEvents();
            using var poll = new PollSet(1);
            poll.Add(events.FileDescriptor, PollEvents.Priority);
            Assert.True(events.IsPopulated());
            group.Kill();
            WaitForEnd(child);
            Assert.Equal(1, poll.WaitUntil(BootClock.NowNanoseconds() + 10_000_000_000));
            Assert.False(events.IsPopulated());
        }
        finally
        {
            child.Signal(LinuxSignals.Kill);
            Assert.True(group.TryRemove());
        }

        Assert.False(group.Exists);
        group.Kill();
        Assert.False(group.IsPopulated());
    }

    private static PidFd Shell(string script) => new(ChildProcess.Spawn(new ChildOptions(["/bin/sh", "-c", script], ["PATH=/usr/bin:/bin"])));

    private static ExitStatus WaitForEnd(PidFd child)
    {
        using var poll = new PollSet(1);
        poll.Add(child.FileDescriptor);
        var end = BootClock.NowNanoseconds() + 10_000_000_000;
        ExitStatus status;
        while (!child.TryReap(out status))
        {
            Assert.True(BootClock.NowNanoseconds() < end, "the child did not end within 10 s");
            poll.WaitUntil(end);
        }

        return status;
    }
}
