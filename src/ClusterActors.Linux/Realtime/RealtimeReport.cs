using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Realtime;

/// <summary>One right that was asked for.</summary>
/// <param name="Granted">False: the sentence says why and what to do.</param>
public sealed record RealtimeRight(string Name, bool Granted, string Sentence);

/// <param name="Priority">Real-time priority of the whole process, 1 to 99.</param>
/// <param name="Policy">Round robin, so that two busy threads of one priority cannot shut each other out.</param>
/// <param name="OomAdjustment">-1000 = the kernel never chooses this process when memory runs out.</param>
/// <param name="LeaveCpuCgroup">Move to the root of the cpu control groups when only that gives real-time scheduling.</param>
public sealed record RealtimeWish(
    int Priority = 20, SchedulingPolicy Policy = SchedulingPolicy.RoundRobin, int OomAdjustment = OomScore.Never, bool LeaveCpuCgroup = true);

/// <summary>What this process was granted of what keeps its beats on time, for its own log and for <c>clp doctor</c>.</summary>
public sealed record RealtimeReport(IReadOnlyList<RealtimeRight> Rights)
{
    public const string SchedulingRight = "real-time scheduling";
    public const string MemoryRight = "locked memory";
    public const string OomRight = "out-of-memory protection";

    /// <summary>Profiles with beats under 100 ms are refused without it.</summary>
    public bool HasRealtimeScheduling => Rights.Any(right => right is { Name: SchedulingRight, Granted: true });

    /// <summary>Takes the rights for the whole process, all threads it has and will have.</summary>
    public static RealtimeReport Acquire(RealtimeWish wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        return new([AcquireScheduling(wish), AcquireMemory(), AcquireOom(wish.OomAdjustment)]);
    }

    public override string ToString() => string.Join(Environment.NewLine, Rights.Select(right => $"{(right.Granted ? "granted" : "REFUSED")} {right.Name}: {right.Sentence}"));

    private static RealtimeRight AcquireScheduling(RealtimeWish wish)
    {
        var asked = $"{wish.Policy} priority {wish.Priority} for the whole process";
        var error = Scheduling.TrySetProcess(wish.Policy, wish.Priority);
        if (error == 0)
            return new(SchedulingRight, true, asked);

        var group = CpuCgroup.Read();
        if (error == Errno.NotPermitted && !group.IsRoot && wish.LeaveCpuCgroup)
        {
            var refusal = group.TryMoveToRoot();
            if (refusal is not null)
                return new(SchedulingRight, false, $"{asked} refused in control group {group.Path}, and it could not be left: {refusal}");
            error = Scheduling.TrySetProcess(wish.Policy, wish.Priority);
            if (error == 0)
                return new(SchedulingRight, true, $"{asked}, after leaving cpu control group {group.Path} for the root group");
        }

        return new(SchedulingRight, false, $"{asked}: {Marshal.GetPInvokeErrorMessage(error)}; {Remedy(group)}");
    }

    private static string Remedy(CpuCgroup group) => group switch
    {
        { IsRoot: false, Version: 1, RealtimeRuntimeMicroseconds: 0 } =>
            $"the kernel schedules real-time by group and {group.Path} has no budget: start outside of it, or write a budget to {group.MountPoint}{group.Path}/cpu.rt_runtime_us",
        { IsRoot: false } => $"start outside control group {group.Path}, as root or with CAP_SYS_NICE",
        _ => "start as root, with CAP_SYS_NICE, or with a limit of real-time priority (ulimit -r)",
    };

    private static RealtimeRight AcquireMemory()
    {
        var error = MemoryLock.TryLockAll();
        return error == 0
            ? new(MemoryRight, true, "the program is in memory, and all other pages stay there once touched")
            : new(MemoryRight, false, $"{Marshal.GetPInvokeErrorMessage(error)}; start as root, with CAP_IPC_LOCK, or with LimitMEMLOCK=infinity");
    }

    private static RealtimeRight AcquireOom(int adjustment)
    {
        var refusal = OomScore.TrySet(0, adjustment);
        return refusal is null
            ? new(OomRight, true, $"oom_score_adj {adjustment}")
            : new(OomRight, false, $"{refusal}; start as root or with CAP_SYS_RESOURCE");
    }
}
