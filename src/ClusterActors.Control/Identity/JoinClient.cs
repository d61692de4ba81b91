using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Control.Identity;

/// <param name="Renewed">The server belonged to this cluster already; it has new certificates now.</param>
/// <param name="ConfigurationKept">A different cluster.conf, or a different file of those that it includes, was here; all were left alone.</param>
public sealed record JoinResult(Guid ClusterId, string Server, bool Renewed, bool ConfigurationKept);

/// <summary>
/// The joining side. It trusts nothing but the authority whose fingerprint the token carries, shows the secret to nobody (it proves to
/// have it), and ends with a whole identity or without any: everything is prepared beside the old files and appears by renames.
/// </summary>
public sealed class JoinClient
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ExchangeLimit = TimeSpan.FromSeconds(20);

    private readonly JoinToken _token;
    private readonly string _server;
    private readonly IdentityPaths _paths;
    private readonly TimeProvider _time;

    /// <param name="server">This server's name in the configuration.</param>
    public JoinClient(JoinToken token, string server, IdentityPaths paths, TimeProvider time) => (_token, _server, _paths, _time) = (token, server, paths, time);

    /// <summary>Joins.</summary>
    /// <param name="force">Replace a different cluster.conf and files that it includes, and leave another cluster.</param>
    /// <exception cref="IdentityException">Refused, unreachable, or this server is in another cluster; nothing was changed.</exception>
    public async Task<JoinResult> JoinAsync(bool force, CancellationToken cancellation)
    {
        var renewed = CheckPresent(force);
        using var limit = new CancellationTokenSource(ExchangeLimit, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var socket = await ConnectAsync(end.Token).ConfigureAwait(false);
            using var stream = await SecureAsync(socket, end.Token).ConfigureAwait(false);
            return await ExchangeAsync(stream, force, renewed, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new IdentityException(ExitCode.Unreachable, $"join: no answer from {Addresses()} within {ExchangeLimit.TotalSeconds:0} s; try again with the same token", failure);
        }
        catch (Exception failure) when (failure is AuthenticationException or InvalidDataException or CryptographicException)
        {
            throw new IdentityException(ExitCode.Refused, $"join: what answers at {Addresses()} is not clp cluster init: {failure.Message}", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IdentityException(ExitCode.NoPermission, $"join: {failure.Message}; log in as root", failure);
        }
        catch (IOException failure)
        {
            throw new IdentityException(ExitCode.Unreachable, $"join: the connection to {Addresses()} broke or a file could not be written: {failure.Message}; try again with the same token", failure);
        }
    }

    /// <returns>Whether this server belongs to the token's cluster already.</returns>
    private bool CheckPresent(bool force)
    {
        if (File.Exists(_paths.AuthorityKey))
            throw new IdentityException(ExitCode.Refused,
                $"{_paths.AuthorityKey}: this is the server where a cluster was made, and joining would lose its authority; if that cluster is no more, move {_paths.Directory} away first");
        if (!File.Exists(_paths.Authority))
            return false;
        try
        {
            using var present = ClusterIdentity.Load(_paths);
            if (Certificates.Fingerprint(present.Authority).AsSpan().SequenceEqual(_token.Fingerprint))
                return true;
        }
        catch (IdentityException) when (force)
        {
            return false;
        }

        return force
            ? false
            : throw new IdentityException(ExitCode.Refused, $"{_paths.Directory}: this server belongs to another cluster; leave that one with --force, or check the token");
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellation)
    {
        var failures = new List<string>();
        foreach (var address in _token.Addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var limit = new CancellationTokenSource(ConnectLimit, _time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, _token.Port), end.Token).ConfigureAwait(false);
                return socket;
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                cancellation.ThrowIfCancellationRequested();
                failures.Add($"{new IPEndPoint(address, _token.Port)}: {(failure is SocketException ? failure.Message : "no answer")}");
            }
        }

        throw new IdentityException(ExitCode.Unreachable,
            $"join: {string.Join("; ", failures)}; clp cluster init must still be running on the first server (a token ends with it, or after an hour)");
    }

    private static async Task<SslStream> SecureAsync(Socket socket, CancellationToken cancellation)
    {
        // The handshake takes any certificate: it is held against the pinned authority right after, before a word is said.
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "", EnabledSslProtocols = SslProtocols.Tls13 }, cancellation).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<JoinResult> ExchangeAsync(SslStream stream, bool force, bool renewed, CancellationToken cancellation)
    {
        var hello = await JsonFrames.ReceiveAsync(stream, JoinJson.Default.JoinHello, cancellation).ConfigureAwait(false);
        using var authority = X509CertificateLoader.LoadCertificate(hello.Authority);
        var peerCertificate = CheckPeer(stream, authority);
        using var key = Certificates.NewKey();
        var (nonce, signing) = (RandomNumberGenerator.GetBytes(JoinWire.NonceBytes), Certificates.CreateRequest(_server, key));
        var request = new JoinRequest(
            JoinWire.Version, _server, nonce, signing, JoinWire.RequestProof(_token.Secret, hello, peerCertificate, _server, nonce, signing));
        await JsonFrames.SendAsync(stream, request, JoinJson.Default.JoinRequest, cancellation).ConfigureAwait(false);
        var reply = await JsonFrames.ReceiveAsync(stream, JoinJson.Default.JoinReply, cancellation).ConfigureAwait(false);
        var admission = CheckReply(reply, hello, nonce, authority, key);
        var kept = Store(admission, authority, key, force);
        await JsonFrames.SendAsync(stream, new JoinStored(true), JoinJson.Default.JoinStored, cancellation).ConfigureAwait(false);
        return new JoinResult(admission.ClusterId, _server, renewed, kept);
    }

    private byte[] CheckPeer(SslStream stream, X509Certificate2 authority)
    {
        if (!CryptographicOperations.FixedTimeEquals(Certificates.Fingerprint(authority), _token.Fingerprint))
            throw new IdentityException(ExitCode.Refused,
                $"join: {Addresses()} shows another authority than the token names; the token is of another cluster, or somebody stands in between: do not go on");
        using var peer = X509CertificateLoader.LoadCertificate(stream.RemoteCertificate!.Export(X509ContentType.Cert));
        return Certificates.IsIssuedBy(peer, authority)
            ? peer.RawData
            : throw new IdentityException(ExitCode.Refused,
                $"join: the certificate of {Addresses()} does not come from the token's authority, or the clocks differ by more than a day; compare the clocks first");
    }

    private Admission CheckReply(JoinReply reply, JoinHello hello, byte[] nonce, X509Certificate2 authority, ECDsa key)
    {
        if (reply.Refusal is { } refusal)
            throw new IdentityException(ExitCode.Refused, $"join: refused: {refusal}");
        if (reply is not { Certificate: { } pem, ClusterKey: { Length: ClusterIdentity.KeyBytes } clusterKey, ClusterId: { } id, Configuration: { } configuration, Includes: { } includes, Proof: { } proof })
            throw new InvalidDataException("an incomplete reply");
        var expected = JoinWire.ReplyProof(_token.Secret, hello, nonce, pem, clusterKey, id, configuration, includes);
        if (!CryptographicOperations.FixedTimeEquals(expected, proof))
            throw new InvalidDataException("a reply without the token's secret");
        if (IncludedFile.Problem(includes) is { } problem)
            throw new InvalidDataException(problem);
        using var certificate = X509Certificate2.CreateFromPem(pem);
        using var certified = certificate.GetECDsaPublicKey() ?? throw new InvalidDataException("a certificate for another kind of key");
        if (!Certificates.IsIssuedBy(certificate, authority) || !certified.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
            throw new InvalidDataException("a certificate that is not for this server's key");
        return new Admission(pem, clusterKey, id, configuration, includes);
    }

    /// <returns>Whether a different cluster.conf was kept.</returns>
    private bool Store(Admission admission, X509Certificate2 authority, ECDsa key, bool force)
    {
        var staging = IdentityFiles.PrepareStaging(_paths);
        IdentityFiles.Write(staging.Authority, authority.ExportCertificatePem());
        IdentityFiles.Write(staging.NodeKey, key.ExportPkcs8PrivateKeyPem());
        IdentityFiles.Write(staging.Node, admission.Certificate);
        IdentityFiles.Write(staging.ClusterKey, admission.ClusterKey);
        IdentityFiles.Write(staging.ClusterId, admission.ClusterId + "\n");
        var install = _paths.InstallConfiguration(admission.Configuration, admission.Includes, force);
        IdentityFiles.Promote(_paths);
        return install == ConfigurationInstall.Differs;
    }

    private string Addresses() => string.Join(", ", _token.Addresses.Select(address => new IPEndPoint(address, _token.Port)));

    private sealed record Admission(string Certificate, byte[] ClusterKey, Guid ClusterId, byte[] Configuration, IReadOnlyList<IncludedFile> Includes);
}
