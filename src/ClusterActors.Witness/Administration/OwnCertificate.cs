using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ClusterActors.Linux.Files;

namespace ClusterActors.Witness.Administration;

/// <summary>
/// Certificate and token of the administration port: what the administrator has put there, or made at the first start. The certificate is self-signed; a
/// client trusts the file itself (<c>curl --cacert</c>), or the site's own is put in its place.
/// </summary>
internal static class OwnCertificate
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(3650);
    private static readonly TimeSpan Backdated = TimeSpan.FromDays(1);

    /// <summary>The certificate with its key.</summary>
    /// <exception cref="CryptographicException">The file there holds no certificate with key.</exception>
    public static X509Certificate2 LoadOrMake(WitnessPaths paths, string host, TimeProvider time)
    {
        if (!File.Exists(paths.Certificate))
            Make(paths.Certificate, host, time.GetUtcNow());
        return X509Certificate2.CreateFromPemFile(paths.Certificate);
    }

    /// <summary>The word a remote administrator must send as bearer token.</summary>
    public static byte[] LoadOrMakeToken(WitnessPaths paths)
    {
        if (!File.Exists(paths.Token))
            DurableFile.Replace(paths.Token, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)) + "\n"));
        var token = File.ReadAllText(paths.Token).Trim();
        return token.Length >= 16 ? Encoding.UTF8.GetBytes(token) : throw new InvalidDataException($"{paths.Token}: the token has {token.Length} characters; at least 16 are needed: write a longer one, or remove the file to have one made");
    }

    private static void Make(string path, string host, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(host);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(now - Backdated, now + Life);
        DurableFile.Replace(path, Encoding.ASCII.GetBytes($"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n"));
    }
}
