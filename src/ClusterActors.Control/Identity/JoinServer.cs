using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Control.Identity;

/// <summary>Which servers may join and what they are given.</summary>
/// <param name="Servers">The other servers of the configuration with their addresses.</param>
/// <param name="Configuration">The bytes of cluster.conf.</param>
/// <param name="Includes">The files that it includes, below /etc/clp.</param>
/// <param name="Wanted">How many must join for <see cref="JoinServer.ServeAsync"/> to end well.</param>
/// <param name="Lifetime">Of the token.</param>
public sealed record JoinTerms(
    IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> Servers, byte[] Configuration, IReadOnlyList<IncludedFile> Includes, int Wanted, TimeSpan Lifetime);

/// <summary>How serving of joins ended.</summary>
public enum JoinOutcome
{
    /// <summary>The wanted number of servers has joined.</summary>
    Complete,

    /// <summary>The token's time is over.</summary>
    Expired,

    /// <summary>Somebody tried too many wrong secrets; the token is void.</summary>
    TooManyTries,
}

/// <summary>
/// The admitting side of <c>clp cluster join</c>. Runs in the foreground of <c>clp cluster init</c>; its secret lives in memory only
/// and ends with it. Every connection is bounded in time and size.
/// </summary>
public sealed class JoinServer : IDisposable
{
    /// <summary>Wrong secrets after which the token is void.</summary>
    public const int MaxTries = 5;

    private readonly IdentityMaker _maker;
    private readonly JoinTerms _terms;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;
    private readonly Socket _listener;
    private readonly TlsDoor _door;
    private readonly TaskCompletionSource<JoinOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly HashSet<string> _joined = new(StringComparer.OrdinalIgnoreCase);
    private int _wrongSecrets;

    private JoinServer(IdentityMaker maker, Socket listener, JoinTerms terms, IReadOnlyList<IPAddress> addresses, Action<string> say, TimeProvider time)
    {
        (_maker, _listener, _terms, _say, _time) = (maker, listener, terms, say, time);
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(maker.Identity.Node, additionalCertificates: null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls13,
            ClientCertificateRequired = false,
        };
        _door = new TlsDoor(listener, () => tls, ExchangeAsync, (peer, why) => _say($"{peer}: broke off: {why}; the same token may be tried again"), time);
        Token = new JoinToken(
            addresses, ((IPEndPoint)listener.LocalEndPoint!).Port, Certificates.Fingerprint(maker.Identity.Authority), RandomNumberGenerator.GetBytes(JoinToken.SecretBytes));
    }

    /// <summary>What the other servers join with.</summary>
    public JoinToken Token { get; }

    /// <summary>Servers that have stored everything, so far.</summary>
    public IReadOnlyList<string> Joined
    {
        get
        {
            lock (_gate)
                return [.. _joined];
        }
    }

    /// <summary>Listens; the token is valid from now on, connections are answered by <see cref="ServeAsync"/>.</summary>
    /// <param name="listen">Port 0 takes a free one.</param>
    /// <param name="addresses">Those that the others will try, in this order.</param>
    /// <param name="say">Takes one line for each attempt; called from any thread.</param>
    /// <exception cref="IdentityException">The port is taken, the address is not here, or the included files cannot be carried.</exception>
    public static JoinServer Listen(
        IdentityMaker maker, IPEndPoint listen, IReadOnlyList<IPAddress> addresses, JoinTerms terms, Action<string> say, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(maker);
        ArgumentNullException.ThrowIfNull(listen);
        if (IncludedFile.Problem(terms.Includes) is { } problem)
            throw new IdentityException(ExitCode.Usage, $"join: {problem}");
        try
        {
            return new JoinServer(maker, ListeningSocket.Open(listen), terms, addresses, say, time);
        }
        catch (SocketException failure)
        {
            throw new IdentityException(ExitCode.Refused,
                $"{listen}: {failure.Message}; stop what listens there (a running cluster daemon uses 29003) or choose another place with --listen ADDRESS:PORT", failure);
        }
    }

    /// <summary>Admits servers until enough have joined, the token is void, or the caller cancels.</summary>
    public async Task<JoinOutcome> ServeAsync(CancellationToken cancellation)
    {
        using var life = new CancellationTokenSource(_terms.Lifetime, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(life.Token, cancellation);
        var accepting = _door.ServeAsync(end.Token);
        try
        {
            return await _outcome.Task.WaitAsync(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return JoinOutcome.Expired;
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await accepting.ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _door.Dispose();
    }

    private async Task ExchangeAsync(SslStream stream, string peer, CancellationToken cancellation)
    {
        var hello = new JoinHello(JoinWire.Version, _maker.Identity.Authority.RawData, RandomNumberGenerator.GetBytes(JoinWire.NonceBytes));
        await JsonFrames.SendAsync(stream, hello, JoinJson.Default.JoinHello, cancellation).ConfigureAwait(false);
        var request = await JsonFrames.ReceiveAsync(stream, JoinJson.Default.JoinRequest, cancellation).ConfigureAwait(false);
        var reply = Decide(hello, request, peer);
        await JsonFrames.SendAsync(stream, reply, JoinJson.Default.JoinReply, cancellation).ConfigureAwait(false);
        if (reply.Refusal is { } refusal)
        {
            _say($"{peer}: refused {ForeignText.Printable(request.Server)}: {refusal}");
            return;
        }

        _ = await JsonFrames.ReceiveAsync(stream, JoinJson.Default.JoinStored, cancellation).ConfigureAwait(false);
        Complete(request.Server, peer);
    }

    private JoinReply Decide(JoinHello hello, JoinRequest request, string peer)
    {
        var expected = JoinWire.RequestProof(
            Token.Secret, hello, _maker.Identity.Node.RawData, request.Server, request.Nonce, request.SigningRequest);
        lock (_gate)
        {
            // Checked before the proof: past the limit no further guess gets an answer that depends on it.
            if (_wrongSecrets >= MaxTries)
                return Refuse("the token is void after too many wrong secrets; run clp cluster init again for a new one");
            if (!CryptographicOperations.FixedTimeEquals(expected, request.Proof))
                return WrongSecret();
        }

        if (request.Version != JoinWire.Version)
            return Refuse($"it speaks version {request.Version} of the exchange, this server {JoinWire.Version}; install the same release on both");
        var known = _terms.Servers.FirstOrDefault(server => string.Equals(server.Key, request.Server, StringComparison.OrdinalIgnoreCase));
        if (known.Key is null)
            return Refuse($"{ForeignText.Printable(request.Server)} is not one of {string.Join(", ", _terms.Servers.Keys)}; add it to cluster.conf here, or give its name with --server");
        return Admit(hello, request, known.Key, known.Value, peer);
    }

    private JoinReply WrongSecret()
    {
        _wrongSecrets++;
        if (_wrongSecrets >= MaxTries)
            _outcome.TrySetResult(JoinOutcome.TooManyTries);
        return Refuse($"wrong secret (try {_wrongSecrets} of {MaxTries}); copy the whole token that clp cluster init printed last");
    }

    private JoinReply Admit(JoinHello hello, JoinRequest request, string server, IReadOnlyList<IPAddress> addresses, string peer)
    {
        try
        {
            var (identity, certificate) = (_maker.Identity, _maker.Issue(request.SigningRequest, server, addresses));
            var proof = JoinWire.ReplyProof(Token.Secret, hello, request.Nonce, certificate, identity.ClusterKey, identity.ClusterId, _terms.Configuration, _terms.Includes);
            _say($"{peer}: {server} has the secret; certificate issued");
            return new JoinReply(null, certificate, identity.ClusterKey, identity.ClusterId, _terms.Configuration, _terms.Includes, proof);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            return Refuse($"its signing request is not usable: {failure.Message}");
        }
    }

    private void Complete(string server, string peer)
    {
        int count;
        lock (_gate)
        {
            _joined.Add(server);
            count = _joined.Count;
        }

        _say($"{peer}: {server} joined ({count} of {_terms.Wanted})");
        if (count >= _terms.Wanted)
            _outcome.TrySetResult(JoinOutcome.Complete);
    }

    private static JoinReply Refuse(string sentence) => new(sentence, null, null, null, null, null, null);
}
