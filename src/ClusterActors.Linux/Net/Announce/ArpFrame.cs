using System.Net;
using System.Net.NetworkInformation;

namespace ClusterActors.Linux.Net.Announce;

/// <summary>ARP for IPv4 over Ethernet (RFC 826) with the special forms of RFC 5227.</summary>
public readonly record struct ArpFrame(bool IsRequest, PhysicalAddress SenderMac, IPAddress SenderAddress, PhysicalAddress TargetMac, IPAddress TargetAddress)
{
    public const int Length = 42;
    private static readonly byte[] FixedPart = [0, 1, 8, 0, 6, 4, 0];

    /// <summary>"Is anyone using this address?": sender address 0.0.0.0.</summary>
    public static ArpFrame Probe(PhysicalAddress mac, IPAddress address) => new(true, mac, IPAddress.Any, EthernetFrame.NoMac, address);

    /// <summary>"This address is here", as a request: updates caches that hold the address already.</summary>
    public static ArpFrame Announcement(PhysicalAddress mac, IPAddress address) => new(true, mac, address, EthernetFrame.NoMac, address);

    /// <summary>The same as a reply, for hosts that only believe replies.</summary>
    public static ArpFrame UnaskedReply(PhysicalAddress mac, IPAddress address) => new(false, mac, address, EthernetFrame.Broadcast, address);

    /// <summary>The frame with its Ethernet header.</summary>
    public byte[] ToBytes(PhysicalAddress destination)
    {
        var frame = EthernetFrame.Start(Length, destination, SenderMac, PacketSocket.Arp);
        FixedPart.CopyTo(frame.AsSpan(14));
        frame[21] = IsRequest ? (byte)1 : (byte)2;
        SenderMac.GetAddressBytes().CopyTo(frame, 22);
        SenderAddress.GetAddressBytes().CopyTo(frame, 28);
        TargetMac.GetAddressBytes().CopyTo(frame, 32);
        TargetAddress.GetAddressBytes().CopyTo(frame, 38);
        return frame;
    }

    /// <summary>Reads a frame; false when it is no ARP for IPv4 over Ethernet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out ArpFrame arp)
    {
        arp = default;
        if (frame.Length < Length || EthernetFrame.EtherType(frame) != PacketSocket.Arp) return false;
        if (!frame.Slice(14, FixedPart.Length).SequenceEqual(FixedPart) || frame[21] is not (1 or 2)) return false;
        arp = new ArpFrame(frame[21] == 1, EthernetFrame.Mac(frame[22..]), new IPAddress(frame.Slice(28, 4)), EthernetFrame.Mac(frame[32..]), new IPAddress(frame.Slice(38, 4)));
        return true;
    }
}
