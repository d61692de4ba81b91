using System.Net;
using ClusterActors.Guardian.Logging;
using ClusterActors.Linux.Net;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Addresses;

/// <summary>
/// Has the kernel keep the link addresses of the beat peers known, so that no beat waits for, or is lost to, address resolution, also when
/// the neighbour table is full. The entries are not permanent: a peer that comes back with another network card would then be sent to its
/// old one for ever, and be taken over although it lives. Peers behind a router have no entry. Address thread only.
/// </summary>
internal sealed class BeatNeighbours(NetlinkSocket netlink, RingLog log)
{
    /// <summary>Before kernel 5.16 a stale entry is confirmed only when asked; newer ones need it only when another tool removed the entry.</summary>
    private const long Every = 30_000_000_000;

    private readonly HashSet<(int Interface, IPAddress Address)> _kept = [];
    private IReadOnlyList<IPAddress> _peers = [];
    private string _said = "";

    /// <summary>Boot time of the next look.</summary>
    public long NextDue { get; private set; } = long.MaxValue;

    public void Apply(GuardianSettings settings, long now)
    {
        _peers = [.. settings.Networks.SelectMany(n => n.Peers).Select(p => p.Address).Distinct()];
        foreach ((int index, IPAddress address) in _kept.Where(k => !_peers.Contains(k.Address)).ToArray())
            Drop(index, address);
        NextDue = now;
    }

    /// <summary>Somebody has removed the entries.</summary>
    public void LookAgain(long now) => NextDue = now;

    /// <summary>Beats go out all the same when this fails, so a failure is said once.</summary>
    public void Keep(long now)
    {
        if (now < NextDue)
            return;
        NextDue = _peers.Count == 0 ? long.MaxValue : now + Every;
        try
        {
            foreach (IPAddress peer in _peers)
                Keep(peer);
            Say(_kept.Count == 0 ? "" : $"link addresses of {string.Join(", ", _kept.Select(k => k.Address))} are kept known for the beats");
        }
        catch (NetworkException e)
        {
            Say($"neighbour entries for the beats: {e.Message}; a beat may wait for address resolution");
        }
    }

    /// <summary>The guardian ends.</summary>
    public void Remove()
    {
        foreach ((int index, IPAddress address) in _kept.ToArray())
            Drop(index, address);
    }

    private void Keep(IPAddress peer)
    {
        if (netlink.FindLinkBySubnet(peer) is not { IsEthernet: true, IsUp: true } link)
            return;
        netlink.KeepNeighbour(link, peer);

        // The address may have moved to another interface; the old entry would only be in the way.
        foreach ((int index, IPAddress address) in _kept.Where(k => k.Address.Equals(peer) && k.Interface != link.Index).ToArray())
            Drop(index, address);
        _kept.Add((link.Index, peer));
    }

    private void Drop(int index, IPAddress address)
    {
        _kept.Remove((index, address));
        try
        {
            netlink.RemoveNeighbour(index, address);
        }
        catch (NetworkException e)
        {
            log.Warn($"neighbour entry of {address} stays behind: {e.Message}");
        }
    }

    private void Say(string sentence)
    {
        if (sentence != _said && sentence.Length > 0)
            log.Info(sentence);
        _said = sentence;
    }
}
