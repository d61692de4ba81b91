namespace ClusterActors.Linux.Net.Bpf;

/// <summary>
/// The program on every fenced interface, the same for both directions. In words:
/// <code>
/// for each address the packet is about (IPv4 and IPv6 source and destination, ARP sender and target, target of a
/// neighbour solicitation or advertisement):
///     if the address is in the map and (boot time >= its own limit or boot time >= the common deadline): drop
/// let pass (the next program decides)
/// </code>
/// The address's own limit is 0 (closed) or the greatest number (the common deadline governs).
/// Tags in the frame (802.1Q, 802.1ad, two deep) are stepped over; tags that the driver has already taken off are not looked at, so an address
/// that is closed is closed on every VLAN of a fenced interface. Neighbour messages behind IPv6 extension headers are not recognised: the kernel never sends such,
/// and its answer to one is recognised on the way out.
/// </summary>
internal static class BpfFenceProgram
{
    public const int Pass = -1;
    public const int Drop = 2;
    private const byte Context = 6;
    private const byte Offset = 7;
    private const byte Protocol = 8;
    private const byte Limit = 9;
    private const int Ethernet = 1;
    private const int PointToPoint = 512;
    private const int Loopback = 772;
    private const int None = 65534;
    private const int LookUp = 1;
    private const int LoadBytes = 26;
    private const int BootTime = 125;
    private const short Scratch = -8;
    private const short Addresses4 = -16;
    private const short Addresses6 = -48;
    private const short ContextProtocol = 16;

    // Ether types as a little-endian machine reads them.
    private const int IPv4 = 0x0008;
    private const int IPv6 = 0xDD86;
    private const int Arp = 0x0608;
    private const int Tag8021Q = 0x0081;
    private const int Tag8021Ad = 0xA888;

    /// <summary>Whether the frames of the interface start as the program expects.</summary>
    public static bool Understands(LinkInfo link) => HasEthernetHeader(link) || link.HardwareType is None or PointToPoint;

    public static bool HasEthernetHeader(LinkInfo link) => link.HardwareType is Ethernet or Loopback;

    /// <param name="hasEthernetHeader">False for interfaces without a link header (tun, ppp, wireguard).</param>
    public static ulong[] Assemble(int deadlineFd, int addresses4Fd, int addresses6Fd, bool hasEthernetHeader)
    {
        var code = new BpfAssembler().Copy(Context, 1);
        if (hasEthernetHeader) ReadEtherType(code);
        else code.Move(Offset, 0).Load32(Protocol, Context, ContextProtocol);
        code.Label("network")
            .JumpIfEqual(Protocol, IPv4, "ipv4")
            .JumpIfEqual(Protocol, IPv6, "ipv6")
            .JumpIfEqual(Protocol, Arp, "arp")
            .Jump("pass");

        code.Label("ipv4");
        Fetch(code, 12, Addresses4, 8);
        code.Jump("addresses4");
        code.Label("arp");
        Fetch(code, 14, Addresses4, 4);
        Fetch(code, 24, Addresses4 + 4, 4);
        code.Label("addresses4");
        Check(code, addresses4Fd, Addresses4, deadlineFd);
        Check(code, addresses4Fd, Addresses4 + 4, deadlineFd);
        code.Jump("pass");

        code.Label("ipv6");
        Fetch(code, 8, Addresses6, 32);
        Check(code, addresses6Fd, Addresses6, deadlineFd);
        Check(code, addresses6Fd, Addresses6 + 16, deadlineFd);
        Fetch(code, 6, Scratch, 1);
        code.LoadFrame8(1, Scratch).JumpIfNot(1, 58, "pass");
        Fetch(code, 40, Scratch, 1);
        code.LoadFrame8(1, Scratch).JumpIfEqual(1, 135, "neighbour").JumpIfNot(1, 136, "pass").Label("neighbour");
        Fetch(code, 48, Addresses6, 16);
        Check(code, addresses6Fd, Addresses6, deadlineFd);

        return code.Label("pass").Move(0, Pass).Exit().Label("drop").Move(0, Drop).Exit().ToProgram();
    }

    private static void ReadEtherType(BpfAssembler code)
    {
        code.Move(Offset, 14);
        for (var tags = 0; tags < 3; tags++)
        {
            // The ether type stands in the two bytes before the network header.
            Fetch(code, -2, Scratch, 2);
            code.LoadFrame16(Protocol, Scratch);
            if (tags == 2) break;
            code.JumpIfEqual(Protocol, Tag8021Q, $"tagged{tags}").JumpIfNot(Protocol, Tag8021Ad, "network").Label($"tagged{tags}").Add(Offset, 4);
        }
    }

    /// <summary>Copies bytes of the packet (offset from the network header) into the frame; a packet too short for its kind is not ours to judge.</summary>
    private static void Fetch(BpfAssembler code, int offset, short to, int bytes) => code
        .Copy(1, Context).Copy(2, Offset).Add(2, offset).FrameAddress(3, to).Move(4, bytes).Call(LoadBytes).JumpIfNot(0, 0, "pass");

    private static void Check(BpfAssembler code, int mapFd, short key, int deadlineFd)
    {
        var next = code.NewLabel();
        code.Map(1, mapFd).FrameAddress(2, key).Call(LookUp).JumpIfEqual(0, 0, next)
            .Load64(Limit, 0, 0).Call(BootTime).JumpIfAtLeast(0, Limit, "drop")
            .ValueOf(1, deadlineFd).Load64(1, 1, 0).JumpIfAtLeast(0, 1, "drop")
            .Label(next);
    }
}
