using System.Runtime.InteropServices;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Sockets;

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public void* Base;
    public nuint Length;
}

/// <summary>struct msghdr of 64-bit Linux (glibc and musl agree on it for little-endian machines).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public void* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>struct cmsghdr; the payload follows after 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ControlHeader
{
    public nuint Length;
    public int Level;
    public int Type;
}

[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int FileDescriptor;
    public short Events;
    public short Returned;
}

/// <summary>struct sockaddr_un.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct UnixAddress
{
    public const int PathBytes = 108;

    public ushort Family;
    public fixed byte Path[PathBytes];
}

[StructLayout(LayoutKind.Sequential)]
internal struct PeerCredentials
{
    public int ProcessId;
    public uint UserId;
    public uint GroupId;
}

internal static unsafe partial class SocketNative
{
    public const int FamilyUnix = 1;
    public const int FamilyIPv4 = 2;
    public const int FamilyIPv6 = 10;

    public const int TypeDatagram = 2;
    public const int TypeSequencedPackets = 5;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    public const int LevelIP = 0;
    public const int LevelSocket = 1;
    public const int LevelIPv6 = 41;
    public const int OptionReuseAddress = 2;
    public const int OptionReceiveBuffer = 8;
    public const int OptionPriority = 12;
    public const int OptionPeerCredentials = 17;
    public const int OptionBindToDevice = 25;
    public const int OptionReceiveBufferForce = 33;
    public const int OptionTimestampNanoseconds = 35;
    public const int OptionIPTypeOfService = 1;
    public const int OptionIPFreeBind = 15;
    public const int OptionIPv6Only = 26;
    public const int OptionIPv6TrafficClass = 67;
    public const int OptionIPv6FreeBind = 78;

    public const int MessageDontWait = 0x40;
    public const int MessageTruncated = 0x20;
    public const int MessageNoSignal = 0x4000;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int socket, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int socket, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int socket, void* address, uint* length, int flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSocketName(int socket, void* address, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int socket, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int socket, int level, int option, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int socket, void* data, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, TimeSpec* timeout, void* signalMask);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    public static partial int TimerFdCreate(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime", SetLastError = true)]
    public static partial int TimerFdSet(int timer, int flags, TimerSpec* value, TimerSpec* old);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    // struct epoll_event is packed on x86-64 only, so it is passed as bytes laid out by EpollSet.
    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int fileDescriptor, void* epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, void* events, int capacity, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fileDescriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fileDescriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fileDescriptor);



    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int fileDescriptor, uint mode);

    public static void SetInt(int socket, int level, int option, int value, string where)
    {
        if (SetOption(socket, level, option, &value, sizeof(int)) != 0)
            throw LinuxException.FromLastError(where);
    }
}
