using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Process;

[StructLayout(LayoutKind.Sequential)]
internal struct ResourceLimit
{
    public ulong Soft;
    public ulong Hard;
}

/// <summary>struct group of glibc and musl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GroupEntry
{
    public byte* Name;
    public byte* Password;
    public uint GroupId;
    public byte** Members;
}

/// <summary>struct passwd of glibc and musl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PasswordEntry
{
    public byte* Name;
    public byte* Password;
    public uint UserId;
    public uint GroupId;
    public byte* Comment;
    public byte* Home;
    public byte* Shell;
}

internal static unsafe partial class ProcessNative
{
    // The same numbers on every architecture: they were added after the tables were unified.
    public const int SystemCallPidFdSendSignal = 424;
    public const int SystemCallPidFdOpen = 434;

    public const int OpenWriteOnly = 0x1;
    public const int OpenReadOnly = 0x0;
    public const int OpenReadWrite = 0x2;
    public const int OpenCreate = 0x40;
    public const int OpenAppend = 0x400;
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;

    public const int WaitByPidFd = 3;
    public const int WaitExited = 4;
    public const int WaitNoHang = 1;

    public const short SpawnSetSignalDefaults = 0x04;
    public const short SpawnSetSignalMask = 0x08;
    public const short SpawnSetScheduler = 0x20;
    public const short SpawnSetSession = 0x80;

    public const int ControlSetDescriptorFlags = 2;
    public const int DescriptorCloseOnExec = 1;
    public const int ControlSetFlags = 4;
    public const int LimitOpenFiles = 7;
    public const int SignalChild = 17;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "getauxval")]
    public static partial nint AuxiliaryValue(nuint type);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    public static partial int WaitId(int kind, int id, void* information, int options);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    public static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(int fileDescriptor, void* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fileDescriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fileDescriptor);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int fileDescriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RemoveDirectory(string path);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string source, string target, string type, nuint flags, void* data);

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    public static partial int Limit(int process, int resource, ResourceLimit* set, ResourceLimit* get);

    /// <summary>Returns the error number itself.</summary>
    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FindAccount(string name, PasswordEntry* entry, byte* buffer, nuint bufferLength, PasswordEntry** result);

    /// <summary>Returns the error number itself.</summary>
    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FindGroup(string name, GroupEntry* entry, byte* buffer, nuint bufferLength, GroupEntry** result);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial int SignalSetEmpty(void* set);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    public static partial int SignalSetFill(void* set);

    // The posix_spawn family returns the error number itself.
    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    public static partial int Spawn(int* process, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int AttributesInit(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial int AttributesDestroy(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int AttributesSetFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int AttributesSetSignalMask(void* attributes, void* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int AttributesSetSignalDefaults(void* attributes, void* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setschedpolicy")]
    public static partial int AttributesSetPolicy(void* attributes, int policy);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setschedparam")]
    public static partial int AttributesSetPriority(void* attributes, int* priority);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int ActionsInit(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int ActionsDestroy(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int ActionsDuplicate(void* actions, int from, int to);
}
