using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ClusterActors.Control.Identity;

/// <summary>Takes TLS connections on a listening socket: a bounded number at once, each for a bounded time. Further callers wait in the kernel's queue.</summary>
/// <param name="tls">How to shake hands; asked for each connection.</param>
/// <param name="serve">One connection, with the caller's address.</param>
/// <param name="say">Gets the caller's address and why its connection broke off; from any thread.</param>
internal sealed class TlsDoor(
    Socket listener, Func<SslServerAuthenticationOptions> tls, Func<SslStream, string, CancellationToken, Task> serve, Action<string, string> say, TimeProvider time) : IDisposable
{
    /// <summary>Connections that are served at once.</summary>
    public const int MaxConnections = 8;

    private static readonly TimeSpan ConnectionLimit = TimeSpan.FromSeconds(15);
    private readonly SemaphoreSlim _room = new(MaxConnections);

    /// <summary>Until the caller cancels, nobody has come for <paramref name="idle"/> (null = however long), or the listening socket breaks.</summary>
    public async Task ServeAsync(TimeSpan? idle, CancellationToken cancellation)
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                await _room.WaitAsync(cancellation).ConfigureAwait(false);
                using var quiet = new CancellationTokenSource(idle ?? Timeout.InfiniteTimeSpan, time);
                using var end = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancellation);
                var socket = await listener.AcceptAsync(end.Token).ConfigureAwait(false);
                running.RemoveAll(task => task.IsCompleted);
                running.Add(ServeOneAsync(socket, cancellation));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            // Those that are being served have their own limit, and the caller's cancellation.
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    public void Dispose() => _room.Dispose();

    private async Task ServeOneAsync(Socket socket, CancellationToken cancellation)
    {
        var peer = PeerAddress.Of(socket);
        try
        {
            using var limit = new CancellationTokenSource(ConnectionLimit, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            if (!await SaysSomethingAsync(socket, end.Token).ConfigureAwait(false))
                return;
            await stream.AuthenticateAsServerAsync(tls(), end.Token).ConfigureAwait(false);
            await serve(stream, peer, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            say(peer, "no answer in time");
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or AuthenticationException or SocketException or ControlException)
        {
            say(peer, failure.Message);
        }
        finally
        {
            socket.Dispose();
            _room.Release();
        }
    }

    /// <summary>False when the caller goes without a byte: it only tried the port, as <c>clp cluster check</c> and monitoring do, and that is no news.</summary>
    private static async ValueTask<bool> SaysSomethingAsync(Socket socket, CancellationToken giveUp) =>
        await socket.ReceiveAsync(new byte[1], SocketFlags.Peek, giveUp).ConfigureAwait(false) > 0;
}
