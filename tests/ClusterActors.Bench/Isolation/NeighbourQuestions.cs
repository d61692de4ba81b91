using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ClusterActors.Bench.Probing;

namespace ClusterActors.Bench.Isolation;

/// <summary>Neighbour solicitations (RFC 4861) for one IPv6 address, to its solicited-node multicast group, in this host's own name.</summary>
internal sealed class NeighbourQuestions : IAddressQuestions
{
    private const int Icmp = 54;
    private readonly Socket _socket;
    private readonly SocketAddress _to;
    private readonly byte[] _frame;

    public NeighbourQuestions(string interfaceName, IPAddress target)
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(one => one.Name == interfaceName)
            ?? throw new UsageException($"--interface is '{interfaceName}'; this host has no such interface");
        var ip = own.GetIPProperties().UnicastAddresses.First(one => one.Address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv6LinkLocal: false }).Address;
        var mac = own.GetPhysicalAddress().GetAddressBytes();
        var wanted = target.GetAddressBytes();
        byte[] group = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, .. wanted[13..]];
        _to = new PacketEndPoint(own.GetIPProperties().GetIPv6Properties().Index, PacketSocket.Ip6).Serialize();
        _socket = PacketSocket.Open(PacketSocket.Ip6);
        _frame =
        [
            0x33, 0x33, .. group[12..], .. mac, 0x86, 0xdd,
            0x60, 0, 0, 0, 0, 32, 58, 255, .. ip.GetAddressBytes(), .. group,
            135, 0, 0, 0, 0, 0, 0, 0, .. wanted, 1, 1, .. mac,
        ];
        BinaryPrimitives.WriteUInt16BigEndian(_frame.AsSpan(Icmp + 2), Checksum(_frame));
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

    // RFC 4443: over both addresses, length and protocol, and the message itself with a checksum of 0.
    private static ushort Checksum(ReadOnlySpan<byte> frame)
    {
        var length = frame.Length - Icmp;
        var sum = (uint)length + 58;
        for (var i = 22; i < frame.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(frame[i..]);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
