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

/// <summary>Datagrams to <c>deploy/lab/responder</c>, whose answers name its server.</summary>
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
