using System.Runtime.InteropServices;
using ClusterActors.Linux.Realtime;

namespace ClusterActors.Linux.Process;

/// <summary>What a child is started with. Descriptors stay the caller's to close.</summary>
/// <param name="Arguments">The first is the program's path; passed as they are, no shell.</param>
/// <param name="Environment">The whole environment as <c>NAME=value</c>.</param>
/// <param name="Input">Descriptor for standard input, likewise for the others; -1 = /dev/null.</param>
/// <param name="KeepScheduling">True: the child has the scheduling class of the calling thread; false: the ordinary class.</param>
/// <param name="Nice">Nice value of the child.</param>
public sealed record ChildOptions(
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    int Input = -1,
    int Output = -1,
    int Error = -1,
    bool KeepScheduling = false,
    int Nice = 0);

/// <summary>
/// Starts child processes without the runtime's process class: that one waits for children on threads of its own and passes on the
/// scheduling class, ignored signals and the signal mask. A child gets its own session, default signal handlers, an empty mask and
/// no descriptor but its standard three. The parent-death signal, where the child sets one, follows the *calling thread*.
/// </summary>
public static unsafe class ChildProcess
{
    // The C libraries' opaque structures: 336, 80 and 128 bytes in glibc, less in musl.
    private const int AttributesBytes = 512;
    private const int ActionsBytes = 256;
    private const int SignalSetBytes = 128;

    private static readonly delegate* unmanaged<void*, int, int> CloseFrom = FindCloseFrom();

    /// <summary>Returns the process id. Blocks until the program image is loaded, so the program must not lie on a disk that can hang.</summary>
    /// <exception cref="LinuxException">No such program, no memory, too many processes.</exception>
    public static int Spawn(ChildOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var arguments = new NativeStrings(options.Arguments, "arguments");
        using var environment = new NativeStrings(options.Environment, "environment");
        var devNull = ProcessNative.Open("/dev/null", ProcessNative.OpenReadWrite | ProcessNative.OpenCloseOnExec, 0);
        if (devNull < 0)
            throw LinuxException.FromLastError("open /dev/null");
        try
        {
            return Spawn(options, arguments.Pointer, environment.Pointer, devNull);
        }
        finally
        {
            _ = ProcessNative.Close(devNull);
        }
    }

    /// <summary>
    /// A parent that ignores SIGCHLD, perhaps because its own parent did, never learns how children end. To be called once at start.
    /// </summary>
    public static void KeepExitStatuses()
    {
        var ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        var mask = Convert.ToUInt64(ignored["SigIgn:".Length..].Trim(), 16);
        if ((mask & (1UL << (ProcessNative.SignalChild - 1))) != 0)
            _ = ProcessNative.Signal(ProcessNative.SignalChild, 0);
    }

    private static int Spawn(ChildOptions options, byte** arguments, byte** environment, int devNull)
    {
        var attributes = stackalloc byte[AttributesBytes];
        var actions = stackalloc byte[ActionsBytes];
        var signals = stackalloc byte[SignalSetBytes];
        Check(ProcessNative.AttributesInit(attributes), "posix_spawnattr_init");
        Check(ProcessNative.ActionsInit(actions), "posix_spawn_file_actions_init");
        try
        {
            short flags = ProcessNative.SpawnSetSignalDefaults | ProcessNative.SpawnSetSignalMask | ProcessNative.SpawnSetSession;
            if (!options.KeepScheduling)
            {
                int priority = 0;
                flags |= ProcessNative.SpawnSetScheduler;
                Check(ProcessNative.AttributesSetPolicy(attributes, (int)SchedulingPolicy.Other), "posix_spawnattr_setschedpolicy");
                Check(ProcessNative.AttributesSetPriority(attributes, &priority), "posix_spawnattr_setschedparam");
            }

            Check(ProcessNative.AttributesSetFlags(attributes, flags), "posix_spawnattr_setflags");
            _ = ProcessNative.SignalSetEmpty(signals);
            Check(ProcessNative.AttributesSetSignalMask(attributes, signals), "posix_spawnattr_setsigmask");
            _ = ProcessNative.SignalSetFill(signals);
            Check(ProcessNative.AttributesSetSignalDefaults(attributes, signals), "posix_spawnattr_setsigdefault");
            Check(ProcessNative.ActionsDuplicate(actions, options.Input < 0 ? devNull : options.Input, 0), "standard input");
            Check(ProcessNative.ActionsDuplicate(actions, options.Output < 0 ? devNull : options.Output, 1), "standard output");
            Check(ProcessNative.ActionsDuplicate(actions, options.Error < 0 ? devNull : options.Error, 2), "standard error");
            // Everything of ours is close-on-exec; this is for descriptors that a library opened without it.
            if (CloseFrom is not null)
                Check(CloseFrom(actions, 3), "posix_spawn_file_actions_addclosefrom_np");
            return SpawnWithNice(options, attributes, actions, arguments, environment);
        }
        finally
        {
            _ = ProcessNative.ActionsDestroy(actions);
            _ = ProcessNative.AttributesDestroy(attributes);
        }
    }

    // There is no attribute for the nice value, but on Linux it is the thread's and inherited. For a real-time caller it means nothing.
    private static int SpawnWithNice(ChildOptions options, byte* attributes, byte* actions, byte** arguments, byte** environment)
    {
        var before = Scheduling.CurrentThreadNice();
        if (before != options.Nice)
            Check(Scheduling.TrySetThreadNice(0, options.Nice), $"nice value {options.Nice}");
        try
        {
            int process;
            var error = ProcessNative.Spawn(&process, arguments[0], actions, attributes, arguments, environment);
            Check(error, $"start of {options.Arguments[0]}");
            return process;
        }
        finally
        {
            if (before != options.Nice)
                Check(Scheduling.TrySetThreadNice(0, before), $"nice value {before}");
        }
    }

    private static void Check(int error, string where)
    {
        if (error != 0)
            throw new LinuxException(where, error);
    }

    // In glibc since 2.34.
    private static delegate* unmanaged<void*, int, int> FindCloseFrom() =>
        NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "posix_spawn_file_actions_addclosefrom_np", out var function)
            ? (delegate* unmanaged<void*, int, int>)function
            : null;
}
