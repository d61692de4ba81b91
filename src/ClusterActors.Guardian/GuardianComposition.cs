using System.Net;
using ClusterActors.Guardian.Addresses;
using ClusterActors.Guardian.Control;
using ClusterActors.Guardian.Logging;
using ClusterActors.Guardian.Programs;
using ClusterActors.Guardian.Storage;
using ClusterActors.Linux;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Realtime;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian;

/// <summary>Puts the parts of a guardian together and runs it on the calling thread.</summary>
internal static class GuardianComposition
{
    private static readonly TimeSpan CleanLimit = TimeSpan.FromSeconds(1);

    public static int Run(CommandLine line, RingLog log, RealtimeReport? rights)
    {
        GuardianPaths paths = line.Options.Paths;
        using GuardianStore store = GuardianStore.Open(paths);
        ContainmentRoot root = ContainmentRoot.Open(paths.Instance, paths.CgroupMount);
        bool realTime = rights is { HasRealtimeScheduling: true };

        // Mostly there is nothing to kill. What does not die in time is dealt with by the host, which beats "unclean" until then.
        KillReport left = root.CleanUp(CleanLimit);
        if (!left.Empty)
            log.Error($"not clean yet: {left.Sentence}");

        using var queue = new ControlQueue();
        using var leases = new FenceLeases(KernelBootClock.Instance);
        GuardianHost? host = null;
        using var addresses = new AddressKeeper(
            leases, paths.Instance, queue, log, note => host!.Tell(note), realTime ? SchedulingPolicy.RoundRobin : SchedulingPolicy.Other,
            realTime ? GuardianOptions.Priority : 0);
        using var table = new ProgramTable(root, LaunchTools.Find(), ProgramTableOptions.Default, exited => host!.Tell(exited));
        table.StartReaper(new ReaperOptions(null, line.RestartCommand), log.Error);
        using var programs = new ProgramTableHost(table);
        host = new GuardianHost(line.Options, log, store, queue, programs, addresses, leases, rights);
        using (host)
            return host.Run();
    }
}
