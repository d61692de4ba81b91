using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ClusterActors.Linux.Net.Announce;

/// <summary>What the duplicate probe found.</summary>
/// <param name="Owner">Link address of the host that uses or probes for the address; null when none answered.</param>
/// <param name="Reason">One sentence.</param>
public sealed record DuplicateFinding(PhysicalAddress? Owner, string Reason)
{
    public bool IsFree => Owner is null;
}

/// <summary>
/// Asks the network whether somebody uses an address: ARP probes (RFC 5227 section 2.1) or neighbour solicitations from the unspecified address
/// (RFC 4862 section 5.4). Probe before the address goes under the fence: a closed fence drops the IPv6 probe.
/// </summary>
public static class DuplicateAddressProbe
{
    public const int DefaultProbes = 3;
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Takes <paramref name="probes"/> x <paramref name="interval"/> when nobody answers, less at a conflict. Blocks the calling thread.</summary>
    /// <exception cref="NetworkException">A probe could not be sent: nothing is known about the address.</exception>
    public static DuplicateFinding Run(LinkInfo link, IPAddress address, int probes = DefaultProbes, TimeSpan? interval = null, TimeProvider? time = null)
    {
        var version6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        using var socket = new PacketSocket(link, PacketSocket.Claims);
        if (version6) socket.JoinMulticast(NeighbourFrame.MulticastMac(NeighbourFrame.SolicitedNode(address)));
        var question = version6
            ? NeighbourFrame.Probe(address).ToBytes(link.Mac)
            : ArpFrame.Probe(link.Mac, address).ToBytes(EthernetFrame.Broadcast);
        for (var sent = 0; sent < probes; sent++)
        {
            var errno = socket.TrySend(question);
            if (errno != 0) throw new NetworkException("duplicate probe", $"cannot probe for {address} on {link.Name}", errno);
            var owner = Listen(socket, address, interval ?? DefaultInterval, time ?? TimeProvider.System);
            if (owner is not null)
                return new DuplicateFinding(owner, $"{address} is in use on {link.Name} by the host with link address {AddressClaim.Format(owner)}");
        }
        return new DuplicateFinding(null, $"nobody answered {probes} probes for {address} on {link.Name}");
    }

    private static PhysicalAddress? Listen(PacketSocket socket, IPAddress address, TimeSpan bound, TimeProvider time)
    {
        Span<byte> frame = stackalloc byte[256];
        var start = time.GetTimestamp();
        while (true)
        {
            for (int length; (length = socket.TryReceive(frame)) > 0;)
            {
                if (AddressClaim.By(frame[..length], address, socket.Link.Mac, probesCount: true) is { } owner) return owner;
            }
            var rest = bound - time.GetElapsedTime(start);
            if (rest <= TimeSpan.Zero) return null;
            socket.Wait((int)Math.Ceiling(rest.TotalMilliseconds));
        }
    }
}
