namespace ClusterActors.Arbiters.Etcd;

/// <param name="Endpoints">Base addresses of the members, http or https; the last one that answered is asked first, or the one after it when it was silent.</param>
/// <param name="Prefix">What the keys begin with, such as <c>clp/</c>.</param>
/// <param name="ClusterId">Id of this ClusterActors cluster; follows the prefix.</param>
/// <param name="Timeout">Longest time for one exchange with one member.</param>
/// <param name="User">For etcd's own authentication; null = none.</param>
/// <param name="AuthorityFile">PEM file of the authority that the members' certificates come from; null = the system's.</param>
/// <param name="CertificateFile">PEM file of the client certificate; null = none.</param>
/// <param name="KeyFile">PEM file of its key.</param>
public sealed record EtcdOptions(
    IReadOnlyList<Uri> Endpoints, string Prefix, Guid ClusterId, TimeSpan Timeout, string? User = null, string? Password = null,
    string? AuthorityFile = null, string? CertificateFile = null, string? KeyFile = null)
{
    /// <summary>Longest time for one exchange on a connection that works; null = the timeout. Making a connection may take that whole time.</summary>
    public TimeSpan? Limit { get; init; }
}
