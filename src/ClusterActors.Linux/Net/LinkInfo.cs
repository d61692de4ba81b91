using System.Net;
using System.Net.NetworkInformation;

namespace ClusterActors.Linux.Net;

/// <summary>A network interface as the kernel lists it.</summary>
/// <param name="Index">Kernel number inside this network namespace.</param>
/// <param name="HardwareType">ARPHRD number: 1 Ethernet, 772 loopback, 65534 none.</param>
/// <param name="Mac">Empty for interfaces without a link address.</param>
public sealed record LinkInfo(int Index, string Name, uint Flags, int HardwareType, PhysicalAddress Mac, int Mtu)
{
    /// <summary>Administratively up.</summary>
    public bool IsUp => (Flags & 0x1) != 0;

    public bool IsLoopback => (Flags & 0x8) != 0;

    /// <summary>Has a carrier: frames can leave.</summary>
    public bool IsRunning => (Flags & 0x40) != 0;

    public bool IsEthernet => HardwareType == 1;
}

/// <summary>An address as the kernel lists it.</summary>
/// <param name="Protocol">IFA_PROTO, the mark of who added it; 0 when none or when the kernel is older than 5.18.</param>
/// <param name="Label">IPv4 label, empty for IPv6.</param>
/// <param name="ValidFor">Rest of the life; null = for ever.</param>
public sealed record InterfaceAddress(int InterfaceIndex, IPAddress Address, int PrefixLength, uint Flags, byte Protocol, string Label, TimeSpan? ValidFor)
{
    /// <summary>Duplicate detection still runs: the kernel does not use the address yet.</summary>
    public bool IsTentative => (Flags & 0x40) != 0;

    /// <summary>The kernel found the address on another host.</summary>
    public bool IsDuplicate => (Flags & 0x08) != 0;

    /// <summary>True when <paramref name="other"/> lies in this address's subnet.</summary>
    public bool SubnetContains(IPAddress other)
    {
        if (other.AddressFamily != Address.AddressFamily) return false;
        Span<byte> mine = stackalloc byte[16];
        Span<byte> theirs = stackalloc byte[16];
        Address.TryWriteBytes(mine, out _);
        other.TryWriteBytes(theirs, out _);
        for (var bit = 0; bit < PrefixLength; bit++)
        {
            var mask = 0x80 >> (bit & 7);
            if ((mine[bit >> 3] & mask) != (theirs[bit >> 3] & mask)) return false;
        }
        return true;
    }
}

/// <summary>A neighbour (ARP or NDP) entry.</summary>
public sealed record NeighbourInfo(int InterfaceIndex, IPAddress Address, PhysicalAddress Mac, ushort State, byte Protocol, byte Flags)
{
    public bool IsPermanent => (State & 0x80) != 0;

    /// <summary>Frames can be sent to it without a question first (REACHABLE, STALE, DELAY, PROBE or PERMANENT).</summary>
    public bool IsUsable => (State & 0xDE) != 0 && !Mac.Equals(PhysicalAddress.None);

    /// <summary>Never dropped to make room for others.</summary>
    public bool IsKept => (Flags & 0x10) != 0;
}
