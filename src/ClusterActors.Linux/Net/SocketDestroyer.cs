using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Linux.Net;

/// <summary>What became of the sockets bound to an address.</summary>
/// <param name="Destroyed">How many were ended.</param>
/// <param name="Supported">False: the kernel lacks CONFIG_INET_DIAG_DESTROY (or socket diagnostics); programs notice the release by their own timeouts.</param>
/// <param name="Detail">One sentence.</param>
public sealed record SocketDestruction(int Destroyed, bool Supported, string Detail);

/// <summary>
/// Ends TCP and UDP sockets bound to a released address (SOCK_DESTROY of sock_diag(7)): their programs get ECONNABORTED at once instead of
/// sending into the void, and clients with old connections are not answered when the address comes back.
/// </summary>
public static class SocketDestroyer
{
    private const ushort ByFamily = 20;
    private const ushort Destroy = 21;
    private const int RequestBytes = 56;
    private const int IdBytes = 48;
    private const int MaximumSockets = 100_000;

    /// <summary>In the calling thread's network namespace; needs CAP_NET_ADMIN.</summary>
    /// <exception cref="NetworkException">The kernel failed for another reason than lacking the feature.</exception>
    public static SocketDestruction DestroyBoundTo(IPAddress address)
    {
        using var transport = new NetlinkTransport(NetlinkTransport.SocketDiagnostics, "socket diagnostics");
        var destroyed = 0;
        foreach (var family in FamiliesOf(address))
        {
            foreach (var protocol in (byte[])[(byte)ProtocolType.Tcp, (byte)ProtocolType.Udp])
            {
                var ids = Find(transport, family.Family, protocol, family.Source, out var errno);
                if (errno is Errno.ENOENT or Errno.EOPNOTSUPP or Errno.EINVAL) continue;
                if (errno != 0) throw new NetworkException("socket diagnostics", "cannot list sockets", errno);
                foreach (var id in ids)
                {
                    errno = End(transport, family.Family, protocol, id);
                    if (errno == Errno.EOPNOTSUPP)
                        return new SocketDestruction(destroyed, false, "this kernel cannot destroy sockets (CONFIG_INET_DIAG_DESTROY is off)");
                    // ENOENT: the socket ended by itself in between.
                    if (errno is not (0 or Errno.ENOENT)) throw new NetworkException("socket diagnostics", $"cannot destroy a socket bound to {address}", errno);
                    if (errno == 0) destroyed++;
                }
            }
        }
        return new SocketDestruction(destroyed, true, $"{destroyed} sockets bound to {address} destroyed");
    }

    /// <summary>An IPv4 address is also found on IPv6 sockets, in its mapped form.</summary>
    private static IEnumerable<(byte Family, byte[] Source)> FamiliesOf(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            yield return (NetNative.AfInet6, address.GetAddressBytes());
            yield break;
        }
        yield return (NetNative.AfInet, address.GetAddressBytes());
        yield return (NetNative.AfInet6, address.MapToIPv6().GetAddressBytes());
    }

    private static List<byte[]> Find(NetlinkTransport transport, byte family, byte protocol, byte[] source, out int errno)
    {
        var found = new List<byte[]>();
        var writer = new NetlinkWriter(128);
        writer.Begin(ByFamily, NetlinkWriter.FlagDump);
        WriteRequest(writer.Reserve(RequestBytes), family, protocol, []);
        writer.End();
        errno = transport.Dump(writer, (_, body) =>
        {
            // inet_diag_msg: family, state, timer, retransmissions, then the id: ports, source, destination, interface, cookie
            if (body.Length >= 4 + IdBytes && found.Count < MaximumSockets && body.Slice(8, source.Length).SequenceEqual(source)) found.Add(body.Slice(4, IdBytes).ToArray());
        }, found.Clear);
        return found;
    }

    private static int End(NetlinkTransport transport, byte family, byte protocol, byte[] id)
    {
        var writer = new NetlinkWriter(128);
        writer.Begin(Destroy, NetlinkWriter.FlagAck);
        WriteRequest(writer.Reserve(RequestBytes), family, protocol, id);
        writer.End();
        return transport.Request(writer, out _);
    }

    private static void WriteRequest(Span<byte> request, byte family, byte protocol, ReadOnlySpan<byte> id)
    {
        request[0] = family;
        request[1] = protocol;
        BinaryPrimitives.WriteUInt32LittleEndian(request[4..], uint.MaxValue);
        id.CopyTo(request[8..]);
    }
}
