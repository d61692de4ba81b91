using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Remoting;

/// <summary>Settings of the TLS connections of one server.</summary>
public sealed record TlsOptions
{
    /// <summary>Own certificate with its private key, issued by the cluster's CA, with the server name as DNS name.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>The cluster's CA certificates; nothing else is trusted.</summary>
    public required X509Certificate2Collection Authorities { get; init; }

    /// <summary>Where to listen.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>Where each peer listens; the preferred address first.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<IPEndPoint>> Peers { get; init; }

    /// <summary>
    /// Told the server and what is wrong with the certificate that was shown for it. Each problem once until the server shows a good one; only for
    /// servers of <see cref="Peers"/>. Called on any thread.
    /// </summary>
    public Action<string, string> OnCertificateProblem { get; init; } = static (_, _) => { };

    /// <summary>Largest frame accepted, in bytes; larger ones are passed over. Default 1 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 1 << 20;

    /// <summary>Bytes that may wait for the network on one connection; further frames are refused. Default 16 MiB.</summary>
    public int MaxQueuedBytes { get; init; } = 16 << 20;

    /// <summary>Time for connecting and for shaking hands, over all addresses of a peer. Default 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long without success the next address of a peer is dialled beside the ones before. Default 250 ms.</summary>
    public TimeSpan DialPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Incoming connections that may shake hands at once; further ones are closed. Default 32.</summary>
    public int MaxHandshakes { get; init; } = 32;
}
