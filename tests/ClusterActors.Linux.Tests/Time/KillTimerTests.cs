using System.Runtime.CompilerServices;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Tests.Time;

public sealed class KillTimerTests(ITestOutputHelper output)
{
    private const string Mode = "CLP_TEST_KILL_TIMER";
    private const long Millisecond = 1_000_000;

    private static readonly Dictionary<int, string> Files = [];

    [Fact]
    public void Kernel_must_kill_a_stopped_process_at_the_instant()
    {
        using var process = Start("stop");

        var status = WaitForEnd(process, out var file);

        // The child wrote down the instant before it stopped itself.
        var late = BootClock.NowNanoseconds() - long.Parse(File.ReadAllText(file));
        File.Delete(file);
        output.WriteLine($"ended {late / 1e6:0.0} ms after the instant, as seen by the parent");
        Assert.Equal(new ExitStatus(-1, LinuxSignals.Kill), status);
        Assert.InRange(late, 0, 2_000 * Millisecond);
    }

    [Fact]
    public void Process_must_live_on_when_the_timer_is_moved_and_disarmed()
    {
        using var process = Start("disarm");

        Assert.Equal(new ExitStatus(33, 0), WaitForEnd(process, out _));
    }

    [Fact]
    public void Instant_that_has_passed_must_kill_at_once()
    {
        using var process = Start("past");

        Assert.Equal(new ExitStatus(-1, LinuxSignals.Kill), WaitForEnd(process, out _));
    }

#pragma warning disable CA2255 // Meant for libraries; here it gives the test program a second life without a second project.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Mode)?.Split('|') is not [var mode, var file])
            return;
        using var timer = new KillTimer();
        var now = BootClock.NowNanoseconds();
        switch (mode)
        {
            case "stop":
                timer.Arm(now + (150 * Millisecond));
                File.WriteAllText(file, $"{now + (150 * Millisecond)}");
                using (var self = new PidFd(Environment.ProcessId))
                    self.Signal(LinuxSignals.Stop);
                break;
            case "disarm":
                timer.Arm(now + (500 * Millisecond));
                timer.Arm(now + (600 * Millisecond));
                timer.Disarm();
                AbsoluteSleep.Until(now + (700 * Millisecond));
                break;
            default:
                timer.Arm(now - Millisecond);
                break;
        }

        Environment.Exit(33);
    }

    private static PidFd Start(string mode)
    {
        var file = Path.GetTempFileName();
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));
        var process = ChildProcess.Spawn(new ChildOptions(
            [Path.Combine(AppContext.BaseDirectory, "ClusterActors.Linux.Tests")], [$"{Mode}={mode}|{file}", $"DOTNET_ROOT={root}", "PATH=/usr/bin:/bin"]));
        Files[process] = file;
        return new PidFd(process);
    }

    private static ExitStatus WaitForEnd(PidFd process, out string file)
    {
        file = Files[process.ProcessId];
        using var poll = new PollSet(1);
        poll.Add(process.FileDescriptor);
        var end = BootClock.NowNanoseconds() + (20_000 * Millisecond);
        ExitStatus status;
        // The child's stopping sends a signal that ends a wait early.
        while (!process.TryReap(out status))
        {
            Assert.True(BootClock.NowNanoseconds() < end, "the child did not end within 20 s");
            poll.WaitUntil(end);
        }

        return status;
    }
}
