using System.Net;
using System.Net.Sockets;
using ClusterActors.Model;
using ClusterActors.Model.Net;
using ClusterActors.Model.Resources;

namespace ClusterActors.Resources.FloatingIp;

/// <summary>Type <c>fip</c>: see README.md beside this file for the operator's view.</summary>
public sealed class FloatingIpResourceType : IResourceType
{
    /// <summary>IFNAMSIZ without its final zero.</summary>
    private const int LongestInterfaceName = 15;

    public ResourceTypeDescription Description { get; } = new(
        Type: "fip",
        Summary: "An IP address that moves with the group.",
        Exclusion: ExclusionClass.Lease,
        StartOrder: 10,
        DefaultStartRetries: 5,
        DefaultRestarts: 3,
        Privileges: "CAP_NET_ADMIN and CAP_NET_RAW; CAP_BPF for the BPF fence (the guardian runs as root)",
        Parameters:
        [
            new("ip", ParameterKind.AddressWithPrefix, true, null, "",
                "The address with the prefix length of its subnet: 10.0.0.100/24 or fd00::100/64. It is added as a host address."),
            new("device", ParameterKind.Text, false, null, "",
                "Interface to carry it. Without it: the interface that has an address in the same subnet."),
            new("probe", ParameterKind.Boolean, false, "true", "",
                "Ask the network three times, 200 ms apart, whether somebody else has the address (RFC 5227) when the group is started and its both-activation-check is on. Never done in a takeover or after a move."),
            new("fence", ParameterKind.Choice, false, "kernel", "",
                "kernel: the address is only added behind a fence that closes by itself when this server's grant ends. none: no fence; two servers may answer for a while.",
                Allowed: ["kernel", "none"]),
        ]);

    public IEnumerable<string> Validate(ResourceConfig resource, ClusterConfig cluster)
    {
        var options = FloatingIpOptions.From(resource.Parameters);
        if (options.Address.AddressFamily == AddressFamily.InterNetworkV6 && options.Address.IsIPv6LinkLocal)
            yield return $"ip is {options.Address}; a link-local address cannot float, use a global or unique local one";
        if (!IsUnicast(options.Address))
            yield return $"ip is {options.Address}; must be a unicast address that clients can reach";
        else if (Subnet.IsEdge(options.Address, options.Prefix))
            yield return $"ip is {options.Address}/{options.Prefix}, the first or the last address of its subnet, which belongs to the subnet itself; use one between them";
        if (options.Device is { Length: > 0 } device && (device.Length > LongestInterfaceName || device.Any(c => c == '/' || char.IsWhiteSpace(c) || char.IsControl(c))))
            yield return $"device is '{device}'; an interface name has 1 to {LongestInterfaceName} characters, without '/' and blanks";
    }

    private static bool IsUnicast(IPAddress address) =>
        !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.IsIPv6Multicast
        && (address.AddressFamily != AddressFamily.InterNetwork || address.GetAddressBytes() is [not 0 and < 224, ..] and not [169, 254, ..]);

    public IResource Create(ResourceConfig resource, IResourceHost host) => new FloatingIpResource(FloatingIpOptions.From(resource.Parameters), host);
}
