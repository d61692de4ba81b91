using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Realtime;

internal static unsafe partial class RealtimeNative
{
    public const int LockCurrent = 1;
    public const int LockFuture = 2;
    public const int LockOnFault = 4;
    public const int PriorityOfThread = 0;

    // On Linux the "process" calls of the scheduler act on one thread; 0 is the calling one.
    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    public static partial int SetScheduler(int thread, int policy, int* priority);

    [LibraryImport("libc", EntryPoint = "sched_getscheduler", SetLastError = true)]
    public static partial int GetScheduler(int thread);

    [LibraryImport("libc", EntryPoint = "sched_getparam", SetLastError = true)]
    public static partial int GetPriority(int thread, int* priority);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    public static partial int SetNice(int which, int who, int nice);

    // The C library's wrapper returns the nice value itself, so -1 may be a value or an error.
    [LibraryImport("libc", EntryPoint = "getpriority", SetLastError = true)]
    public static partial int GetNice(int which, int who);

    [LibraryImport("libc", EntryPoint = "mlockall", SetLastError = true)]
    public static partial int LockAll(int flags);

    [LibraryImport("libc", EntryPoint = "mlock", SetLastError = true)]
    public static partial int Lock(nuint start, nuint length);

    [LibraryImport("libc", EntryPoint = "gettid")]
    public static partial int ThreadId();
}
