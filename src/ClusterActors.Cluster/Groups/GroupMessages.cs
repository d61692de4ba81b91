using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Groups;

/// <summary>What a group actor stores: the record, and the life of the guardian under which it was true.</summary>
public sealed record GroupRecordWritten(GroupRecord Record, Incarnation Guardian);

/// <summary>From rc: the guardian is connected and this is what it holds. Nothing of a group is touched before.</summary>
internal sealed record GuardianKnown(Incarnation Incarnation, GuardianTable Table);

/// <summary>From rc: the guardian has killed and removed everything of every group.</summary>
internal sealed record EverythingKilled(string Reason);

/// <summary>From rc: a peer's copy of the record.</summary>
internal sealed record PeerRecord(GroupRecord Record);

/// <summary>From rc: an order that rc has checked against the membership.</summary>
internal sealed record StartHere(StartGroupOrder Order);

internal sealed record StopHere(string Reason, bool Force);

/// <summary>From the coordinator on the same server: store a wish; answered with <see cref="WishStored"/>.</summary>
public sealed record StoreWish(GroupName Group, Term Term, GroupWish Wish, ServerName? Server);

public sealed record WishStored(GroupName Group);

/// <summary>To rc: the group's report changed.</summary>
internal sealed record GroupChanged(GroupReport Report);

/// <summary>To rc: recovered and, where it was the owner, adopted.</summary>
internal sealed record GroupReady(GroupName Group, bool Adopted);

/// <summary>To rc and from there to pm: this server has become unsafe.</summary>
public sealed record FinalActionDue(GroupName Group, FinalAction Action, string Reason);
