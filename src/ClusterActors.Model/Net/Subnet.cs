using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Model.Net;

/// <summary>What the size of a network says of the addresses in it.</summary>
public static class Subnet
{
    /// <summary>
    /// All bits of the host 0 or all 1: the network's own address and its broadcast, which no interface can have. IPv6 has no broadcast, and subnets of
    /// two or one address have neither.
    /// </summary>
    public static bool IsEdge(IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily != AddressFamily.InterNetwork || prefixLength > 30)
            return false;
        var last = uint.MaxValue >> prefixLength;
        var host = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) & last;
        return host == 0 || host == last;
    }
}
