using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;

namespace ClusterActors.Linux.Net.Announce;

/// <summary>IPv6 neighbour solicitation and advertisement over Ethernet (RFC 4861), without other options than the link address.</summary>
/// <param name="LinkAddress">The link address option; null when the frame has none.</param>
public readonly record struct NeighbourFrame(bool IsAdvertisement, IPAddress Source, IPAddress Destination, IPAddress Target, PhysicalAddress? LinkAddress)
{
    private const int NetworkOffset = EthernetFrame.HeaderLength;
    private const int IcmpOffset = NetworkOffset + 40;
    private const int TargetOffset = IcmpOffset + 8;
    private const int OptionOffset = TargetOffset + 16;
    private const byte Icmp = 58;
    private const byte Solicitation = 135;
    private const byte Advertisement = 136;
    private const byte Override = 0x20;

    public static readonly IPAddress AllNodes = IPAddress.Parse("ff02::1");

    /// <summary>"This address is here": unsolicited, overriding, to all nodes.</summary>
    public static NeighbourFrame Announcement(PhysicalAddress mac, IPAddress address) => new(true, address, AllNodes, address, mac);

    /// <summary>"Is anyone using this address?": from the unspecified address, without a link address.</summary>
    public static NeighbourFrame Probe(IPAddress address) => new(false, IPAddress.IPv6Any, SolicitedNode(address), address, null);

    /// <summary>The multicast group that owners of the address listen to.</summary>
    public static IPAddress SolicitedNode(IPAddress address)
    {
        var bytes = IPAddress.Parse("ff02::1:ff00:0").GetAddressBytes();
        address.GetAddressBytes().AsSpan(13).CopyTo(bytes.AsSpan(13));
        return new IPAddress(bytes);
    }

    /// <summary>The Ethernet address of an IPv6 multicast group.</summary>
    public static PhysicalAddress MulticastMac(IPAddress group)
    {
        var bytes = group.GetAddressBytes();
        return new PhysicalAddress([0x33, 0x33, bytes[12], bytes[13], bytes[14], bytes[15]]);
    }

    /// <summary>The frame with its headers and checksum.</summary>
    public byte[] ToBytes(PhysicalAddress sourceMac, PhysicalAddress? destinationMac = null)
    {
        var length = OptionOffset + (LinkAddress is null ? 0 : 8);
        var frame = EthernetFrame.Start(length, destinationMac ?? MulticastMac(Destination), sourceMac, PacketSocket.IPv6);
        frame[NetworkOffset] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(NetworkOffset + 4), (ushort)(length - IcmpOffset));
        frame[NetworkOffset + 6] = Icmp;
        frame[NetworkOffset + 7] = 255;
        Source.GetAddressBytes().CopyTo(frame, NetworkOffset + 8);
        Destination.GetAddressBytes().CopyTo(frame, NetworkOffset + 24);
        frame[IcmpOffset] = IsAdvertisement ? Advertisement : Solicitation;
        if (IsAdvertisement) frame[IcmpOffset + 4] = Override;
        Target.GetAddressBytes().CopyTo(frame, TargetOffset);
        if (LinkAddress is not null)
        {
            frame[OptionOffset] = IsAdvertisement ? (byte)2 : (byte)1;
            frame[OptionOffset + 1] = 1;
            LinkAddress.GetAddressBytes().CopyTo(frame, OptionOffset + 2);
        }
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(IcmpOffset + 2), Checksum(frame));
        return frame;
    }

    /// <summary>Reads a frame; false when it is neither kind or stands behind extension headers (which RFC 6980 makes pointless for these).</summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out NeighbourFrame message)
    {
        message = default;
        if (frame.Length < OptionOffset || EthernetFrame.EtherType(frame) != PacketSocket.IPv6) return false;
        if (frame[NetworkOffset + 6] != Icmp || frame[IcmpOffset] is not (Solicitation or Advertisement)) return false;
        PhysicalAddress? link = null;
        if (frame.Length >= OptionOffset + 8 && frame[OptionOffset] is 1 or 2 && frame[OptionOffset + 1] == 1) link = EthernetFrame.Mac(frame[(OptionOffset + 2)..]);
        message = new NeighbourFrame(frame[IcmpOffset] == Advertisement, new IPAddress(frame.Slice(NetworkOffset + 8, 16)),
            new IPAddress(frame.Slice(NetworkOffset + 24, 16)), new IPAddress(frame.Slice(TargetOffset, 16)), link);
        return true;
    }

    /// <summary>The internet checksum over the pseudo header and the ICMPv6 message.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> frame)
    {
        var sum = (uint)(frame.Length - IcmpOffset) + Icmp;
        for (var i = NetworkOffset + 8; i < frame.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(frame[i..]);
        while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
