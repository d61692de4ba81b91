using System.Net.NetworkInformation;

namespace ClusterActors.Linux.Net.Announce;

/// <summary>
/// Raw Ethernet frames on one interface. Sending passes the egress fence. Receiving <see cref="Everything"/> or <see cref="Claims"/> sees arriving frames
/// before any fence does; a single ether type only what an ingress program lets through.
/// Opened in the calling thread's network namespace; used by one thread at a time.
/// </summary>
public sealed unsafe class PacketSocket : IDisposable
{
    public const ushort Arp = 0x0806;
    public const ushort IPv6 = 0x86DD;
    public const ushort IPv4 = 0x0800;

    /// <summary>Receive nothing: a socket for sending.</summary>
    public const ushort Nothing = 0;

    /// <summary>Every frame, those leaving included.</summary>
    public const ushort Everything = 3;

    /// <summary>Arriving ARP and neighbour discovery frames without a VLAN tag; the kernel sorts out the rest.</summary>
    public const ushort Claims = 0xFFFF;
    private const int AddressBytes = 20;
    private const byte Outgoing = 4;

    private int _fd;

    /// <param name="etherType">Which frames to receive.</param>
    public PacketSocket(LinkInfo link, ushort etherType)
    {
        Link = link;
        _fd = NetNative.Socket(NetNative.AfPacket, NetNative.SockRaw | NetNative.SockCloseOnExec | NetNative.SockNonBlock, 0);
        if (_fd < 0) throw new NetworkException("packet socket", $"cannot open one for {link.Name}", NetNative.LastErrno);
        // Before binding, so that not one unwanted frame gets in.
        if (etherType == Claims) KeepOnlyClaims();
        var address = stackalloc byte[AddressBytes];
        WriteAddress(address, link.Index, etherType == Claims ? Everything : etherType);
        if (NetNative.Bind(_fd, address, AddressBytes) == 0) return;
        var errno = NetNative.LastErrno;
        Dispose();
        throw new NetworkException("packet socket", $"cannot bind to {link.Name}", errno);
    }

    public LinkInfo Link { get; }

    /// <summary>To wait on together with others; owned by this object.</summary>
    public int FileDescriptor => _fd;

    /// <summary>Sends one frame (Ethernet header included). Returns 0 or the kernel's error number: ENOBUFS (105) means dropped on the way out, by the fence or a full queue.</summary>
    public int TrySend(ReadOnlySpan<byte> frame)
    {
        var address = stackalloc byte[AddressBytes];
        WriteAddress(address, Link.Index, (ushort)((frame[12] << 8) | frame[13]));
        fixed (byte* bytes = frame)
        {
            return NetNative.SendTo(_fd, bytes, frame.Length, NetNative.MsgDontWait, address, AddressBytes) < 0 ? NetNative.LastErrno : 0;
        }
    }

    /// <summary>Takes the next arriving frame if there is one; returns its length, 0 when none is there. Own frames are skipped.</summary>
    public int TryReceive(Span<byte> frame) => TryReceive(frame, out _);

    /// <summary>As <see cref="TryReceive(Span{byte})"/>; with <see cref="Everything"/> own frames are given too and told apart.</summary>
    public int TryReceive(Span<byte> frame, out bool leaving)
    {
        var address = stackalloc byte[AddressBytes];
        var addressLength = AddressBytes;
        fixed (byte* bytes = frame)
        {
            var length = NetNative.ReceiveFrom(_fd, bytes, frame.Length, NetNative.MsgDontWait, address, &addressLength);
            leaving = length > 0 && address[10] == Outgoing;
            if (length >= 0) return (int)length;
            var errno = NetNative.LastErrno;
            if (errno is Errno.EAGAIN or Errno.EINTR or Errno.ENETDOWN) return 0;
            throw new NetworkException("packet socket", $"cannot receive on {Link.Name}", errno);
        }
    }

    /// <summary>Waits until a frame is there, at most <paramref name="timeoutMs"/>.</summary>
    public bool Wait(int timeoutMs) => NetNative.WaitReadable(_fd, timeoutMs);

    /// <summary>Lets the interface take frames for a multicast link address.</summary>
    public void JoinMulticast(PhysicalAddress group)
    {
        var request = stackalloc byte[16];
        new Span<byte>(request, 16).Clear();
        *(int*)request = Link.Index;
        *(ushort*)(request + 4) = 0; // PACKET_MR_MULTICAST
        *(ushort*)(request + 6) = 6;
        group.GetAddressBytes().CopyTo(new Span<byte>(request + 8, 8));
        if (NetNative.SetSockOpt(_fd, NetNative.SolPacket, 1, request, 16) < 0)
            throw new NetworkException("packet socket", $"cannot listen to {group} on {Link.Name}", NetNative.LastErrno);
    }

    public void Dispose()
    {
        var fd = Interlocked.Exchange(ref _fd, -1);
        if (fd >= 0) _ = NetNative.Close(fd);
    }

    private static void WriteAddress(byte* address, int interfaceIndex, ushort etherType)
    {
        new Span<byte>(address, AddressBytes).Clear();
        *(ushort*)address = NetNative.AfPacket;
        address[2] = (byte)(etherType >> 8);
        address[3] = (byte)etherType;
        *(int*)(address + 4) = interfaceIndex;
    }

    private void KeepOnlyClaims()
    {
        const int attachFilter = 26;
        const uint packetType = 0xFFFF_F000 + 4;
        const uint hasVlanTag = 0xFFFF_F000 + 48;
        ReadOnlySpan<ulong> filter =
        [
            Classic(0x28, 0, 0, 12), // ether type
            Classic(0x15, 6, 0, Arp), // 8
            Classic(0x15, 0, 9, IPv6), // else 12
            Classic(0x30, 0, 0, 20), // next header
            Classic(0x15, 0, 7, 58), // ICMPv6, else 12
            Classic(0x30, 0, 0, 54), // type
            Classic(0x15, 1, 0, 135), // solicitation: 8
            Classic(0x15, 0, 4, 136), // advertisement, else 12
            Classic(0x20, 0, 0, packetType),
            Classic(0x15, 2, 0, Outgoing), // own: 12
            Classic(0x20, 0, 0, hasVlanTag),
            Classic(0x15, 1, 0, 0), // untagged: 13
            Classic(0x06, 0, 0, 0), // refuse
            Classic(0x06, 0, 0, 256), // take
        ];
        fixed (ulong* code = filter)
        {
            var program = stackalloc ulong[2];
            program[0] = (ulong)filter.Length;
            program[1] = (ulong)code;
            if (NetNative.SetSockOpt(_fd, NetNative.SolSocket, attachFilter, program, 16) == 0) return;
            var errno = NetNative.LastErrno;
            Dispose();
            throw new NetworkException("packet socket", $"cannot filter on {Link.Name}", errno);
        }
    }

    /// <summary>One instruction of the classic socket filter machine (struct sock_filter).</summary>
    private static ulong Classic(ushort code, byte whenTrue, byte whenFalse, uint value) =>
        code | ((ulong)whenTrue << 16) | ((ulong)whenFalse << 24) | ((ulong)value << 32);
}
