using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Linux.Net.Announce;

public enum AnnouncementOutcome
{
    /// <summary>All frames were handed to the interface.</summary>
    Sent,

    /// <summary>A frame was dropped on the way out: the fence is closed (or the queue full). Nobody heard of the address from this server.</summary>
    Dropped,

    /// <summary>The kernel refused; see the detail.</summary>
    Failed,
}

/// <param name="Detail">One sentence for the event journal.</param>
public sealed record Announcement(AnnouncementOutcome Outcome, string Detail);

/// <summary>
/// Tells the network that an address is at this interface now: gratuitous ARP as request and as reply (RFC 5227 section 3), or an unsolicited
/// neighbour advertisement (RFC 4861 section 7.2.6). Through the egress fence: an expired server cannot announce. One thread at a time.
/// </summary>
public sealed class AddressAnnouncer(LinkInfo link) : IDisposable
{
    /// <summary>When to announce, counted from the moment the address is open: switches and routers lose frames just then.</summary>
    public static readonly IReadOnlyList<TimeSpan> Schedule =
    [
        TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500),
        TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30),
    ];

    private readonly PacketSocket _socket = new(link, PacketSocket.Nothing);
    private readonly Dictionary<IPAddress, byte[][]> _frames = [];

    public Announcement Announce(IPAddress address)
    {
        if (!_frames.TryGetValue(address, out var frames)) _frames[address] = frames = FramesFor(address);
        foreach (var frame in frames)
        {
            var errno = _socket.TrySend(frame);
            if (errno == Errno.ENOBUFS)
                return new Announcement(AnnouncementOutcome.Dropped, $"announcement of {address} on {link.Name} was dropped on the way out: the fence is closed");
            if (errno != 0)
                return new Announcement(AnnouncementOutcome.Failed, $"announcement of {address} on {link.Name} failed: {Errno.Explain(errno)}");
        }
        return new Announcement(AnnouncementOutcome.Sent, $"announced {address} on {link.Name}");
    }

    public void Forget(IPAddress address) => _frames.Remove(address);

    public void Dispose() => _socket.Dispose();

    private byte[][] FramesFor(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6
        ? [NeighbourFrame.Announcement(link.Mac, address).ToBytes(link.Mac)]
        :
        [
            ArpFrame.Announcement(link.Mac, address).ToBytes(EthernetFrame.Broadcast),
            ArpFrame.UnaskedReply(link.Mac, address).ToBytes(EthernetFrame.Broadcast),
        ];
}
