namespace ClusterActors.Remoting;

/// <summary>Published on the event stream: messages to and from the server flow.</summary>
/// <param name="Server">The peer.</param>
/// <param name="Incarnation">Its process's life.</param>
/// <param name="ConfigHash">Hash of its cluster.conf at this moment.</param>
public sealed record LinkUp(string Server, string Incarnation, string ConfigHash);

/// <summary>Published on the event stream: the connection has ended; a new one is being tried. Messages are dead letters meanwhile.</summary>
public sealed record LinkDown(string Server, string Reason);

/// <summary>Published on the event stream: the peer counts as lost, its watched actors have been declared terminated.</summary>
public sealed record PeerLost(string Server, string Reason);

/// <summary>Published on the event stream: a message of the peer was unknown, unreadable or too large. Once for each kind while the link is up.</summary>
/// <param name="Kind">Its manifest.</param>
public sealed record MessageDropped(string Server, string Kind, string Reason);

/// <summary>What went over one link since the start of the process, and what did not.</summary>
/// <param name="Server">The peer.</param>
/// <param name="IsUp">Messages flow at the moment.</param>
/// <param name="Sent">User messages handed to the connection.</param>
/// <param name="Received">User messages delivered to local actors.</param>
/// <param name="DroppedDown">Not sent because the link was down.</param>
/// <param name="DroppedFull">Not sent because the send queue was full.</param>
/// <param name="DroppedUnsendable">Not sent: not registered, not expressible, or too large.</param>
/// <param name="DroppedUnreadable">Received but unknown, unreadable or too large.</param>
public sealed record LinkStatistics(
    string Server,
    bool IsUp,
    long Sent,
    long Received,
    long DroppedDown,
    long DroppedFull,
    long DroppedUnsendable,
    long DroppedUnreadable);
