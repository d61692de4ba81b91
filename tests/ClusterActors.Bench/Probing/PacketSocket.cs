using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Bench.Probing;

/// <summary>Whole Ethernet frames of this host (packet(7)): only they say which server, by its MAC, an answer came from.</summary>
internal static class PacketSocket
{
    public const ushort AnyProtocol = 0x0003;
    public const ushort Ip4 = 0x0800;
    public const ushort Ip6 = 0x86DD;
    public const ushort Arp = 0x0806;

    public static readonly TimeSpan ReceiveLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>Receives what arrives on any interface; what this host sends is seen with <see cref="AnyProtocol"/> only.</summary>
    public static Socket Open(ushort protocol) =>
        new(AddressFamily.Packet, SocketType.Raw, (ProtocolType)(ushort)IPAddress.HostToNetworkOrder((short)protocol))
        {
            ReceiveTimeout = (int)ReceiveLimit.TotalMilliseconds,
            ReceiveBufferSize = 4 << 20,
        };

    /// <summary>Length of the next frame; 0 when none came within the limit.</summary>
    public static int Receive(Socket socket, byte[] frame)
    {
        try
        {
            return socket.Receive(frame);
        }
        catch (SocketException problem) when (problem.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted or SocketError.NetworkDown)
        {
            return 0;
        }
    }

    public static string MacText(ReadOnlySpan<byte> mac) => string.Join(':', Convert.ToHexStringLower(mac).Chunk(2).Select(pair => new string(pair)));
}

/// <summary>An interface to bind a packet socket to: struct sockaddr_ll.</summary>
internal sealed class PacketEndPoint(int interfaceIndex, ushort protocol) : EndPoint
{
    private const int Size = 20;

    public override AddressFamily AddressFamily => AddressFamily.Packet;

    public override SocketAddress Serialize()
    {
        var address = new SocketAddress(AddressFamily.Packet, Size);
        (address[2], address[3]) = ((byte)(protocol >> 8), (byte)protocol);
        var index = BitConverter.GetBytes(interfaceIndex);
        for (var i = 0; i < index.Length; i++)
            address[4 + i] = index[i];
        return address;
    }

    public override EndPoint Create(SocketAddress socketAddress) => this;
}
