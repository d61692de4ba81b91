namespace ClusterActors.Model.Planning;

/// <summary>
/// What the coordinator has gathered: members' own reports and the guardian's findings, never assumptions. A plain value without
/// clock or I/O, so that the same planner serves the live cluster, simulation, explanation and tests.
/// </summary>
/// <param name="Term">The term of the view; every start that the plan orders carries it.</param>
/// <param name="Members">Servers that have accepted this view's term.</param>
/// <param name="Standing">Whether the view may start anything (safety.md section 1: a majority has accepted it; of a pair both, or one with a vote).</param>
/// <param name="Servers">Every configured server; one that is missing counts as <see cref="ServerState.Unknown"/>.</param>
/// <param name="Groups">Every group that anybody knows of.</param>
/// <param name="StartupWait">The start-up count-down while it runs, else null.</param>
/// <param name="Suspended">An administrator suspended the cluster, or it is not known whether: nothing automatic happens, wishes are still followed.</param>
public sealed record ClusterView(
    Term Term,
    IReadOnlyList<ServerName> Members,
    ViewStanding Standing,
    IReadOnlyList<ServerView> Servers,
    IReadOnlyList<GroupView> Groups,
    StartupWait? StartupWait = null,
    bool Suspended = false)
{
    /// <summary>Why it is not known what administrators want of the cluster; null when it is. Until then the cluster counts as suspended, and each server as under maintenance.</summary>
    public string? WishesUnknown { get; init; }

    /// <summary>Why nothing automatic happens; null when the cluster is not <see cref="Suspended"/>.</summary>
    public string? WhySuspended => WishesUnknown ?? (Suspended ? "the cluster is suspended" : null);

    /// <summary>Who carries the plan out, where that is not the first of the members; see <see cref="Planner"/>.</summary>
    public ServerName? Coordinator { get; init; }
}

/// <param name="IsValid">Groups may be started under this view's term.</param>
/// <param name="Sentence">Why, or what is missing: "both servers accepted term 4.0".</param>
public sealed record ViewStanding(bool IsValid, string Sentence)
{
    /// <summary>What is missing comes by itself in a moment: nobody's word is needed.</summary>
    public bool SettlesSoon { get; init; }
}

/// <param name="Servers">Who is waited for.</param>
/// <param name="Remaining">Time left when the view was taken.</param>
public sealed record StartupWait(IReadOnlyList<ServerName> Servers, TimeSpan Remaining);

/// <summary>One server as the heartbeats and its guardian show it.</summary>
/// <param name="GrantOver">Why its right to run groups is provably over (its vow has run out and the view's term excludes it, a
/// fence succeeded, an administrator confirmed that it is off); null when there is no proof. <see cref="ServerState.Clean"/> is
/// proof by itself.</param>
/// <param name="ConfigHash">Hash of the configuration it told last; null when it never told one.</param>
/// <param name="Leaving">It is being stopped on request: takes no groups, and those it has are stopped.</param>
/// <param name="CauseId">Event that brought it into its state, or proved it off, for <see cref="Because.CauseId"/>.</param>
public sealed record ServerView(
    ServerName Name,
    ServerState State,
    string? GrantOver = null,
    string? ConfigHash = null,
    bool Leaving = false,
    string? CauseId = null)
{
    /// <summary>Why it is certain that nothing runs there (a fence succeeded, an administrator switched it off); null when only its right
    /// to run groups is over. <see cref="ServerState.Clean"/> is proof by itself.</summary>
    public string? Proof { get; init; }

    /// <summary>Nothing of an old owner can still write anywhere.</summary>
    public bool IsProvenOff => State == ServerState.Clean || Proof is not null;

    /// <summary>Why it would accept no start as long as a link between two members is broken, as the end of a sentence about it; null: nothing speaks against it.</summary>
    public string? WhyNoStart { get; init; }

    /// <summary>For how long it has been up without a break, as far as the coordinator has seen; null: nobody counts, since no group asks for it.</summary>
    public TimeSpan? UpFor { get; init; }

    /// <summary>What an administrator wants of it.</summary>
    public ServerMode Mode { get; init; }

    /// <summary>The administrator's words for it, or empty.</summary>
    public string ModeReason { get; init; } = "";

    /// <summary>Event that recorded the command for <see cref="Mode"/>, or null.</summary>
    public string? ModeCauseId { get; init; }

    /// <summary>The mode as the end of a sentence about the server.</summary>
    public string ModeWords => (Mode == ServerMode.Standby ? "on standby" : "under maintenance") + (ModeReason.Length > 0 ? $" ({ModeReason})" : "");
}

/// <summary>One group: the merged memory of the members and what each of them says is true now.</summary>
/// <param name="Record">Merge of every member's copy.</param>
/// <param name="Sightings">One for each member that has reported in this view. A member without one has not reported yet.</param>
/// <param name="StartWaitExpired">The wait for other groups has lasted its limit; the start is cancelled until an administrator asks again.</param>
public sealed record GroupView(
    GroupRecord Record,
    IReadOnlyList<GroupSighting> Sightings,
    bool StartWaitExpired = false)
{
    /// <summary>Event that led to the group's state, for <see cref="Because.CauseId"/>.</summary>
    public string? CauseId => Record.CauseId;

    /// <summary>
    /// Merges what members reported. <paramref name="reports"/> may be empty: then nothing is known. What the owner has written since its own report has
    /// come by way of another server, as on a link that carries one way only: its report is out of date and counts as not given.
    /// </summary>
    public static GroupView From(
        GroupName group, IReadOnlyCollection<MemberReport> reports, bool startWaitExpired = false)
    {
        ArgumentNullException.ThrowIfNull(reports);
        var record = reports.Aggregate(GroupRecord.Initial(group), (known, told) => known.Merge(told.Report.Record));
        var sightings = new List<GroupSighting>();
        foreach (var (server, report) in reports)
        {
            if (server == record.Owner && report.Record.IsOlderThan(record))
                continue;
            var failed = report.Resources.Where(r => r.State == ResourceState.OfflineFailure).Select(r => r.Resource).ToList();
            sightings.Add(report.StartingIn is { } term
                ? new GroupSighting(server, GroupState.OnlinePending, report.ActiveHere, term, failed) { IsAheadOfRecord = term > record.Term }
                : new GroupSighting(server, report.Record.State, report.ActiveHere, report.Record.Term, failed));
        }

        return new GroupView(record, sightings, startWaitExpired);
    }
}

/// <summary>A member's report on a group.</summary>
public sealed record MemberReport(ServerName Server, GroupReport Report);

/// <summary>What one member says about a group on itself.</summary>
/// <param name="State">Meaningful when <paramref name="ActiveHere"/>.</param>
/// <param name="ActiveHere">Anything of the group runs, may run or is being stopped there.</param>
/// <param name="Term">The term in which that server started it; decides who stays when two have it.</param>
/// <param name="NotStopping">Resources that would not stop.</param>
public sealed record GroupSighting(
    ServerName Server, GroupState State, bool ActiveHere, Term Term, IReadOnlyList<ResourceName> NotStopping)
{
    /// <summary>It starts the group in a term that no record tells of yet: whatever the records say is older.</summary>
    public bool IsAheadOfRecord { get; init; }

    /// <summary>Runs or may run there. A failed stop counts whatever else is said.</summary>
    public bool MayRun => ActiveHere || State == GroupState.OfflineFailure && NotStopping.Count > 0;
}
