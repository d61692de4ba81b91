using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ClusterActors.Control.Identity;

/// <summary>A client's end of TLS between members of one cluster: both sides show a certificate of its authority.</summary>
internal static class ClusterTls
{
    /// <summary>Shakes hands over a connected socket, which the stream then owns.</summary>
    public static async Task<SslStream> ConnectAsync(Socket socket, string host, ClusterIdentity me, CancellationToken cancellation)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, (_, certificate, _, _) => Certificates.IsOfCluster(certificate, me));
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ClientCertificateContext = SslStreamCertificateContext.Create(me.Node, additionalCertificates: null, offline: true),
                },
                cancellation).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
