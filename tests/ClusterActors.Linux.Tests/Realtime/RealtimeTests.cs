using ClusterActors.Linux.Realtime;

namespace ClusterActors.Linux.Tests.Realtime;

public sealed class RealtimeTests
{
    private static readonly string[] HybridMounts =
    [
        "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 - cgroup cgroup rw,cpu,cpuacct",
        "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
    ];

    [Fact]
    public void Thread_must_run_in_the_class_asked_for_while_its_maker_keeps_its_own()
    {
        (SchedulingPolicy, int) seen = default;
        var thread = new RealtimeThread("rt-test", SchedulingPolicy.RoundRobin, 7, () => seen = Scheduling.OfThread(0));

        var error = thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(10)));

        Assert.SkipWhen(error != 0, $"needs the right to real-time scheduling (errno {error})");
        Assert.Equal((SchedulingPolicy.RoundRobin, 7), seen);
        Assert.Equal(SchedulingPolicy.Other, Scheduling.OfThread(0).Policy);
        Assert.NotEqual(Scheduling.CurrentThreadId(), thread.KernelThreadId);
    }

    [Fact]
    public void Threads_must_list_the_calling_one() => Assert.Contains(Scheduling.CurrentThreadId(), Scheduling.Threads());

    [Fact]
    public void Nice_value_must_be_the_threads_own()
    {
        var seen = -100;
        var thread = new Thread(() =>
        {
            Scheduling.TrySetThreadNice(0, 5);
            seen = Scheduling.CurrentThreadNice();
        });
        var before = Scheduling.CurrentThreadNice();

        thread.Start();
        thread.Join();

        Assert.Equal(5, seen);
        Assert.Equal(before, Scheduling.CurrentThreadNice());
    }

    [Fact]
    public void Cpu_group_must_be_read_from_the_old_tree_with_its_budget()
    {
        var asked = "";
        var group = CpuCgroup.Parse(["8:pids:/", "1:cpu,cpuacct:/child", "0::/x"], HybridMounts, path =>
        {
            asked = path;
            return 0;
        });

        Assert.Equal(new CpuCgroup("/child", "/sys/fs/cgroup/cpu,cpuacct", 1, 0), group);
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct/child/cpu.rt_runtime_us", asked);
        Assert.False(group.IsRoot);
    }

    [Fact]
    public void Cpu_group_must_be_read_from_the_new_tree_when_there_is_no_old_one()
    {
        var group = CpuCgroup.Parse(["0::/system.slice/clp.service"], ["30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"], _ => null);

        Assert.Equal(new CpuCgroup("/system.slice/clp.service", "/sys/fs/cgroup", 2, null), group);
    }

    [Fact]
    public void Report_must_name_what_was_refused_and_what_to_do()
    {
        var report = new RealtimeReport([new(RealtimeReport.SchedulingRight, false, "no; start as root"), new(RealtimeReport.MemoryRight, true, "yes")]);

        Assert.False(report.HasRealtimeScheduling);
        Assert.Equal($"REFUSED real-time scheduling: no; start as root{Environment.NewLine}granted locked memory: yes", report.ToString());
    }
}
