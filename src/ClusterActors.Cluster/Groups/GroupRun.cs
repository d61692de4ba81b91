using System.Collections.Immutable;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Groups;

/// <summary>What a group is doing on this server.</summary>
public enum GroupPhase
{
    /// <summary>Nothing is under way; the record tells what is true. Ended by an order.</summary>
    Idle,

    /// <summary>After a restart of the daemon each resource is asked what is true. Ended by the last answer.</summary>
    Adopting,

    /// <summary>Resources are being started, depth by depth. Ended by the last success, by a failure or by a stop order.</summary>
    Starting,

    /// <summary>Everything runs and is watched; single resources may be restarting. Ended by an order or by used-up restarts.</summary>
    Running,

    /// <summary>Resources are being stopped in reverse order. Ended when nothing is left, or by a resource that will not stop.</summary>
    Stopping,
}

/// <summary>
/// One group on one server as a state machine without clock or I/O: each input gives the next state and the effects its actor has to
/// carry out. The record is the truth that outlives the process; it is stored before anything it permits is done.
/// <list type="table">
/// <item><term>Idle</term><description>start order -> Starting; stop order -> Idle</description></item>
/// <item><term>Starting</term><description>last resource started -> Running; failure after all tries -> Stopping; stop order -> Stopping</description></item>
/// <item><term>Running</term><description>resource ended -> Running (restart) or Stopping (restarts used up); stop order -> Stopping</description></item>
/// <item><term>Stopping</term><description>last resource stopped -> Idle; will not stop -> Idle with OfflineFailure and final action</description></item>
/// </list>
/// </summary>
public sealed partial record GroupRun(
    GroupConfig Config,
    ServerName Self,
    GroupRecord Record,
    GroupPhase Phase,
    ImmutableDictionary<ResourceName, ResourceRun> Resources,
    StartCause Cause,
    StopEnd? End,
    long LastOperation)
{
    public static GroupRun Create(GroupConfig config, ServerName self, GroupRecord record)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new(config, self, record, GroupPhase.Idle,
            config.Resources.ToImmutableDictionary(r => r.Name, ResourceRun.Idle), StartCause.Start, null, 0);
    }

    /// <summary>For the events that a record names as its cause; without it they are told and not named.</summary>
    public EventIds? Ids { get; init; }

    /// <summary>The servers of the view in which the present start was decided; none after a restart of the daemon.</summary>
    public IReadOnlyList<ServerName> TakingPart { get; init; } = [];

    /// <summary>Anything of the group runs, may run or is being stopped here.</summary>
    public bool ActiveHere => Phase is GroupPhase.Starting or GroupPhase.Running or GroupPhase.Stopping or GroupPhase.Adopting
        || InOrder.Any(r => r.MayBeActive);

    public bool IsOwner => Record.Owner == Self;

    /// <summary>In configured order: that of the dictionary follows hash codes, which each process draws anew.</summary>
    private IEnumerable<ResourceRun> InOrder => Config.Resources.Select(r => Resources[r.Name]);

    public GroupReport Report() => new(Record, ActiveHere, [.. Config.Resources.Select(r => Resources[r.Name].Status)]);

    /// <summary>A copy of the record from a peer: the newer halves are taken unless this server is the one that writes them.</summary>
    public Step OnPeerRecord(GroupRecord peer)
    {
        var merged = Record.Merge(peer);
        if (merged == Record)
            return new(this, []);

        // Only a lost or older journal makes a peer know more of what this server owns and has under way: the present state gets a newer stamp.
        if (merged.Owner == Self && Phase != GroupPhase.Idle && (merged.Term != Record.Term || merged.Generation != Record.Generation))
            merged = merged with { State = Record.State, Reason = Record.Reason, CauseId = Record.CauseId, Generation = merged.Generation + 1 };
        var step = new Step(this with { Record = merged }, [new Persist(merged)]);

        // Somebody started it after this server did: what is left here ends now, and nothing more of it begins.
        if (!IsOwner || merged.Owner == Self || !ActiveHere)
            return step;
        var twice = Sign(RcEvents.GroupActiveTwice(Config.Name.Value));
        return step.Then(g => g.Stop($"{merged.Owner} has taken the group over", false, twice.EventId))
            .Before(new Raise(twice), new Raise(RcEvents.BothActiveLoser(Config.Name.Value, Self.Value)));
    }

    /// <summary>The wished server is served or refused; the wish itself and what it forgave stay. A newer wish is left alone.</summary>
    public Step ClearWishedServer(Term seenTerm, long seenGeneration)
    {
        if (Record.WishTerm != seenTerm || Record.WishGeneration != seenGeneration || Record.WishedServer is null)
            return new(this, []);
        var record = Record with { WishedServer = null, WishGeneration = Record.WishGeneration + 1 };
        return new(this with { Record = record }, [new Persist(record)]);
    }

    /// <summary>An administrator's wish, written by the coordinator; failures noted so far are forgiven by it.</summary>
    /// <param name="causeId">The event that recorded the command.</param>
    public Step SetWish(Term term, GroupWish wish, ServerName? server, string? causeId = null)
    {
        var record = Record with
        {
            Wish = wish,
            WishedServer = server,
            WishTerm = term,
            WishGeneration = Record.WishGeneration + 1,
            ForgivenTerm = Record.Term,
            ForgivenGeneration = Record.Generation,
            WishCauseId = causeId,
        };
        return new(this with { Record = record }, [new Persist(record)]);
    }

    /// <summary>
    /// The guardian (re)started or ended our grant: it has killed and removed everything of this group. An operation that is still
    /// under way must land before the next may begin, and is followed by a stop, since it may have come after the killing.
    /// </summary>
    /// <param name="causeId">The event about what ended it; null where there is none.</param>
    public Step OnEverythingKilled(string reason, string? causeId = null)
    {
        var killed = InOrder.ToImmutableDictionary(r => r.Config.Name, r => r.InFlight ? r : ResourceRun.Idle(r.Config));
        var next = this with { Resources = killed, End = null };
        if (killed.Values.Any(r => r.InFlight))
        {
            var (superseded, cancel) = next.Supersede();
            GroupEffect[] began = Phase == GroupPhase.Stopping && End!.State == GroupState.Offline ? [] : [StopBegan(causeId)];
            return new(superseded with { Phase = GroupPhase.Stopping, End = new(AfterKilling, reason, true, causeId) }, [.. began, .. cancel]);
        }

        next = next with { Phase = GroupPhase.Idle };
        return Record.State == AfterKilling ? new(next, []) : next.WithRecord(AfterKilling, reason, causeId, []);
    }

    /// <summary>A failure that waits for an administrator goes on waiting.</summary>
    private GroupState AfterKilling => Record.State == GroupState.OnlineFailure ? GroupState.OnlineFailure : GroupState.Offline;

    /// <summary>
    /// A new record by this server, with the next stamp; what an administrator forgave is not carried over to it. A server that is not
    /// the owner any more (its peer took over) ends what it has without a word in the record: that half has another writer now.
    /// </summary>
    private Step WithRecord(GroupState state, string reason, string? causeId, IReadOnlyList<GroupEffect> before, params ReadOnlySpan<GroupEffect> after)
    {
        if (!IsOwner)
            return new(this, [.. before, .. after]);
        var record = Record with
        {
            State = state,
            Reason = reason,
            Generation = Record.Generation + 1,
            FailedOn = Record.UnforgivenFailures,
            Failovers = Record.UnforgivenFailovers,
            FoundActive = Record.UnforgivenFinding(),
            CauseId = causeId,
        };
        return new(this with { Record = record }, [.. before, new Persist(record), .. after]);
    }

    private EventDraft Sign(EventDraft draft) => Ids?.Sign(draft) ?? draft;

    private Raise StopBegan(string? causeId) => new(RcEvents.GroupStopBegan(Config.Name.Value).FollowingFrom(causeId));

    private GroupRun With(ResourceRun run) => this with { Resources = Resources.SetItem(run.Config.Name, run) };

    /// <summary>The run a result belongs to, or null when the result is of a forgotten operation.</summary>
    private ResourceRun? Current(ResourceName resource, long operation) =>
        Resources.TryGetValue(resource, out var run) && run.Operation == operation ? run : null;

    private string PathOf(ResourceRun run) => $"{Config.Name}.{run.Config.Name}";

    /// <summary>The next state and what to do.</summary>
    public sealed record Step(GroupRun Next, IReadOnlyList<GroupEffect> Effects)
    {
        /// <summary>This step, then another from its state.</summary>
        internal Step Then(Func<GroupRun, Step> more)
        {
            var second = more(Next);
            return new(second.Next, [.. Effects, .. second.Effects]);
        }

        /// <summary>The record of this step also names the servers on which the group failed.</summary>
        internal Step FailedOn(IReadOnlyList<ServerName> servers) => Amended(r => r with { FailedOn = servers });

        /// <summary>More about the state that this step stores.</summary>
        internal Step Amended(Func<GroupRecord, GroupRecord> more)
        {
            if (!Next.IsOwner)
                return this;
            var record = more(Next.Record);
            return new(Next with { Record = record }, [.. Effects.Select(e => e is Persist ? new Persist(record) : e)]);
        }

        internal Step Before(params ReadOnlySpan<GroupEffect> effects) => this with { Effects = [.. effects, .. Effects] };
    }
}

/// <summary>How a stop ends: the state the record gets and why.</summary>
/// <param name="CauseId">The event that led to that state; null when none is known.</param>
/// <param name="Final">Final action to take once nothing is left; <see cref="FinalAction.None"/> for none.</param>
public sealed record StopEnd(GroupState State, string Reason, bool Force, string? CauseId, FinalAction Final = FinalAction.None);
