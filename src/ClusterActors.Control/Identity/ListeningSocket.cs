using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Control.Identity;

/// <summary>A TCP socket that listens; on the IPv6 wildcard for IPv4 too.</summary>
public static class ListeningSocket
{
    /// <exception cref="SocketException">The port is taken, or the address is not here.</exception>
    public static Socket Open(IPEndPoint at)
    {
        ArgumentNullException.ThrowIfNull(at);
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (at.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(at);
            socket.Listen(TlsDoor.MaxConnections);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
