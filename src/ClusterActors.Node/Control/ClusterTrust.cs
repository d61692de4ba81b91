using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Node.Control;

/// <summary>Trust in the cluster's own CA and in nothing else: the machine's certificate store is not asked.</summary>
internal static class ClusterTrust
{
    public static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
