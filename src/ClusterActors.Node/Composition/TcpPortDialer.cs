using System.Net;
using System.Net.Sockets;
using ClusterActors.Cluster.Ports;

namespace ClusterActors.Node.Composition;

/// <summary>Tries ports by TCP. The connection ends with a plain FIN and without a byte; listeners of the cluster take that in silence.</summary>
internal sealed class TcpPortDialer(TimeProvider time) : IPortDialer
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public async Task<string?> TryAsync(IPAddress from, IPEndPoint to)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(to, limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {Limit.TotalSeconds:0} s";
        }
        catch (SocketException failure)
        {
            return Words(failure, from);
        }
    }

    private static string Words(SocketException failure, IPAddress from) => failure.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.AddressNotAvailable => $"{from} is not an address of this server now",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route",
        _ => failure.Message,
    };
}
