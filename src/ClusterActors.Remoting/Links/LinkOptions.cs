namespace ClusterActors.Remoting;

/// <summary>Settings of the links of one server; the defaults suit a cluster on local networks.</summary>
public sealed record LinkOptions
{
    /// <summary>Own server name, as in the certificate and in the peers' settings.</summary>
    public required string Server { get; init; }

    /// <summary>The other servers of the cluster.</summary>
    public required IReadOnlyList<string> Peers { get; init; }

    /// <summary>The life of this process; a new value for each start.</summary>
    public required string Incarnation { get; init; }

    /// <summary>Hash of the cluster's id; peers with another one are refused.</summary>
    public required string Cluster { get; init; }

    /// <summary>Hash of the own cluster.conf, told to the peers at link-up.</summary>
    public string ConfigHash { get; init; } = "";

    /// <summary>Largest frame sent or accepted, in bytes. Default 1 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 1 << 20;

    /// <summary>A sign of life is sent so often. Default 1 s.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A connection on which nothing came for so long is given up. Default 3 s; must be at least two keep-alives.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A peer without a link for so long counts as lost: its watched actors are Terminated. Default 10 s.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Shortest pause between two attempts to connect, after the first immediate one. Default 50 ms.</summary>
    public TimeSpan MinRetry { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause between two attempts to connect. Default 2 s.</summary>
    public TimeSpan MaxRetry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The server whose name comes later in the alphabet lets the other one dial first for so long. Default 200 ms.</summary>
    public TimeSpan DialCourtesy { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>System messages that may wait for their acknowledgement; more and the peer counts as lost. Default 20,000.</summary>
    public int MaxUnacknowledged { get; init; } = 20_000;

    internal void Check()
    {
        if (SilenceLimit < KeepAlive * 2)
        {
            throw new ArgumentException($"links: silence limit {SilenceLimit} must be at least twice the keep-alive {KeepAlive}, else one lost beat cuts the link");
        }

        if (MinRetry <= TimeSpan.Zero || MaxRetry < MinRetry)
        {
            throw new ArgumentException($"links: retry pauses {MinRetry} to {MaxRetry} must be above zero and in order");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFrameBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnacknowledged, 1);
    }
}
