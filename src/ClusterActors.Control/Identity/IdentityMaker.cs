using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Control.Identity;

/// <summary>Makes the first server's identity and, being the only one with the authority's key, the certificates of the others.</summary>
public sealed class IdentityMaker : IDisposable
{
    private readonly X509Certificate2 _signer;
    private readonly TimeProvider _time;

    private IdentityMaker(ClusterIdentity identity, X509Certificate2 signer, bool wasThere, TimeProvider time) =>
        (Identity, _signer, WasThere, _time) = (identity, signer, wasThere, time);

    public ClusterIdentity Identity { get; }

    /// <summary>The identity was complete already and was kept as it is.</summary>
    public bool WasThere { get; }

    /// <summary>
    /// Opens what is there, or makes a whole identity: authority, own certificate, key, id. It appears at once by a rename, so an
    /// interrupted run leaves nothing behind; what exists is never overwritten.
    /// </summary>
    /// <exception cref="IdentityException">What is there is incomplete, of another server, or without the authority's key.</exception>
    public static IdentityMaker OpenOrCreate(IdentityPaths paths, string cluster, string server, IReadOnlyList<IPAddress> addresses, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(time);
        var exists = Directory.Exists(paths.Directory) && Directory.EnumerateFileSystemEntries(paths.Directory).Any();
        try
        {
            if (!exists)
                Create(paths, cluster, server, addresses, time);
            return Open(paths, server, exists, time);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IdentityException(ExitCode.NoPermission, $"{failure.Message}; log in as root", failure);
        }
    }

    /// <summary>A server's certificate for the key in its signing request, as PEM.</summary>
    internal string Issue(string requestPem, string server, IReadOnlyList<IPAddress> addresses)
    {
        using var issued = Certificates.Issue(_signer, requestPem, server, addresses, _time.GetUtcNow());
        return issued.ExportCertificatePem();
    }

    public void Dispose()
    {
        Identity.Dispose();
        _signer.Dispose();
    }

    private static void Create(IdentityPaths paths, string cluster, string server, IReadOnlyList<IPAddress> addresses, TimeProvider time)
    {
        var staging = IdentityFiles.PrepareStaging(paths);
        using var authorityKey = Certificates.NewKey();
        using var authority = Certificates.CreateAuthority(cluster, authorityKey, time.GetUtcNow());
        using var nodeKey = Certificates.NewKey();
        using var node = Certificates.Issue(authority, Certificates.CreateRequest(server, nodeKey), server, addresses, time.GetUtcNow());
        IdentityFiles.Write(staging.AuthorityKey, authorityKey.ExportPkcs8PrivateKeyPem());
        IdentityFiles.Write(staging.Authority, authority.ExportCertificatePem());
        IdentityFiles.Write(staging.NodeKey, nodeKey.ExportPkcs8PrivateKeyPem());
        IdentityFiles.Write(staging.Node, node.ExportCertificatePem());
        IdentityFiles.Write(staging.ClusterKey, RandomNumberGenerator.GetBytes(ClusterIdentity.KeyBytes));
        IdentityFiles.Write(staging.ClusterId, Guid.NewGuid().ToString() + "\n");
        IdentityFiles.Promote(paths);
    }

    private static IdentityMaker Open(IdentityPaths paths, string server, bool wasThere, TimeProvider time)
    {
        var identity = ClusterIdentity.Load(paths);
        try
        {
            if (!File.Exists(paths.AuthorityKey))
                throw new IdentityException(ExitCode.Refused,
                    $"{paths.AuthorityKey}: not here, so this server cannot admit others; run clp cluster init on the server where the cluster was made");
            if (!string.Equals(identity.ServerName, server, StringComparison.OrdinalIgnoreCase))
                throw new IdentityException(ExitCode.Refused,
                    $"{paths.Node}: issued to {identity.ServerName}, but this server is {server}; correct --server or the configuration, or move {paths.Directory} away to begin a new cluster");
            var signer = X509Certificate2.CreateFromPemFile(paths.Authority, paths.AuthorityKey);
            return new IdentityMaker(identity, signer, wasThere, time);
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }
}
