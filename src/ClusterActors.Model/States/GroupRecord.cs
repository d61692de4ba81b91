namespace ClusterActors.Model;

/// <summary>
/// What the cluster remembers of a group. It has two halves with one writer each: the state half is written by the owner (a new
/// owner takes it over with its start), the wish half by the coordinator. Each half carries a stamp; where servers meet, the half
/// with the higher stamp wins on both (<see cref="Merge"/>).
/// </summary>
/// <param name="Owner">The server that runs it or ran it last; null when it never ran.</param>
/// <param name="Term">Stamp of the state half: the term in which it was written.</param>
/// <param name="Generation">Stamp of the state half: grows with each change; an order that names an older generation is refused.</param>
/// <param name="Wish">What the administrator asked for last.</param>
/// <param name="WishedServer">Where the administrator wants it, or null.</param>
/// <param name="WishTerm">Stamp of the wish half: the term in which it was written.</param>
/// <param name="WishGeneration">Stamp of the wish half: grows with each change.</param>
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
    Term WishTerm,
    long WishGeneration,
    int Failovers,
    IReadOnlyList<ServerName> FailedOn,
    string Reason)
{
    public static GroupRecord Initial(GroupName group) =>
        new(group, GroupState.Offline, null, Term.Zero, 0, GroupWish.Default, null, Term.Zero, 0, 0, [], "never started");

    /// <summary>Wish half: failures noted up to this stamp of the state half are forgiven, because an administrator asked again.</summary>
    public Term ForgivenTerm { get; init; }

    /// <inheritdoc cref="ForgivenTerm"/>
    public long ForgivenGeneration { get; init; }

    /// <summary>Servers that are no candidates because the group failed there and nobody has asked again since.</summary>
    public IReadOnlyList<ServerName> UnforgivenFailures => IsForgiven ? [] : FailedOn;

    /// <summary>Failovers that count against the threshold.</summary>
    public int UnforgivenFailovers => IsForgiven ? 0 : Failovers;

    /// <summary>
    /// State half: what the both-activation check found in use when it refused the start; null otherwise. <see cref="FailedOn"/> has the servers
    /// that took part then: where among them the group would be started makes no difference to who has the address.
    /// </summary>
    public string? FoundActive { get; init; }

    /// <summary>State half: the event that led to <see cref="State"/>; null when none is known. For people only: nothing is decided by it.</summary>
    public string? CauseId { get; init; }

    /// <summary>Wish half: the event that recorded the administrator's command; null when none is known. For people only: nothing is decided by it.</summary>
    public string? WishCauseId { get; init; }

    /// <summary><see cref="FoundActive"/>, until an administrator asks again.</summary>
    public string? UnforgivenFinding() => IsForgiven ? null : FoundActive;

    /// <summary>An administrator has asked for it after the state half was written.</summary>
    public bool IsAskedAnew() => IsForgiven;

    private bool IsForgiven => CompareStamp(Term, Generation, ForgivenTerm, ForgivenGeneration) <= 0;

    /// <summary>The newer state half and the newer wish half of two copies; associative and commutative, so order of arrival does not matter.</summary>
    public GroupRecord Merge(GroupRecord other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var state = CompareStamp(other.Term, other.Generation, Term, Generation) > 0 ? other : this;
        var wish = CompareStamp(other.WishTerm, other.WishGeneration, WishTerm, WishGeneration) > 0 ? other : this;
        return state with
        {
            Wish = wish.Wish,
            WishedServer = wish.WishedServer,
            WishTerm = wish.WishTerm,
            WishGeneration = wish.WishGeneration,
            ForgivenTerm = wish.ForgivenTerm,
            ForgivenGeneration = wish.ForgivenGeneration,
            WishCauseId = wish.WishCauseId,
        };
    }

    /// <summary>The state half of the other one was written later.</summary>
    public bool IsOlderThan(GroupRecord other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CompareStamp(Term, Generation, other.Term, other.Generation) < 0;
    }

    private static int CompareStamp(Term term, long generation, Term otherTerm, long otherGeneration)
    {
        var byTerm = term.CompareTo(otherTerm);
        return byTerm != 0 ? byTerm : generation.CompareTo(otherGeneration);
    }
}

/// <summary>Live state of one resource, told by the owner.</summary>
/// <param name="Restarts">Restarts used since it last ran well.</param>
/// <param name="Detail">What a person wants to know next, such as "pid 4711" or the last error sentence.</param>
public sealed record ResourceStatus(ResourceName Resource, string Type, ResourceState State, int Restarts, string Detail);

/// <summary>A server's own account of a group: asked for by the coordinator, never assumed.</summary>
/// <param name="ActiveHere">Anything of the group runs, may run or is being stopped on the reporting server.</param>
public sealed record GroupReport(GroupRecord Record, bool ActiveHere, IReadOnlyList<ResourceStatus> Resources)
{
    /// <summary>The term of a start that this server has accepted and not yet stored: <see cref="Record"/> still tells of what was before it. Null otherwise.</summary>
    public Term? StartingIn { get; init; }
}
