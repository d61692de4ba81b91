using System.Net;

namespace ClusterActors.Arbiters.Ping;

/// <summary>One echo request and its answer.</summary>
public interface IEcho
{
    /// <summary>Completes with null when the target answered, else with the reason; cancelled when nothing came in time.</summary>
    Task<string?> SendAsync(IPAddress target, ushort sequence, CancellationToken cancellation);
}
