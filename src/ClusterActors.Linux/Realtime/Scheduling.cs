using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Realtime;

/// <summary>Scheduling classes; the values are those of sched(7).</summary>
public enum SchedulingPolicy
{
    /// <summary>The ordinary time-sharing class (SCHED_OTHER).</summary>
    Other = 0,
    Fifo = 1,
    RoundRobin = 2,
}

/// <summary>
/// Scheduling class and nice value of threads. <c>Thread.Priority</c> does nothing on Linux. New threads and child processes inherit
/// the class of the thread that makes them.
/// </summary>
public static unsafe class Scheduling
{
    /// <summary>Bounds of the priorities of the two real-time classes.</summary>
    public const int PriorityMinimum = 1;
    public const int PriorityMaximum = 99;

    // Threads may be born while the list is read; a new one inherits its maker's class, so a second pass finds none left over soon.
    private const int Passes = 5;

    /// <summary>Kernel id of the calling thread.</summary>
    public static int CurrentThreadId() => RealtimeNative.ThreadId();

    /// <summary>Sets the class of one thread (0 = the calling one); returns 0 or the errno.</summary>
    public static int TrySetThread(int threadId, SchedulingPolicy policy, int priority)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, PriorityMaximum);
        var value = policy == SchedulingPolicy.Other ? 0 : Math.Max(PriorityMinimum, priority);
        return RealtimeNative.SetScheduler(threadId, (int)policy, &value) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Class and priority of a thread (0 = the calling one).</summary>
    /// <exception cref="LinuxException">No such thread.</exception>
    public static (SchedulingPolicy Policy, int Priority) OfThread(int threadId)
    {
        var policy = RealtimeNative.GetScheduler(threadId);
        int priority;
        if (policy < 0 || RealtimeNative.GetPriority(threadId, &priority) != 0)
            throw LinuxException.FromLastError($"scheduling class of thread {threadId}");
        return ((SchedulingPolicy)policy, priority);
    }

    /// <summary>
    /// Sets the class of every thread this process has, and so of every one it will have. Returns 0, or the errno of the first refusal.
    /// </summary>
    public static int TrySetProcess(SchedulingPolicy policy, int priority)
    {
        var wanted = policy == SchedulingPolicy.Other ? 0 : priority;
        for (var pass = 0; pass < Passes; pass++)
        {
            var changed = 0;
            foreach (var thread in Threads())
            {
                int present;
                if (RealtimeNative.GetScheduler(thread) == (int)policy && RealtimeNative.GetPriority(thread, &present) == 0 && present == wanted)
                    continue;
                var error = TrySetThread(thread, policy, priority);
                if (error == Errno.NoSuchProcess)
                    continue;
                if (error != 0)
                    return error;
                changed++;
            }

            if (changed == 0)
                break;
        }

        return 0;
    }

    /// <summary>Sets the nice value (-20 the most favoured, 19) of one thread (0 = the calling one); returns 0 or the errno.</summary>
    public static int TrySetThreadNice(int threadId, int nice) =>
        RealtimeNative.SetNice(RealtimeNative.PriorityOfThread, threadId, nice) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Nice value of the calling thread.</summary>
    public static int CurrentThreadNice() => RealtimeNative.GetNice(RealtimeNative.PriorityOfThread, 0);

    /// <summary>Sets the nice value of every thread of this process; returns 0 or the errno of the first refusal.</summary>
    public static int TrySetProcessNice(int nice)
    {
        foreach (var thread in Threads())
        {
            var error = TrySetThreadNice(thread, nice);
            if (error is not (0 or Errno.NoSuchProcess))
                return error;
        }

        return 0;
    }

    /// <summary>Kernel ids of this process' threads.</summary>
    public static IReadOnlyList<int> Threads() =>
        [.. Directory.EnumerateDirectories("/proc/self/task").Select(path => int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture))];
}
