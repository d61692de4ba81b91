using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Remoting;

/// <summary>
/// Links over TCP with TLS 1.3, both sides proving themselves with a certificate of the cluster's CA. A connection is handed on only
/// when the other side's certificate is verified; its server name is the connection's <see cref="ILinkConnection.Peer"/>.
/// </summary>
public sealed class TlsTransport : ILinkTransport, IDisposable
{
    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly PeerCertificates _certificates;
    private readonly Action<string> _log;
    private readonly SslStreamCertificateContext _own;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _listeners = [];
    private readonly HashSet<(string Server, string Problem)> _problems = [];
    private int _handshakes;

    /// <summary>Binds the addresses at once, so that a wrong one is known at start.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="time">Clock of timeouts and of certificate validity.</param>
    /// <param name="log">Gets one sentence for each connection that was refused.</param>
    /// <exception cref="SocketException">An address cannot be bound.</exception>
    public TlsTransport(TlsOptions options, TimeProvider time, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(log);
        _options = options;
        _time = time;
        _log = log;
        _certificates = new PeerCertificates(options.Authorities, time);
        _own = SslStreamCertificateContext.Create(options.Certificate, options.Authorities, offline: true);
        foreach (var address in options.Listen)
        {
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listeners.Add(listener);
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(address);
            listener.Listen(16);
        }
    }

    /// <summary>The addresses really bound, with the port chosen by the system where 0 was asked for.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _listeners.Select(l => (IPEndPoint)l.LocalEndPoint!)];

    /// <inheritdoc/>
    public void Listen(Action<ILinkConnection> onAccepted)
    {
        ArgumentNullException.ThrowIfNull(onAccepted);
        foreach (var listener in _listeners)
        {
            _ = AcceptAsync(listener, onAccepted);
        }
    }

    /// <inheritdoc/>
    public async Task<ILinkConnection> ConnectAsync(string server, CancellationToken giveUp)
    {
        if (!_options.Peers.TryGetValue(server, out var addresses) || addresses.Count == 0)
        {
            throw new ArgumentException($"no address of {server} is configured");
        }

        using var limit = new CancellationTokenSource(_options.HandshakeTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, giveUp, _stop.Token);
        try
        {
            return await StaggeredDial.FirstAsync(
                [.. addresses.Select(address => (Func<CancellationToken, Task<TlsConnection>>)(stop => DialAsync(server, address, limit.Token, stop)))],
                _options.DialPause, _time, either.Token).ConfigureAwait(false);
        }
        catch (AggregateException all) when (all.InnerExceptions is [var only])
        {
            ExceptionDispatchInfo.Throw(only);
            throw;
        }
        catch (AggregateException all)
        {
            throw new IOException(string.Join("; ", all.InnerExceptions.Select(failure => failure.Message)), all);
        }
    }

    private async Task<TlsConnection> DialAsync(string server, IPEndPoint address, CancellationToken limit, CancellationToken stop)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? tls = null;
        try
        {
            await socket.ConnectAsync(address, stop).ConfigureAwait(false);
            tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsClientAsync(ClientOptions(server), stop).ConfigureAwait(false);
            return new TlsConnection(tls, socket, server, _options, _time);
        }
        catch (Exception e)
        {
            tls?.Dispose();
            socket.Dispose();
            switch (e)
            {
                case OperationCanceledException when limit.IsCancellationRequested:
                    throw new IOException($"{server} at {address} did not answer within {_options.HandshakeTimeout.TotalSeconds} s");
                case AuthenticationException:
                    throw new AuthenticationException($"{server} at {address}: {e.Message}", e);
                case SocketException or IOException:
                    throw new IOException($"{server} at {address}: {e.Message}", e);
                default:
                    throw;
            }
        }
    }

    /// <summary>Stops to listen. Connections handed on are closed by their owners.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose()
    {
        _stop.Cancel();
        _listeners.ForEach(l => l.Dispose());
    }

    private async Task AcceptAsync(Socket listener, Action<ILinkConnection> onAccepted)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (Interlocked.Increment(ref _handshakes) > _options.MaxHandshakes)
                {
                    Interlocked.Decrement(ref _handshakes);
                    socket.Dispose();
                    continue;
                }

                _ = ShakeHandsAsync(socket, onAccepted);
            }
            catch (OperationCanceledException)
            {
                return; // The transport is being closed.
            }
            catch (ObjectDisposedException)
            {
                return; // As above.
            }
            catch (SocketException e)
            {
                // Out of descriptors, or the caller has gone: neither may end the listening; a pause keeps it from spinning.
                _log($"links: a connection could not be accepted: {e.Message}");
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time).ConfigureAwait(false);
            }
        }
    }

    private async Task ShakeHandsAsync(Socket socket, Action<ILinkConnection> onAccepted)
    {
        socket.NoDelay = true;
        var from = socket.RemoteEndPoint;
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        using var limit = new CancellationTokenSource(_options.HandshakeTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
        try
        {
            if (!await SaysSomethingAsync(socket, either.Token).ConfigureAwait(false))
            {
                await tls.DisposeAsync().ConfigureAwait(false);
                return;
            }

            await tls.AuthenticateAsServerAsync(ServerOptions(), either.Token).ConfigureAwait(false);
            var peer = PeerCertificates.ServerOf(tls.RemoteCertificate)
                ?? throw new AuthenticationException("its certificate does not carry exactly one server name");
            onAccepted(new TlsConnection(tls, socket, peer, _options, _time));
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            if (!_stop.IsCancellationRequested)
            {
                _log($"links: connection from {from} was refused: {e.Message}");
            }
        }
        finally
        {
            Interlocked.Decrement(ref _handshakes);
        }
    }

    /// <summary>False when the caller goes without a byte: it only tried the port, as <c>clp cluster check</c> and monitoring do, and that is no news.</summary>
    private static async ValueTask<bool> SaysSomethingAsync(Socket socket, CancellationToken giveUp)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], SocketFlags.Peek, giveUp).ConfigureAwait(false) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A caller's bad certificate says itself whose it is, which is good enough for a warning: the connection is refused in any case.</summary>
    private bool IsGood(X509Certificate? certificate, bool isClient, string? expectedServer)
    {
        var problem = _certificates.WhyBad(certificate, isClient, expectedServer);
        if ((expectedServer ?? PeerCertificates.ServerOf(certificate)) is { } server && _options.Peers.ContainsKey(server) && IsNews(server, problem))
        {
            _options.OnCertificateProblem(server, problem!);
        }

        return problem is null;
    }

    private bool IsNews(string server, string? problem)
    {
        lock (_problems)
        {
            if (problem is null)
            {
                _problems.RemoveWhere(told => told.Server == server);
            }

            return problem is not null && _problems.Add((server, problem));
        }
    }

    private SslClientAuthenticationOptions ClientOptions(string server) => new()
    {
        TargetHost = server,
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = _own,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsGood(certificate, isClient: false, server),
    };

    private SslServerAuthenticationOptions ServerOptions() => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ServerCertificateContext = _own,
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsGood(certificate, isClient: true, expectedServer: null),
    };
}
