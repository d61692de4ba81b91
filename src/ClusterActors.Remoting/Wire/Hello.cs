using System.Text.Json.Serialization;

namespace ClusterActors.Remoting;

/// <summary>The first frame of each side. Members may be added; what a reader does not know it passes over.</summary>
/// <param name="MinProtocol">Oldest protocol version the sender speaks.</param>
/// <param name="MaxProtocol">Newest protocol version the sender speaks.</param>
/// <param name="Cluster">Hash of the cluster's id; another one is another cluster.</param>
/// <param name="System">Name of the actor system.</param>
/// <param name="Server">Name of the sender's server; must be the one in its certificate.</param>
/// <param name="Incarnation">The life of the sender's process.</param>
/// <param name="Session">Grows whenever the sender forgets what it shared with this peer.</param>
/// <param name="KnownIncarnation">The receiver's incarnation as the sender remembers it; null when it remembers nothing.</param>
/// <param name="KnownSession">The receiver's session as the sender remembers it.</param>
/// <param name="ReceivedUpTo">Number of the last system message the sender has from the remembered session.</param>
/// <param name="ConfigHash">Hash of the sender's cluster.conf.</param>
internal sealed record Hello(
    int MinProtocol,
    int MaxProtocol,
    string Cluster,
    string System,
    string Server,
    string Incarnation,
    long Session,
    string? KnownIncarnation,
    long KnownSession,
    ulong ReceivedUpTo,
    string ConfigHash);

[JsonSerializable(typeof(Hello))]
internal sealed partial class HelloJson : JsonSerializerContext;
