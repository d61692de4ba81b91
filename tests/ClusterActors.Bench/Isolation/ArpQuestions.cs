using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ClusterActors.Bench.Probing;

namespace ClusterActors.Bench.Isolation;

/// <summary>Asks a network again and again who has an address.</summary>
internal interface IAddressQuestions : IDisposable
{
    void Ask();
}

/// <summary>ARP requests (RFC 826) for one address, broadcast on one interface in this host's own name.</summary>
internal sealed class ArpQuestions : IAddressQuestions
{
    private readonly Socket _socket;
    private readonly SocketAddress _to;
    private readonly byte[] _frame;

    public ArpQuestions(string interfaceName, IPAddress target)
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(one => one.Name == interfaceName)
            ?? throw new UsageException($"--interface is '{interfaceName}'; this host has no such interface");
        var ip = own.GetIPProperties().UnicastAddresses.First(one => one.Address.AddressFamily == AddressFamily.InterNetwork).Address;
        var mac = own.GetPhysicalAddress().GetAddressBytes();
        _to = new PacketEndPoint(own.GetIPProperties().GetIPv4Properties().Index, PacketSocket.Arp).Serialize();
        _socket = PacketSocket.Open(PacketSocket.Arp);
        byte[] broadcast = [255, 255, 255, 255, 255, 255];
        _frame = [.. broadcast, .. mac, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, .. mac, .. ip.GetAddressBytes(), 0, 0, 0, 0, 0, 0, .. target.GetAddressBytes()];
    }

    public void Ask()
    {
        try
        {
            _socket.SendTo(_frame, SocketFlags.None, _to);
        }
        catch (SocketException problem) when (problem.SocketErrorCode is SocketError.NoBufferSpaceAvailable or SocketError.NetworkDown)
        {
            // One question less; the next comes in a moment.
        }
    }

    public void Dispose() => _socket.Dispose();
}
