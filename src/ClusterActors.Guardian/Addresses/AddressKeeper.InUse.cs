using System.Net;
using System.Net.NetworkInformation;
using System.Text;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Addresses;

/// <summary>Whether somebody else has an address that is to be added: on this server, always; on the network, when asked to look.</summary>
internal sealed partial class AddressKeeper
{
    private Reply? InUse(AddAddress request, LinkInfo link)
    {
        if (WhoHasItHere(request.Address) is { } here)
            return new Reply(GuardianResult.InUse, here, []);
        return request.Probe && link.IsEthernet && DuplicateAddressProbe.Run(link, request.Address) is { Owner: { } owner } taken
            ? new Reply(GuardianResult.InUse, taken.Reason, Encoding.ASCII.GetBytes(Words(owner)))
            : null;
    }

    /// <summary>
    /// Added beside such an address, ours would be merged with it or be a second one: whose it is to remove nobody could tell afterwards, and what stays
    /// behind answers outside the fence. Looks at this server's own tables only, so a takeover loses no time by it.
    /// </summary>
    private string? WhoHasItHere(IPAddress address)
    {
        if (_held.Values.FirstOrDefault(h => h.Request.Address.Equals(address)) is { } held)
            return $"{address} is up here already for {held.Request.Group}.{held.Request.Resource}; one address cannot belong to two resources";
        if (_netlink.ListAddresses().FirstOrDefault(a => a.Address.Equals(address) && !NetlinkSocket.MayBeOurs(a)) is not { } foreign)
            return null;
        string device = _netlink.ListLinks().FirstOrDefault(l => l.Index == foreign.InterfaceIndex)?.Name ?? $"interface {foreign.InterfaceIndex}";
        return $"{address} is on {device} of this server already and was not put there by the cluster; take it off first (ip address del {address}/{foreign.PrefixLength} dev {device})";
    }

    private static string Words(PhysicalAddress mac) => string.Join(':', mac.GetAddressBytes().Select(b => b.ToString("x2")));
}
