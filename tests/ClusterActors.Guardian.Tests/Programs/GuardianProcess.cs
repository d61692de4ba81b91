using System.Runtime.CompilerServices;
using ClusterActors.Guardian.Programs;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ContainmentKind = ClusterActors.Model.Resources.Containment;

namespace ClusterActors.Guardian.Tests.Programs;

/// <summary>
/// The test program started once more, to be a guardian that can be killed. The mode is chosen by the environment before any of the
/// test framework runs.
/// </summary>
internal static class GuardianProcess
{
    private const string Mode = "CLP_TEST_GUARDIAN";

    /// <summary>Starts it; it owns the instance's control group, runs one program and writes the file when the program's tree is up.</summary>
    /// <param name="unit">Control group that the guardian is in, as a service manager's unit; null = the test's.</param>
    public static PidFd Start(string instance, string folder, ContainmentKind contain, TimeSpan? silence, string user = "", CgroupDirectory? unit = null)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "ClusterActors.Guardian.Tests");
        var environment = new List<string>
        {
            $"{Mode}={instance}|{folder}|{contain}|{silence?.TotalMilliseconds ?? 0}|{user}",
            "PATH=/usr/bin:/bin",
        };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root)
            environment.Add($"DOTNET_ROOT={root}");
        else
            environment.Add($"DOTNET_ROOT={Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."))}");
        var log = AppendFile.Open(Path.Combine(folder, "guardian.log"));
        try
        {
            string[] command = unit is null ? [program] : ["/bin/sh", "-c", "echo $$ >\"$1/cgroup.procs\" && exec \"$2\"", "unit", unit.Path, program];
            return new PidFd(ChildProcess.Spawn(new ChildOptions(command, environment, Output: log, Error: log)));
        }
        finally
        {
            AppendFile.Close(log);
        }
    }

#pragma warning disable CA2255 // Meant for libraries; here it is what lets the test program have a second life without a second project.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Mode)?.Split('|') is not [var instance, var folder, var contain, var silence, var user])
            return;
        var root = ContainmentRoot.Open(instance, "/nonexistent");
        using var table = new ProgramTable(root, LaunchTools.Find(), ProgramTableOptions.Default, _ => { });
        table.StartReaper(new ReaperOptions(
            silence == "0" ? null : TimeSpan.FromMilliseconds(double.Parse(silence)), ["/usr/bin/touch", Path.Combine(folder, "restarted")]), _ => { });
        File.WriteAllText(Path.Combine(folder, "reaper"), $"{table.ReaperProcessId}");
        table.AllowStarts();
        using var poll = new PollSet(1);
        poll.Add(table.FileDescriptor);
        var request = new Model.Guardian.StartProgram(
            "t1", default, "web", "app", false, ["/bin/sh", "-c", KillTests.Tree], ["PATH=/usr/bin:/bin"], "/", user,
            Enum.Parse<ContainmentKind>(contain), Path.Combine(folder, "log"), 0);
        table.Start(request, answer => File.WriteAllText(Path.Combine(folder, "answer"), $"{answer.ProcessId}"));
        while (true)
        {
            poll.WaitUntil(BootClock.NowNanoseconds() + 1_000_000_000);
            table.Dispatch();
        }
    }
}
