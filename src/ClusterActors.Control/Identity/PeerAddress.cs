using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Control.Identity;

/// <summary>The other end of a connected socket.</summary>
internal static class PeerAddress
{
    /// <summary>In the form that people write: an IPv4 address is one, also on a socket for both.</summary>
    public static string Of(Socket socket) => socket.RemoteEndPoint switch
    {
        IPEndPoint { Address: { IsIPv4MappedToIPv6: true } mapped } => mapped.MapToIPv4().ToString(),
        IPEndPoint point => point.Address.ToString(),
        _ => "?",
    };
}
