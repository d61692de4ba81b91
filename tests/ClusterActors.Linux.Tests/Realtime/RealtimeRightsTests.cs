using System.Globalization;
using System.Runtime.CompilerServices;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Tests.Realtime;

/// <summary>The rights are taken by a second life of the test program, since they hold for a whole process.</summary>
public sealed class RealtimeRightsTests(ITestOutputHelper output)
{
    private const string Mode = "CLP_TEST_REALTIME";

    [Fact]
    public void Process_must_leave_a_group_without_real_time_budget_and_get_all_rights()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: a control group is made and rights are taken");
        var own = CpuCgroup.Read();
        Assert.SkipUnless(own is { Version: 1, IsRoot: true, RealtimeRuntimeMicroseconds: > 0 }, "needs real-time group scheduling on a version 1 cpu tree");
        var folder = Directory.CreateTempSubdirectory("clp-rt-").FullName;
        var group = new CgroupDirectory(Path.Combine(own.MountPoint, "clp.test-" + Guid.NewGuid().ToString("N")));
        group.Create();
        try
        {
            var answer = Path.Combine(folder, "answer");
            Run(group.Path, answer);

            var lines = File.ReadAllLines(answer);
            output.WriteLine(string.Join(Environment.NewLine, lines));
            Assert.Contains(lines, line => line.StartsWith("granted real-time scheduling") && line.Contains(Path.GetFileName(group.Path)));
            Assert.Contains(lines, line => line.StartsWith("granted locked memory"));
            // Containers often lack the capability for it; then the report must say so and nothing may have changed.
            var protectedFromOom = lines.Any(line => line.StartsWith("granted out-of-memory protection"));
            Assert.Contains(protectedFromOom ? "oom -1000" : "oom " + File.ReadAllText("/proc/self/oom_score_adj").Trim(), lines);
            Assert.True(protectedFromOom || lines.Any(line => line.StartsWith("REFUSED out-of-memory protection") && line.Contains("CAP_SYS_RESOURCE")));
            Assert.Contains("classes RoundRobin", lines);
            Assert.Contains("runtime on disk only: 0 kB", lines);
            Assert.Contains(lines, line => line.StartsWith("refused inside: REFUSED") && line.Contains("cpu.rt_runtime_us"));
        }
        finally
        {
            Assert.True(group.TryRemoveAlone());
            Directory.Delete(folder, recursive: true);
        }
    }

#pragma warning disable CA2255 // Meant for libraries; here it gives the test program a second life without a second project.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Mode)?.Split('|') is not [var group, var answer])
            return;
        File.WriteAllText(Path.Combine(group, "cgroup.procs"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        var refused = RealtimeReport.Acquire(new RealtimeWish(LeaveCpuCgroup: false)).Rights[0];
        var report = RealtimeReport.Acquire(new RealtimeWish());
        // A thread born now must have the class too.
        using var timer = new Timer(_ => { }, null, 0, 1);
        File.WriteAllLines(
            answer,
            [
                "refused inside: " + new RealtimeReport([refused]),
                .. report.ToString().Split(Environment.NewLine),
                "oom " + File.ReadAllText("/proc/self/oom_score_adj").Trim(),
                $"runtime on disk only: {RuntimeOnDiskOnly()} kB",
                "classes " + string.Join(' ', Scheduling.Threads().Select(thread => Scheduling.OfThread(thread).Policy).Distinct()),
            ]);
        Environment.Exit(0);
    }

    /// <summary>Of the runtime's file, the largest of this program: mapped without being in memory.</summary>
    private static int RuntimeOnDiskOnly()
    {
        var missing = 0;
        var own = false;
        foreach (var line in File.ReadAllLines("/proc/self/smaps"))
        {
            if (!char.IsAsciiHexDigitLower(line[0]) && !char.IsAsciiDigit(line[0]))
                missing += own ? Kilobytes(line, "Size:") - Kilobytes(line, "Rss:") : 0;
            else
                own = line.EndsWith("/libcoreclr.so", StringComparison.Ordinal) && line.Split(' ')[1] is ['r', '-', ..];
        }

        return missing;
    }

    private static int Kilobytes(string line, string name) =>
        line.StartsWith(name, StringComparison.Ordinal) ? int.Parse(line.AsSpan(name.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) : 0;

    private static void Run(string group, string answer)
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));
        using var process = new PidFd(ChildProcess.Spawn(new ChildOptions(
            [Path.Combine(AppContext.BaseDirectory, "ClusterActors.Linux.Tests")], [$"{Mode}={group}|{answer}", $"DOTNET_ROOT={root}", "PATH=/usr/bin:/bin"])));
        using var poll = new PollSet(1);
        poll.Add(process.FileDescriptor);
        var end = BootClock.NowNanoseconds() + 20_000_000_000;
        ExitStatus status;
        while (!process.TryReap(out status))
        {
            if (BootClock.NowNanoseconds() >= end)
                process.Signal(LinuxSignals.Kill);
            poll.WaitUntil(end);
        }

        Assert.Equal(new ExitStatus(0, 0), status);
    }
}
