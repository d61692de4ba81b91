using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Control.Identity;

/// <summary>
/// Who this server is: its certificate with key, the authority all servers trust, the key of the heartbeats and the cluster's id.
/// Made by <c>clp cluster init</c> or brought by <c>clp cluster join</c>; read by the daemon at start.
/// </summary>
public sealed class ClusterIdentity : IDisposable
{
    internal const int KeyBytes = 32;

    private ClusterIdentity(Guid clusterId, byte[] clusterKey, X509Certificate2 authority, X509Certificate2 node) =>
        (ClusterId, ClusterKey, Authority, Node) = (clusterId, clusterKey, authority, node);

    public Guid ClusterId { get; }

    /// <summary>32 bytes, for HMAC-SHA256 of the heartbeats.</summary>
    public byte[] ClusterKey { get; }

    /// <summary>The cluster's certificate authority, without its key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>This server's certificate with its private key, usable for both ends of TLS.</summary>
    public X509Certificate2 Node { get; }

    /// <summary>The server's name as its certificate says it.</summary>
    public string ServerName => Certificates.ServerNameOf(Node);

    /// <summary>Reads the identity below <c>$CLP_ROOT</c>.</summary>
    /// <exception cref="IdentityException">
    /// Files are missing (<see cref="ExitCode.NotFound"/>), unreadable (<see cref="ExitCode.NoPermission"/>) or do not belong together.
    /// </exception>
    public static ClusterIdentity Load(string? root) => Load(new IdentityPaths(root));

    /// <inheritdoc cref="Load(string?)"/>
    public static ClusterIdentity Load(IdentityPaths paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var missing = paths.Needed.Where(file => !File.Exists(file)).ToArray();
        if (missing.Length == paths.Needed.Count)
            throw new IdentityException(ExitCode.NotFound,
                $"{paths.Directory}: this server belongs to no cluster yet; run clp cluster init here, or clp cluster join TOKEN with the token that init printed on another server");
        if (missing.Length > 0)
            throw new IdentityException(ExitCode.NotFound,
                $"{paths.Directory}: {string.Join(", ", missing.Select(Path.GetFileName))} missing; restore the directory from a backup, or move it away and join again");
        try
        {
            return Read(paths);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IdentityException(ExitCode.NoPermission, $"{paths.Directory}: {failure.Message}; log in as root", failure);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException)
        {
            throw new IdentityException(ExitCode.Internal, $"{paths.Directory}: {failure.Message}; restore the directory from a backup, or move it away and join again", failure);
        }
    }

    /// <summary>Null when this server belongs to no cluster yet; every other problem is thrown as by <see cref="Load(string?)"/>.</summary>
    public static ClusterIdentity? LoadOrNone(string? root)
    {
        var paths = new IdentityPaths(root);
        return paths.Needed.Any(File.Exists) ? Load(paths) : null;
    }

    public void Dispose()
    {
        Authority.Dispose();
        Node.Dispose();
    }

    private static ClusterIdentity Read(IdentityPaths paths)
    {
        var key = File.ReadAllBytes(paths.ClusterKey);
        if (key.Length != KeyBytes)
            throw new IdentityException(ExitCode.Internal, $"{paths.ClusterKey}: {key.Length} bytes; must be {KeyBytes}; restore it from another server of the cluster");
        if (!Guid.TryParse(File.ReadAllText(paths.ClusterId).AsSpan().Trim(), out var id))
            throw new IdentityException(ExitCode.Internal, $"{paths.ClusterId}: not a GUID; restore it from another server of the cluster");
        var authority = X509Certificate2.CreateFromPem(File.ReadAllText(paths.Authority));
        var node = X509Certificate2.CreateFromPemFile(paths.Node, paths.NodeKey);
        if (!Certificates.IsIssuedBy(node, authority))
            throw new IdentityException(ExitCode.Internal,
                $"{paths.Node}: not issued by {paths.Authority}, or not valid at this server's present time; check the clock, or join again for a new certificate");
        return new ClusterIdentity(id, key, authority, node);
    }
}
