namespace ClusterActors.Model;

/// <summary>
/// What the cluster remembers of a group. Written by the coordinator and by the owner, persisted on every live server before it
/// counts, compared by (<see cref="Term"/>, <see cref="Generation"/>): the higher one wins when servers meet.
/// </summary>
/// <param name="Owner">The server that runs it or ran it last; null when it never ran.</param>
/// <param name="Term">The term in which this record was written.</param>
/// <param name="Generation">Grows with each change inside a term; a command that names an older generation is refused.</param>
/// <param name="Wish">What the administrator asked for last.</param>
/// <param name="WishedServer">Where the administrator wants it, or null.</param>
/// <param name="Failovers">Failovers since it last ran well, counted against <see cref="GroupConfig.FailoverThreshold"/>.</param>
/// <param name="FailedOn">Servers on which it failed to start since the last success: no candidates until cleared.</param>
/// <param name="Reason">The sentence behind the present state, for status and explain.</param>
public sealed record GroupRecord(
    GroupName Group,
    GroupState State,
    ServerName? Owner,
    Term Term,
    long Generation,
    GroupWish Wish,
    ServerName? WishedServer,
    int Failovers,
    IReadOnlyList<ServerName> FailedOn,
    string Reason)
{
    public static GroupRecord Initial(GroupName group) =>
        new(group, GroupState.Offline, null, Term.Zero, 0, GroupWish.Default, null, 0, [], "never started");

    public bool IsNewerThan(GroupRecord other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Term != other.Term ? Term > other.Term : Generation > other.Generation;
    }
}

/// <summary>Live state of one resource, told by the owner.</summary>
/// <param name="Restarts">Restarts used since it last ran well.</param>
/// <param name="Detail">What a person wants to know next, such as "pid 4711" or the last error sentence.</param>
public sealed record ResourceStatus(ResourceName Resource, string Type, ResourceState State, int Restarts, string Detail);

/// <summary>A server's own account of a group: asked for by the coordinator, never assumed.</summary>
/// <param name="ActiveHere">Anything of the group runs, may run or is being stopped on the reporting server.</param>
public sealed record GroupReport(GroupRecord Record, bool ActiveHere, IReadOnlyList<ResourceStatus> Resources);
