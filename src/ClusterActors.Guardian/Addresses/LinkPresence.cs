using System.Net;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;

namespace ClusterActors.Guardian.Addresses;

/// <summary>What the address thread keeps open for one interface that holds group addresses: a voice and an ear.</summary>
internal sealed class LinkPresence(LinkInfo link) : IDisposable
{
    private readonly AddressAnnouncer _announcer = new(link);
    private readonly RivalWatch _watch = new(link);
    private readonly HashSet<IPAddress> _addresses = [];

    public bool IsIdle => _addresses.Count == 0;

    public int Index => link.Index;

    /// <summary>Readable when somebody may have claimed an address.</summary>
    public int FileDescriptor => _watch.FileDescriptor;

    public void Add(IPAddress address)
    {
        _addresses.Add(address);
        _watch.Watch(address);
    }

    public void Remove(IPAddress address)
    {
        _addresses.Remove(address);
        _watch.Unwatch(address);
        _announcer.Forget(address);
    }

    public Announcement Announce(IPAddress address) => _announcer.Announce(address);

    public bool TryTakeClaim(out RivalClaim? claim) => _watch.TryTake(out claim);

    public void Dispose()
    {
        _announcer.Dispose();
        _watch.Dispose();
    }
}
