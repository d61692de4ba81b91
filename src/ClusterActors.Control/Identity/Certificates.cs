using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Control.Identity;

/// <summary>
/// The certificates of a cluster: one authority of its own, one certificate for each server (ECDSA P-256, good for both ends of TLS).
/// Trust is in that authority alone, never in the machine's certificate store.
/// </summary>
internal static class Certificates
{
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(7300);
    private static readonly TimeSpan NodeLife = TimeSpan.FromDays(3650);

    // Servers that have not yet agreed on the time must accept each other's new certificates.
    private static readonly TimeSpan Backdated = TimeSpan.FromDays(1);

    public static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>A self-signed authority that may sign servers and nothing below them.</summary>
    public static X509Certificate2 CreateAuthority(string cluster, ECDsa key, DateTimeOffset now)
    {
        var request = new CertificateRequest(Name($"ClusterActors {cluster}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - Backdated, now + AuthorityLife);
    }

    /// <summary>A signing request of a server that joins; only its key counts, names are decided by the issuer.</summary>
    public static string CreateRequest(string server, ECDsa key) =>
        new CertificateRequest(Name(server), key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    /// <summary>Issues a server's certificate.</summary>
    /// <param name="signer">The authority with its key.</param>
    /// <param name="requestPem">Carries the public key and proves possession of the private one.</param>
    /// <exception cref="CryptographicException">The request is no request, or its signature is wrong.</exception>
    public static X509Certificate2 Issue(X509Certificate2 signer, string requestPem, string server, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        var asked = CertificateRequest.LoadSigningRequestPem(requestPem, HashAlgorithmName.SHA256);
        var request = new CertificateRequest(Name(server), asked.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], critical: false));
        request.CertificateExtensions.Add(AlternativeNames(server, addresses));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(signer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var end = now + NodeLife;
        return request.Create(signer, now - Backdated, end < signer.NotAfter ? end : signer.NotAfter, SerialNumber());
    }

    /// <summary>Whether the certificate comes from this authority and is valid now.</summary>
    public static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }

    /// <summary>What a handshake asks: the other side has shown a certificate of this cluster.</summary>
    public static bool IsOfCluster(X509Certificate? shown, ClusterIdentity me)
    {
        if (shown is null)
            return false;
        using var certificate = X509CertificateLoader.LoadCertificate(shown.Export(X509ContentType.Cert));
        return IsIssuedBy(certificate, me.Authority);
    }

    public static byte[] Fingerprint(X509Certificate2 certificate) => SHA256.HashData(certificate.RawDataMemory.Span);

    /// <summary>The common name: for a server's certificate the server's name.</summary>
    public static string ServerNameOf(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    /// <inheritdoc cref="ServerNameOf(X509Certificate2)"/>
    public static string ServerNameOf(X509Certificate shown)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(shown.Export(X509ContentType.Cert));
        return ServerNameOf(certificate);
    }

    private static X509Extension AlternativeNames(string server, IReadOnlyList<IPAddress> addresses)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(server);
        foreach (var address in addresses)
            names.AddIpAddress(address);
        return names.Build();
    }

    private static X500DistinguishedName Name(string commonName)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(commonName);
        return name.Build();
    }

    private static byte[] SerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }
}
