using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Bench.Probing;

/// <summary>
/// ICMP echo: probes an address with no program behind it, since the kernel of its owner answers. The server is named by its MAC, which is
/// why answers are read as frames. Only for targets on a network of this host.
/// </summary>
internal sealed class PingProbe : IProbeTransport
{
    private const int EthernetHeader = 14;
    private const int Ip6Header = 40;
    private const byte IcmpProtocol = 1;
    private const byte Icmp6Protocol = 58;

    private readonly Socket _sender;
    private readonly Socket _frames;
    private readonly SocketAddress _target;
    private readonly byte[] _targetBytes;
    private readonly bool _isV4;
    private readonly ushort _id = (ushort)Environment.ProcessId;
    private readonly byte[] _out = new byte[16];
    private readonly byte[] _in = new byte[2048];
    private readonly Dictionary<ulong, string> _names = [];

    public PingProbe(IPAddress target)
    {
        _isV4 = target.AddressFamily == AddressFamily.InterNetwork;
        _sender = new Socket(target.AddressFamily, SocketType.Raw, _isV4 ? ProtocolType.Icmp : ProtocolType.IcmpV6) { ReceiveBufferSize = 0 };
        _frames = PacketSocket.Open(_isV4 ? PacketSocket.Ip4 : PacketSocket.Ip6);
        _target = new IPEndPoint(target, 0).Serialize();
        _targetBytes = target.GetAddressBytes();
    }

    public void Send(int sequence)
    {
        _out[0] = (byte)(_isV4 ? 8 : 128);
        _out[2] = _out[3] = 0;
        BitConverter.TryWriteBytes(_out.AsSpan(4), _id);
        BitConverter.TryWriteBytes(_out.AsSpan(6), (ushort)sequence);
        BitConverter.TryWriteBytes(_out.AsSpan(8), (long)sequence);
        if (_isV4) // For ICMPv6 the kernel fills in the checksum, which covers the addresses too.
            BitConverter.TryWriteBytes(_out.AsSpan(2), Checksum(_out));
        try
        {
            _sender.SendTo(_out, SocketFlags.None, _target);
        }
        catch (SocketException)
        {
            // Unreachable for a moment: counted as lost because no answer comes.
        }
    }

    public bool Receive(out int sequence, out string server)
    {
        (sequence, server) = (-1, "");
        var frame = _in.AsSpan(0, PacketSocket.Receive(_frames, _in));
        if (!IsFromTarget(frame))
            return false;
        var echo = frame[(EthernetHeader + (_isV4 ? (frame[EthernetHeader] & 15) * 4 : Ip6Header))..];
        if (echo.Length < 16 || echo[0] != (_isV4 ? 0 : 129) || BitConverter.ToUInt16(echo[4..]) != _id)
            return false;
        sequence = (int)BitConverter.ToInt64(echo[8..]);
        server = NameOf(frame.Slice(6, 6));
        return true;
    }

    public void Dispose()
    {
        _sender.Dispose();
        _frames.Dispose();
    }

    private bool IsFromTarget(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < EthernetHeader + (_isV4 ? 20 : Ip6Header))
            return false;
        var ip = frame[EthernetHeader..];
        return _isV4
            ? ip[9] == IcmpProtocol && ip.Slice(12, 4).SequenceEqual(_targetBytes)
            : ip[6] == Icmp6Protocol && ip.Slice(8, 16).SequenceEqual(_targetBytes);
    }

    // Each MAC becomes text once: garbage would make the probe itself late.
    private string NameOf(ReadOnlySpan<byte> mac)
    {
        var key = (ulong)BitConverter.ToUInt32(mac) | ((ulong)BitConverter.ToUInt16(mac[4..]) << 32);
        if (!_names.TryGetValue(key, out var name))
            _names[key] = name = PacketSocket.MacText(mac);
        return name;
    }

    // RFC 1071: ones' complement sum of 16-bit words; the byte order of the words does not matter to the result.
    private static ushort Checksum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (var i = 0; i < data.Length; i += 2)
            sum += BitConverter.ToUInt16(data[i..]);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
