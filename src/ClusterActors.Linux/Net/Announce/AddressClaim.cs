using System.Net;
using System.Net.NetworkInformation;

namespace ClusterActors.Linux.Net.Announce;

/// <summary>Reads from a frame whether another host claims an address.</summary>
internal static class AddressClaim
{
    /// <summary>
    /// The link address of the claimant, null when the frame claims nothing or is our own. A claim is an ARP frame with the address as sender, or an advertisement
    /// of it; when <paramref name="probesCount"/>, also another host's probe for it (two hosts about to take one address).
    /// </summary>
    public static PhysicalAddress? By(ReadOnlySpan<byte> frame, IPAddress address, PhysicalAddress own, bool probesCount)
    {
        PhysicalAddress? claimant = null;
        if (ArpFrame.TryParse(frame, out var arp))
        {
            var probe = probesCount && arp.IsRequest && arp.SenderAddress.Equals(IPAddress.Any) && arp.TargetAddress.Equals(address);
            if (probe || arp.SenderAddress.Equals(address)) claimant = arp.SenderMac;
        }
        else if (NeighbourFrame.TryParse(frame, out var neighbour) && neighbour.Target.Equals(address))
        {
            var probe = probesCount && !neighbour.IsAdvertisement && neighbour.Source.Equals(IPAddress.IPv6Any);
            if (probe || neighbour.IsAdvertisement) claimant = neighbour.LinkAddress ?? EthernetFrame.Source(frame);
        }
        return claimant is null || claimant.Equals(own) ? null : claimant;
    }

    /// <summary>As people write it: <c>02:00:5e:10:00:01</c>.</summary>
    public static string Format(PhysicalAddress mac) => string.Join(':', mac.GetAddressBytes().Select(part => part.ToString("x2")));
}
