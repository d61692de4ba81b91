using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Devices;

/// <summary>struct termios of Linux with the generic numbers (x86-64, arm64), as ioctl takes it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TerminalSettings
{
    public const int ControlCharacters = 19;

    public uint Input;
    public uint Output;
    public uint Control;
    public uint Local;
    public byte Line;
    public fixed byte Characters[ControlCharacters];
    public uint InputSpeed;
    public uint OutputSpeed;
}

internal static unsafe partial class DeviceNative
{
    public const int ReadWrite = 0x2;
    public const int NoControllingTerminal = 0x100;
    public const int Exclusive = 0x80;
    public const int NonBlocking = 0x800;
    public const int DataSync = 0x1000;
    public const int CloseOnExec = 0x80000;
    public const int SeekEnd = 2;

    /// <summary>O_DIRECT is one of the few flags that differ by architecture.</summary>
    public static readonly int Direct = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    // termios2: the same numbers on x86-64 and arm64.
    public const nuint GetTerminal = 0x802C542A;
    public const nuint SetTerminal = 0x402C542B;
    public const nuint FlushTerminal = 0x540B;
    public const nuint SetExclusive = 0x540C;
    public const nint FlushBoth = 2;

    public const uint StatusMode = 0xF000;
    public const uint StatusBlockDevice = 0x6000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fileDescriptor);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(int fileDescriptor, void* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint WriteAt(int fileDescriptor, void* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fileDescriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fileDescriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int fileDescriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int fileDescriptor, nuint request, void* argument);

    /// <summary>With <c>AT_EMPTY_PATH</c> about the descriptor itself.</summary>
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Status(int directory, string path, int flags, uint mask, void* result);
}
