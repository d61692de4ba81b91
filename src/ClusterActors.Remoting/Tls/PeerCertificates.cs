using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Remoting;

/// <summary>Judges certificates of peers: chain to the cluster's own CA only, valid now, right purpose, and the name in it.</summary>
internal sealed class PeerCertificates(X509Certificate2Collection authorities, TimeProvider time)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Null when the certificate is good, else why it is not; when <paramref name="expectedServer"/> is given it must carry that name.</summary>
    public string? WhyBad(X509Certificate? certificate, bool isClient, string? expectedServer)
    {
        if (certificate is not X509Certificate2 peer)
        {
            return "none was shown";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // The cluster's CA has no revocation service; a removed server is removed from the peers.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(isClient ? ClientAuthentication : ServerAuthentication));
        if (!chain.Build(peer))
        {
            return string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct());
        }

        return expectedServer is null || NamesOf(peer).Contains(expectedServer, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"it is the one of {string.Join(", ", NamesOf(peer))}";
    }

    /// <summary>The server a certificate stands for: its only DNS name; null when it has none or several.</summary>
    public static string? ServerOf(X509Certificate? certificate) =>
        certificate is X509Certificate2 peer && NamesOf(peer) is [var only] ? only : null;

    private static List<string> NamesOf(X509Certificate2 certificate) =>
        [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames())];
}
