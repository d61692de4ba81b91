using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ClusterActors.Control.Client;
using ClusterActors.Control.Identity;

namespace ClusterActors.Control.Starting;

/// <param name="Server">Whose certificate was shown.</param>
/// <param name="Address">Where the starter answered.</param>
public sealed record StartAnswer(string Server, string Address, StartReply Reply);

/// <summary>Asks the starter of another server (<see cref="StartServer"/>) to start the cluster there.</summary>
public sealed class StartClient(ClusterIdentity identity, TimeProvider time)
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(15);

    /// <summary>Asks at the address that connects first; all are tried at once, since a network may be down.</summary>
    /// <param name="expected">Which server it has to be by its certificate; null = whoever of the cluster answers.</param>
    /// <param name="addresses">Of that server: names or addresses.</param>
    /// <exception cref="ControlException">Nobody there, no certificate of this cluster, or no answer in time.</exception>
    public async Task<StartAnswer> AskAsync(string? expected, IReadOnlyList<string> addresses, int port, string? reason, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(ConnectLimit + AnswerLimit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var (socket, address) = await ConnectAsync(addresses, port, end.Token).ConfigureAwait(false);
        using var _ = socket;
        var where = new ControlAddress(null, address, port).ToString();
        try
        {
            using var stream = await ClusterTls.ConnectAsync(socket, address, identity, end.Token).ConfigureAwait(false);
            var server = Certificates.ServerNameOf(stream.RemoteCertificate!);
            if (expected is not null && !string.Equals(server, expected, StringComparison.OrdinalIgnoreCase))
                throw new ControlException(ExitCode.Refused, $"{where} is {server} by its certificate, not {expected}; correct the addresses in cluster.conf");
            await JsonFrames.SendAsync(stream, new StartOrder(reason), StartJson.Default.StartOrder, end.Token).ConfigureAwait(false);
            var reply = await JsonFrames.ReceiveAsync(stream, StartJson.Default.StartReply, end.Token).ConfigureAwait(false);
            return new StartAnswer(server, address, reply);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new ControlException(
                ExitCode.Unreachable, $"{where}: the starter did not answer within {(ConnectLimit + AnswerLimit).TotalSeconds:0} s; journalctl -u clp-starter there says why", failure);
        }
        catch (AuthenticationException failure)
        {
            throw new ControlException(ExitCode.NoPermission, $"{where}: {failure.Message}; both servers must be of the same cluster and their clocks right", failure);
        }
        catch (InvalidDataException failure)
        {
            throw new ControlException(ExitCode.Internal, $"{where}: what answers is no starter ({failure.Message}); give the port of clp-starter.socket, or none", failure);
        }
        catch (IOException failure)
        {
            throw new ControlException(ExitCode.Unreachable, $"{where}: the connection broke: {failure.Message}; journalctl -u clp-starter there says why (a certificate that it refuses, too)", failure);
        }
    }

    private async Task<(Socket Socket, string Address)> ConnectAsync(IReadOnlyList<string> addresses, int port, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(ConnectLimit, time);
        using var first = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var dials = addresses.Select(address => DialAsync(address, port, first.Token)).ToList();
        var failures = new List<string>();
        while (dials.Count > 0)
        {
            var dial = await Task.WhenAny(dials).ConfigureAwait(false);
            dials.Remove(dial);
            var (socket, address, problem) = await dial.ConfigureAwait(false);
            if (socket is null)
            {
                failures.Add($"{address}: {problem}");
                continue;
            }

            await first.CancelAsync().ConfigureAwait(false);
            foreach (var late in await Task.WhenAll(dials).ConfigureAwait(false))
                late.Socket?.Dispose();
            return (socket, address);
        }

        cancellation.ThrowIfCancellationRequested();
        throw new ControlException(ExitCode.Unreachable,
            $"no starter answers at TCP port {port} ({string.Join("; ", failures)}); is the server on, and clp-starter.socket enabled there? Else run clpcl -s on it");
    }

    private static async Task<(Socket? Socket, string Address, string Problem)> DialAsync(string address, int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, port, cancellation).ConfigureAwait(false);
            // Not the name: what else is asked of that server then goes the way that has just worked.
            return (socket, PeerAddress.Of(socket), "");
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return (null, address, failure is SocketException ? failure.Message : $"no answer within {ConnectLimit.TotalSeconds:0} s");
        }
    }
}
