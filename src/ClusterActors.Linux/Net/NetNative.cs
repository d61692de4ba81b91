using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Net;

/// <summary>The libc calls of the network part. Blittable arguments only, so no call allocates or marshals.</summary>
internal static unsafe partial class NetNative
{
    public const int AfUnspec = 0;
    public const int AfInet = 2;
    public const int AfInet6 = 10;
    public const int AfNetlink = 16;
    public const int AfPacket = 17;
    public const int SockRaw = 3;
    public const int SockCloseOnExec = 0x80000;
    public const int SockNonBlock = 0x800;
    public const int MsgDontWait = 0x40;
    public const int MsgTruncated = 0x20;
    public const int SolSocket = 1;
    public const int SolPacket = 263;
    public const int SolNetlink = 270;
    public const short PollIn = 1;
    public const int ClockBoottime = 7;
    public const int ProtReadWrite = 3;
    public const int MapShared = 1;
    public const long BpfFileSystemMagic = 0xCAFE4A11;
    private const string Libc = "libc";

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport(Libc, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport(Libc, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, void* address, int length);

    [LibraryImport(Libc, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSockOpt(int fd, int level, int name, void* value, int length);

    [LibraryImport(Libc, EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int fd, void* buffer, nint length, int flags, void* address, int addressLength);

    [LibraryImport(Libc, EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint ReceiveFrom(int fd, void* buffer, nint length, int flags, void* address, int* addressLength);

    [LibraryImport(Libc, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollFd* fds, nuint count, int timeoutMs);

    [LibraryImport(Libc, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport(Libc, EntryPoint = "clock_gettime", SetLastError = true)]
    public static partial int ClockGetTime(int clock, TimeSpec* time);

    [LibraryImport(Libc, EntryPoint = "mmap", SetLastError = true)]
    public static partial void* MemoryMap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Libc, EntryPoint = "munmap", SetLastError = true)]
    public static partial int MemoryUnmap(void* address, nuint length);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint SystemCall(nint number, nint first, void* second, nint third);

    [LibraryImport(Libc, EntryPoint = "statfs", SetLastError = true)]
    public static partial int StatFs(byte* path, void* buffer);

    [LibraryImport(Libc, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, void* data);

    public static bool Mount(string source, string target, string type) => Mount(source, target, type, 0, null) == 0;

    public static int LastErrno => Marshal.GetLastPInvokeError();

    /// <summary>Nanoseconds since boot, suspended time included: the clock of every deadline in this folder. Allocates nothing.</summary>
    public static long BootTimeNs()
    {
        TimeSpec time;
        _ = ClockGetTime(ClockBoottime, &time);
        return (time.Seconds * 1_000_000_000L) + time.Nanoseconds;
    }

    /// <summary>Waits until the descriptor is readable. A signal in between restarts the wait for the full bound, which stays a bound.</summary>
    public static bool WaitReadable(int fd, int timeoutMs)
    {
        var poll = new PollFd { Fd = fd, Events = PollIn };
        for (var tries = 0; tries < 4; tries++)
        {
            var ready = Poll(&poll, 1, timeoutMs);
            if (ready > 0) return true;
            if (ready == 0) return false;
            if (LastErrno != Errno.EINTR) return false;
        }
        return false;
    }
}
