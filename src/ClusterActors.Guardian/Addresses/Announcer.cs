using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;
using ClusterActors.Linux.Time;

namespace ClusterActors.Guardian.Addresses;

/// <summary>Tells the network where an address is, asks whether somebody else has it, and listens for rivals. Owned by the address thread.</summary>
internal sealed class Announcer : IDisposable
{
    private const int Probes = 3;
    private const int ProbeGapMilliseconds = 200;
    private readonly Dictionary<string, PacketSocket> _listening = [];
    private readonly byte[] _frame = new byte[2048];

    /// <summary>RFC 5227 and RFC 4861: a gratuitous request and an unasked answer, or an unsolicited advertisement. Returns 0 or the errno of the sender.</summary>
    public static int Announce(LinkInfo link, IPAddress address)
    {
        using var socket = new PacketSocket(link, PacketSocket.Nothing);
        if (address.AddressFamily != AddressFamily.InterNetwork)
            return socket.TrySend(NeighbourFrame.Announcement(link.Mac, address).ToBytes(link.Mac));
        int first = socket.TrySend(ArpFrame.Announcement(link.Mac, address).ToBytes(EthernetFrame.Broadcast));
        int second = socket.TrySend(ArpFrame.UnaskedReply(link.Mac, address).ToBytes(EthernetFrame.Broadcast));
        return first != 0 ? first : second;
    }

    /// <summary>Asks three times, 200 ms apart. Returns the hardware address of another holder, or null. Takes 0.6 s when there is none.</summary>
    /// <param name="cancelled">Looked at between the questions; a cancelled probe finds nobody.</param>
    public PhysicalAddress? FindHolder(LinkInfo link, IPAddress address, Func<bool> cancelled)
    {
        bool version4 = address.AddressFamily == AddressFamily.InterNetwork;
        using var socket = new PacketSocket(link, version4 ? PacketSocket.Arp : PacketSocket.IPv6);
        for (int i = 0; i < Probes && !cancelled(); i++)
        {
            byte[] question = version4
                ? ArpFrame.Probe(link.Mac, address).ToBytes(EthernetFrame.Broadcast)
                : NeighbourFrame.Probe(address).ToBytes(link.Mac);
            socket.TrySend(question);
            long until = BootClock.NowNanoseconds() + (ProbeGapMilliseconds * 1_000_000L);
            while (BootClock.NowNanoseconds() < until)
            {
                int left = (int)Math.Max(1, (until - BootClock.NowNanoseconds()) / 1_000_000);
                if (!socket.Wait(left))
                    continue;
                int length = socket.TryReceive(_frame);
                if (length > 0 && Holder(_frame.AsSpan(0, length), link, address) is { } rival)
                    return rival;
            }
        }

        return null;
    }

    /// <summary>Begins to listen for announcements on a link.</summary>
    public void Listen(LinkInfo link)
    {
        if (link.IsEthernet && !_listening.ContainsKey(link.Name))
            _listening.Add(link.Name, new PacketSocket(link, PacketSocket.Arp));
    }

    /// <summary>Stops listening on links that hold nothing.</summary>
    public void Keep(IReadOnlyCollection<string> links)
    {
        foreach (string name in _listening.Keys.Where(name => !links.Contains(name)).ToArray())
        {
            _listening[name].Dispose();
            _listening.Remove(name);
        }
    }

    /// <summary>Looks at what arrived; tells each IPv4 frame in which another machine claims an address.</summary>
    public void Look(Action<LinkInfo, IPAddress, PhysicalAddress> claimed)
    {
        foreach (PacketSocket socket in _listening.Values)
        {
            for (int i = 0; i < 256; i++)
            {
                int length = socket.TryReceive(_frame);
                if (length == 0)
                    break;
                if (ArpFrame.TryParse(_frame.AsSpan(0, length), out ArpFrame arp) && !arp.SenderAddress.Equals(IPAddress.Any) && !arp.SenderMac.Equals(socket.Link.Mac))
                    claimed(socket.Link, arp.SenderAddress, arp.SenderMac);
            }
        }
    }

    public void Dispose() => Keep([]);

    private static PhysicalAddress? Holder(ReadOnlySpan<byte> frame, LinkInfo link, IPAddress address)
    {
        if (ArpFrame.TryParse(frame, out ArpFrame arp))
        {
            bool claims = arp.SenderAddress.Equals(address) || (arp.SenderAddress.Equals(IPAddress.Any) && arp.IsRequest && arp.TargetAddress.Equals(address));
            return claims && !arp.SenderMac.Equals(link.Mac) ? arp.SenderMac : null;
        }

        if (NeighbourFrame.TryParse(frame, out NeighbourFrame neighbour) && neighbour.Target.Equals(address))
        {
            PhysicalAddress source = EthernetFrame.Source(frame);
            bool claims = neighbour.IsAdvertisement || neighbour.Source.Equals(IPAddress.IPv6Any);
            return claims && !source.Equals(link.Mac) ? neighbour.LinkAddress ?? source : null;
        }

        return null;
    }
}
