using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Groups;

/// <summary>What a group actor stores: the record, and the life of the guardian under which it was true.</summary>
public sealed record GroupRecordWritten(GroupRecord Record, Incarnation Guardian);

/// <summary>From rc: the guardian is connected and this is what it holds. Nothing of a group is touched before.</summary>
/// <param name="WasExcluded">The term in force ended this server's claims of earlier terms.</param>
/// <param name="LossId">The event about the loss of the guardian before it; null where this life of the daemon has lost none.</param>
internal sealed record GuardianKnown(Incarnation Incarnation, GuardianTable Table, bool WasExcluded, string? LossId);

/// <summary>From rc: the guardian has killed and removed everything of every group.</summary>
internal sealed record EverythingKilled(string Reason, string? CauseId);

/// <summary>From rc: a peer's copy of the record.</summary>
internal sealed record PeerRecord(GroupRecord Record);

/// <summary>From rc: an order that rc has checked against the membership.</summary>
/// <param name="TakingPart">The servers of the view in force.</param>
internal sealed record StartHere(StartGroupOrder Order, IReadOnlyList<ServerName> TakingPart);

/// <param name="Leaves">With the whole server: a start at its next boot does not follow from what stopped it.</param>
internal sealed record StopHere(string Reason, bool Force, string? CauseId, bool Leaves = false);

/// <summary>From the coordinator on the same server: store a wish; answered with <see cref="WishStored"/>.</summary>
/// <param name="CauseId">The event that recorded the command.</param>
public sealed record StoreWish(GroupName Group, Term Term, GroupWish Wish, ServerName? Server, string? CauseId);

public sealed record WishStored(GroupName Group);

/// <summary>From the coordinator on the same server: forget the wished server of the wish with this stamp; not answered.</summary>
internal sealed record ClearWish(GroupName Group, Term SeenTerm, long SeenGeneration);

/// <summary>
/// From rc: the term in force, while this server was not excluded by it. What runs here goes on in it, so the guardian has to be
/// asked in it; a server that was excluded keeps asking in the older term and is refused.
/// </summary>
internal sealed record TermInForce(Term Term);

/// <summary>To rc: the group's report changed.</summary>
/// <param name="Starts">Start orders of this life of the group's actor that the report knows of: their record is stored, or nothing came of them.</param>
internal sealed record GroupChanged(GroupReport Report, int Starts);

/// <summary>To rc: recovered and, where it was the owner, adopted.</summary>
internal sealed record GroupReady(GroupName Group, bool Adopted);

/// <summary>To rc and from there to pm: this server has become unsafe.</summary>
public sealed record FinalActionDue(GroupName Group, FinalAction Action, string Reason, string? CauseId);
