using ClusterActors.Guardian;
using ClusterActors.Guardian.Addresses;
using ClusterActors.Guardian.Control;
using ClusterActors.Guardian.Logging;
using ClusterActors.Guardian.Programs;
using ClusterActors.Guardian.Storage;
using ClusterActors.Linux;
using ClusterActors.Linux.Files;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;

// As of sysexits.h: to be tried again later.
const int RunsAlready = 75;

CommandLine line;
try
{
    line = CommandLine.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(CommandLine.Usage);
    return 1;
}

if (line.BeatTest is { } beatTest)
    return beatTest.Run(Console.Out);

line.Options.Paths.CreateFolders();
// Before anything else: a guardian begins by ending what an earlier life has left, which would be the programs of the one that runs.
using InstanceLock? only = InstanceLock.TryTake(line.Options.Paths.Lock);
if (only is null)
{
    Console.Error.WriteLine("clpmonp: a guardian runs on this server already (clpstat shows it); nothing was changed");
    return RunsAlready;
}

ChildProcess.KeepExitStatuses();
RealtimeReport? rights = line.Options.RealTime ? RealtimeReport.Acquire(new RealtimeWish(GuardianOptions.Priority)) : null;
using var log = new RingLog(line.Options.Paths.Log, Console.Error);
try
{
    return GuardianComposition.Run(line, log, rights);
}
catch (Exception e) when (e is LinuxException or NetworkException or IOException or UnauthorizedAccessException or InvalidDataException)
{
    log.Error($"clpmonp cannot run: {e.Message}");
    return 70;
}
