using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Bench.Probing;

/// <summary>How a probe travels. One thread sends, another receives.</summary>
internal interface IProbeTransport : IDisposable
{
    /// <summary>Sends probe number <paramref name="sequence"/>. Errors of the network are losses, seen by the missing answer.</summary>
    void Send(int sequence);

    /// <summary>Waits for the next answer, at most 100 ms. False: none came.</summary>
    bool Receive(out int sequence, out string server);
}

/// <summary>Datagrams to a <see cref="ResponderProgram"/>, whose answers name its server.</summary>
internal sealed class UdpProbe : IProbeTransport
{
    private readonly Socket _socket;
    private readonly SocketAddress _target;
    private readonly byte[] _out = new byte[8];
    private readonly byte[] _in = new byte[512];

    public UdpProbe(IPEndPoint target)
    {
        // Not connected: an ICMP error of a server that just went away must not come back as an error of the next send.
        _socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 100 };
        _socket.Bind(new IPEndPoint(target.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
        _target = target.Serialize();
    }

    public void Send(int sequence)
    {
        BitConverter.TryWriteBytes(_out, (long)sequence);
        try
        {
            _socket.SendTo(_out, SocketFlags.None, _target);
        }
        catch (SocketException)
        {
            // Unreachable for a moment: counted as lost because no answer comes.
        }
    }

    public bool Receive(out int sequence, out string server)
    {
        (sequence, server) = (-1, "");
        try
        {
            var length = _socket.Receive(_in);
            if (length < 8)
                return false;
            sequence = (int)BitConverter.ToInt64(_in);
            server = System.Text.Encoding.UTF8.GetString(_in.AsSpan(8, length - 8));
            return true;
        }
        catch (SocketException problem) when (problem.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();
}

/// <summary>ICMP echo: probes an address with no program behind it. Who answered is not known; the name is the address.</summary>
internal sealed class PingProbe : IProbeTransport
{
    private readonly Socket _socket;
    private readonly SocketAddress _target;
    private readonly bool _isV4;
    private readonly ushort _id = (ushort)Environment.ProcessId;
    private readonly byte[] _out = new byte[16];
    private readonly byte[] _in = new byte[512];
    private readonly string _name;

    public PingProbe(IPAddress target)
    {
        _isV4 = target.AddressFamily == AddressFamily.InterNetwork;
        _socket = new Socket(target.AddressFamily, SocketType.Raw, _isV4 ? ProtocolType.Icmp : ProtocolType.IcmpV6) { ReceiveTimeout = 100 };
        _target = new IPEndPoint(target, 0).Serialize();
        _name = target.ToString();
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
            _socket.SendTo(_out, SocketFlags.None, _target);
        }
        catch (SocketException)
        {
            // Unreachable for a moment: counted as lost because no answer comes.
        }
    }

    public bool Receive(out int sequence, out string server)
    {
        (sequence, server) = (-1, _name);
        try
        {
            var length = _socket.Receive(_in);
            var header = _isV4 ? (_in[0] & 15) * 4 : 0;
            if (length < header + 16 || _in[header] != (_isV4 ? 0 : 129) || BitConverter.ToUInt16(_in, header + 4) != _id)
                return false;
            sequence = (int)BitConverter.ToInt64(_in, header + 8);
            return true;
        }
        catch (SocketException problem) when (problem.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();

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
