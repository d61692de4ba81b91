using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Wire;

/// <summary>
/// A server's own account of itself, sent to every linked server at link-up, at each change and every few seconds. The newest one of
/// the present link replaces the one before; the receiver never assumes what is not in it.
/// </summary>
/// <param name="Sequence">Grows with each report of one daemon life; an older one is dropped.</param>
/// <param name="Ready">Adoption of what runs is finished: <see cref="Groups"/> can be relied on.</param>
/// <param name="Leaving">Being stopped on request: gives its groups away and takes none.</param>
/// <param name="Hears">For each channel that ends here: network, heard server, receiving or not.</param>
public sealed record ServerReport(
    ServerName Server,
    Incarnation Incarnation,
    Term Term,
    string ConfigHash,
    long Sequence,
    bool Ready,
    bool Leaving,
    string Grant,
    IReadOnlyList<GroupReport> Groups,
    IReadOnlyList<HeardChannel> Hears)
{
    /// <summary>Servers without which this one may start groups, because the term in force was raised over them. A server that finds
    /// itself here decides nothing: an order that does not know of it may be under way.</summary>
    public IReadOnlyList<ServerName> Out { get; init => field = value ?? []; } = [];

    /// <summary>On one channel at least it receives the beats of this server.</summary>
    public bool Receives(ServerName server) => Hears.Any(h => h.Heard == server && (h.State is nameof(ChannelState.Up) or nameof(ChannelState.Late)));

    /// <summary>Another one after each restart of its daemon, and of three servers or more each time that it begins to decide. 0 from a release that did not tell.</summary>
    public long Life { get; init; }

    /// <summary>It finds that it is the coordinator and may decide; null from a release that did not tell.</summary>
    public bool? Decides { get; init; }

    /// <summary>Servers that take part for it, itself included; null of a pair, where it says nothing more than that this report has come, or from a release that did not tell.</summary>
    public IReadOnlyList<ServerName>? Meets { get; init; }

    /// <summary>Whose starts it carries out; null from a release that did not tell.</summary>
    public Following? Follows { get; init; }

    /// <summary>The wishes it has stored; null from a release that had none.</summary>
    public ClusterWishes? Wishes { get; init; }

    /// <summary>With <see cref="Leaving"/>: the event that recorded the request; null from a release that did not tell. For people only.</summary>
    public string? LeavingCauseId { get; init; }

    /// <summary>
    /// Why those in <see cref="Out"/> are out, as far as the sender saw it: a server whose life began later has seen nothing die. Null when it knows
    /// of none, or from a release that did not tell. For people only.
    /// </summary>
    public IReadOnlyList<OutCause>? OutCauses { get; init; }
}

/// <param name="CauseId">The reporting server's event about the loss of the server, or about the term that was raised over it.</param>
public sealed record OutCause(ServerName Server, string CauseId);

/// <summary>One channel as the reporting server sees it.</summary>
public sealed record HeardChannel(string Heartbeat, ServerName Heard, string State);
