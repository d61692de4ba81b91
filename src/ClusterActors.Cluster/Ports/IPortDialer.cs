using System.Net;

namespace ClusterActors.Cluster.Ports;

/// <summary>Tries a TCP port: the only way in which the port check touches the machine.</summary>
public interface IPortDialer
{
    /// <summary>Connects and closes at once, saying nothing. Null = connected; else why not, such as "connection refused". Bounded in time by itself.</summary>
    /// <param name="from">Own address that the connection comes from.</param>
    Task<string?> TryAsync(IPAddress from, IPEndPoint to);
}

/// <summary>For servers that have no machine below them.</summary>
public sealed class NoPortDialer : IPortDialer
{
    public static readonly NoPortDialer Instance = new();

    public Task<string?> TryAsync(IPAddress from, IPEndPoint to) => Task.FromResult<string?>("nothing is dialled here");
}
