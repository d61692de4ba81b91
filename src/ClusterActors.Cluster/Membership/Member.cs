using ClusterActors.Cluster.Wire;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Membership;

/// <summary>What this server knows of one server, itself included.</summary>
/// <param name="State">Of the guardian's findings.</param>
/// <param name="Term">The term it beats in.</param>
/// <param name="HasPromised">It said "down and clean" for the term it beats in: nothing starts there before the term is raised.</param>
/// <param name="MayExclude">The guardian would raise the term over it now.</param>
/// <param name="IsExcluded">
/// The term in force was raised over it, and it has not adopted that term since or promised to start nothing in it: it cannot run groups.
/// </param>
/// <param name="LinkUp">The daemons are connected.</param>
/// <param name="Report">Its newest account over the present link; null while there is none.</param>
/// <param name="ReportedAt">Timestamp of <see cref="Report"/> on this server's clock.</param>
/// <param name="LastReport">Its newest account of any link, for status and <see cref="IsAhead"/>.</param>
public sealed record Member(
    ServerName Server,
    int Index,
    bool IsSelf,
    ServerState State,
    Incarnation Incarnation,
    Term Term,
    bool IsUnclean,
    bool HasPromised,
    bool MayExclude,
    bool IsExcluded,
    bool LinkUp,
    string? LinkConfigHash,
    ServerReport? Report,
    long ReportedAt,
    ServerReport? LastReport,
    string Detail)
{
    /// <summary>This server's event about <see cref="State"/>; null while there is none. For people only.</summary>
    public string? CauseId { get; init; }

    /// <summary>This server's newest event that told it down, or down and clean; kept when it is back, since it may be out all the same. For people only.</summary>
    public string? LossId { get; init; }

    /// <summary>This server's event about why it is out, should it be: its loss, or the term that was raised over one that was never heard here. For people only.</summary>
    public string? OutCauseId => LossId ?? (State == ServerState.Unknown ? CauseId : null);

    /// <summary>Beats of it arrive: whatever was said about its death is of the past.</summary>
    public bool IsHeard => State is ServerState.Up or ServerState.Suspected or ServerState.DaemonRestarting;

    /// <summary>
    /// Its daemon tells of a later term than this one, over a link that healed before the beats came. Its guardian may be another life than the one that was
    /// heard last, so this report counts for nothing else yet.
    /// </summary>
    public bool IsAhead(Term term) => !IsSelf && LinkUp && LastReport?.Term > term;

    /// <summary>Its daemon answers and its guardian is in the view's term: it takes part in decisions.</summary>
    public bool TakesPart(Term term) =>
        State is ServerState.Up or ServerState.Suspected && !IsUnclean && Term == term && (IsSelf || LinkUp) && Report is { Ready: true } report && report.Term == term;
}
