using System.Net.Security;
using System.Net.Sockets;

namespace ClusterActors.Control.Identity;

/// <summary>
/// Takes TLS connections on a listening socket: a bounded number at once, each for a bounded time, and for a short one until it has shown who it is. Further
/// callers wait in the kernel's queue.
/// </summary>
/// <param name="tls">How to shake hands; asked for each connection.</param>
/// <param name="serve">One connection, with the caller's address.</param>
/// <param name="say">Gets the caller's address and why its connection broke off; from any thread.</param>
internal sealed class TlsDoor(
    Socket listener, Func<SslServerAuthenticationOptions> tls, Func<SslStream, string, CancellationToken, Task> serve, Action<string, string> say, TimeProvider time) : IDisposable
{
    /// <summary>Connections that are served at once.</summary>
    public const int MaxConnections = 16;

    private static readonly TimeSpan FirstByteLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectionLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);
    private readonly SemaphoreSlim _room = new(MaxConnections);

    /// <summary>Until the caller cancels; those that are being served then are cancelled as well.</summary>
    public Task ServeAsync(CancellationToken cancellation) => ServeAsync(static () => { }, cancellation, cancellation);

    /// <summary>Takes callers until <paramref name="accepting"/> is cancelled and returns when the last one has been served.</summary>
    /// <param name="onCaller">Called for each.</param>
    public async Task ServeAsync(Action onCaller, CancellationToken accepting, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(accepting, cancellation);
        var running = new List<Task>();
        while (await AcceptAsync(end.Token).ConfigureAwait(false) is { } socket)
        {
            onCaller();
            running.RemoveAll(task => task.IsCompleted);
            running.Add(ServeOneAsync(socket, cancellation));
        }

        await Task.WhenAll(running).ConfigureAwait(false);
    }

    public void Dispose() => _room.Dispose();

    /// <returns>Null = nobody more.</returns>
    private async Task<Socket?> AcceptAsync(CancellationToken end)
    {
        try
        {
            await _room.WaitAsync(end).ConfigureAwait(false);
            while (true)
            {
                try
                {
                    return await listener.AcceptAsync(end).ConfigureAwait(false);
                }
                catch (SocketException failure)
                {
                    // Out of descriptors, or the caller has gone: neither may end the listening; a pause keeps it from spinning.
                    say("?", $"could not be accepted: {failure.Message}");
                    await Task.Delay(PauseAfterFailure, time, end).ConfigureAwait(false);
                }
            }
        }
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    private async Task ServeOneAsync(Socket socket, CancellationToken cancellation)
    {
        var peer = PeerAddress.Of(socket);
        try
        {
            using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            if (!await WithinAsync(FirstByteLimit, end => SaysSomethingAsync(socket, end), cancellation).ConfigureAwait(false))
                return;
            await WithinAsync(HandshakeLimit, end => ShakeHandsAsync(stream, end), cancellation).ConfigureAwait(false);
            await WithinAsync(ConnectionLimit, end => ServedAsync(stream, peer, end), cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            say(peer, "no answer in time");
        }
        catch (Exception failure)
        {
            // The border to callers that are not known: whatever one of them brings about ends its own connection and nothing else.
            say(peer, failure.Message);
        }
        finally
        {
            socket.Dispose();
            _room.Release();
        }
    }

    private async Task<bool> WithinAsync(TimeSpan limit, Func<CancellationToken, Task<bool>> step, CancellationToken cancellation)
    {
        using var over = new CancellationTokenSource(limit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellation);
        return await step(end.Token).ConfigureAwait(false);
    }

    /// <summary>False when the caller goes without a byte: it only tried the port, as <c>clp cluster check</c> and monitoring do, and that is no news.</summary>
    private static async Task<bool> SaysSomethingAsync(Socket socket, CancellationToken giveUp) =>
        await socket.ReceiveAsync(new byte[1], SocketFlags.Peek, giveUp).ConfigureAwait(false) > 0;

    private async Task<bool> ShakeHandsAsync(SslStream stream, CancellationToken giveUp)
    {
        await stream.AuthenticateAsServerAsync(tls(), giveUp).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> ServedAsync(SslStream stream, string peer, CancellationToken giveUp)
    {
        await serve(stream, peer, giveUp).ConfigureAwait(false);
        return true;
    }
}
