using System.Net;
using System.Net.NetworkInformation;

namespace ClusterActors.Linux.Net.Announce;

/// <summary>Another host said that a watched address is its own.</summary>
public sealed record RivalClaim(IPAddress Address, PhysicalAddress Mac);

/// <summary>
/// Listens for announcements of our addresses by others. The kernel hands over ARP and neighbour discovery only (a socket filter), so other traffic
/// costs next to nothing; a closed fence does not blind it. One thread at a time; poll with <see cref="TryTake"/> or wait with <see cref="Wait"/>.
/// </summary>
public sealed class RivalWatch(LinkInfo link) : IDisposable
{
    private const int FramesPerTake = 64;
    private readonly PacketSocket _socket = new(link, PacketSocket.Claims);
    private readonly HashSet<IPAddress> _watched = [];

    /// <summary>Readable when a frame that may be a claim is there; for a wait together with other descriptors.</summary>
    public int FileDescriptor => _socket.FileDescriptor;

    public void Watch(IPAddress address) => _watched.Add(address);

    public void Unwatch(IPAddress address) => _watched.Remove(address);

    /// <summary>The next claim that has arrived; looks at no more than 64 frames a call.</summary>
    public bool TryTake(out RivalClaim? claim)
    {
        claim = null;
        Span<byte> frame = stackalloc byte[256];
        for (var frames = 0; frames < FramesPerTake; frames++)
        {
            var length = _socket.TryReceive(frame);
            if (length <= 0) return false;
            foreach (var address in _watched)
            {
                if (AddressClaim.By(frame[..length], address, link.Mac, probesCount: false) is not { } mac) continue;
                claim = new RivalClaim(address, mac);
                return true;
            }
        }
        return false;
    }

    /// <summary>Waits until a frame that may be a claim is there, at most <paramref name="timeout"/>.</summary>
    public bool Wait(TimeSpan timeout) => _socket.Wait((int)timeout.TotalMilliseconds);

    public void Dispose() => _socket.Dispose();
}
