using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ClusterActors.Arbiters.Ping;

/// <summary>
/// Echo requests of our own: on an ICMP datagram socket where net.ipv4.ping_group_range lets us, else on a raw one (CAP_NET_RAW). The
/// socket is connected, so that the kernel hands over only what the target sent.
/// </summary>
public sealed class IcmpEcho : IEcho
{
    public async Task<string?> SendAsync(IPAddress target, ushort sequence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(target);
        try
        {
            var (socket, isRaw) = Open(target.AddressFamily);
            using (socket)
                return await ExchangeAsync(socket, isRaw, target, sequence, cancellation).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            return failure.Message;
        }
    }

    private static async Task<string?> ExchangeAsync(Socket socket, bool isRaw, IPAddress target, ushort sequence, CancellationToken cancellation)
    {
        var token = RandomNumberGenerator.GetBytes(EchoPacket.TokenBytes);
        var request = new byte[EchoPacket.Bytes];
        EchoPacket.WriteRequest(request, target.AddressFamily, (ushort)Environment.ProcessId, sequence, token);
        await socket.ConnectAsync(new IPEndPoint(target, 0), cancellation).ConfigureAwait(false);
        await socket.SendAsync(request, SocketFlags.None, cancellation).ConfigureAwait(false);
        var buffer = new byte[1500];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellation).ConfigureAwait(false);
            if (EchoPacket.IsAnswer(buffer.AsSpan(0, length), target.AddressFamily, isRaw, sequence, token))
                return null;
        }
    }

    private static (Socket Socket, bool IsRaw) Open(AddressFamily family)
    {
        var protocol = family == AddressFamily.InterNetwork ? ProtocolType.Icmp : ProtocolType.IcmpV6;
        try
        {
            return (new Socket(family, SocketType.Dgram, protocol), false);
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.AccessDenied or SocketError.ProtocolNotSupported or SocketError.ProtocolType)
        {
            return (new Socket(family, SocketType.Raw, protocol), true);
        }
    }
}
