namespace ClusterActors.Remoting;

/// <summary>
/// The port to the network: ordered, reliable, authenticated connections of frames between servers known by name.
/// <see cref="TlsTransport"/> is the one of the product.
/// </summary>
public interface ILinkTransport : IAsyncDisposable
{
    /// <summary>Begins to accept; each new connection is given to <paramref name="onAccepted"/>, not started yet.</summary>
    void Listen(Action<ILinkConnection> onAccepted);

    /// <summary>Connects to a server. Fails with an exception whose message can be shown; one attempt, bounded in time by the transport.</summary>
    Task<ILinkConnection> ConnectAsync(string server, CancellationToken giveUp);
}

/// <summary>One connection. Callbacks of one connection never overlap and come in order.</summary>
public interface ILinkConnection
{
    /// <summary>Name of the server at the other end, as proved by its certificate.</summary>
    string Peer { get; }

    /// <summary>Begins to deliver.</summary>
    /// <param name="onFrame">A frame without its length; the memory is only valid during the call.</param>
    /// <param name="onOversize">A frame longer than allowed was passed over: its length and its first bytes.</param>
    /// <param name="onClosed">The connection has ended, and why; comes exactly once, also after <see cref="Close"/>.</param>
    void Start(Action<ReadOnlyMemory<byte>> onFrame, Action<int, ReadOnlyMemory<byte>> onOversize, Action<string> onClosed);

    /// <summary>Queues one whole frame (with its length) without waiting; false when the bounded queue has no room or the connection has ended.</summary>
    bool TrySend(ReadOnlySpan<byte> frame);

    /// <summary>Sends what is queued if that goes quickly, then ends the connection.</summary>
    void Close(string reason);
}
