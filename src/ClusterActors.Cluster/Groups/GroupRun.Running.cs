using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Groups;

public sealed partial record GroupRun
{
    /// <summary>A watched resource ended by itself: restart it while restarts are left, else give the group up on this server.</summary>
    public Step OnEnded(ResourceEnded ended)
    {
        if (Phase is not (GroupPhase.Running or GroupPhase.Starting) || Current(ended.Resource, ended.Operation) is not { State: ResourceState.Online } run)
            return new(this, []);
        var fallen = run with { State = ResourceState.OnlineFailure, Detail = ended.Outcome.Sentence };
        var exited = Sign(CaEvents.ProgramExited(Config.Name.Value, run.Config.Name.Value, ended.Outcome.Sentence));
        return With(fallen).RecoverOrGiveUp(fallen, exited.EventId).Before(new Raise(exited));
    }

    public Step OnChecked(ResourceChecked answer)
    {
        if (Current(answer.Resource, answer.Operation) is not { InFlight: true } run)
            return new(this, []);
        var state = answer.Outcome.Health switch
        {
            ResourceHealth.Running => ResourceState.Online,
            ResourceHealth.Stopped => ResourceState.Offline,
            _ => ResourceState.OnlineFailure,
        };
        var known = With(run with { InFlight = false, State = state, Detail = answer.Outcome.Sentence });
        if (Phase == GroupPhase.Stopping)
            return known.StopNextDepth();
        return Phase != GroupPhase.Adopting || known.InOrder.Any(r => r.InFlight) ? new(known, []) : known.Adopted();
    }

    /// <summary>
    /// As <see cref="Adopt"/>, where the guardian holds something of this group in <paramref name="held"/>: that outranks a journal that
    /// was lost or replaced by an older copy.
    /// </summary>
    public Step AdoptHeld(Term held)
    {
        if (IsOwner && Record.State is not GroupState.Offline)
            return Adopt();
        var record = Record with
        {
            Owner = Self,
            State = GroupState.Online,
            Term = held > Record.Term ? held : Record.Term,
            Generation = Record.Generation + 1,
            Reason = "found running under the guardian although the journal did not know it",
            CauseId = null,
        };

        // A peer that took the group over in a later term is the owner; what is held here is only to be found and stopped.
        if (Record.Owner is not null && !IsOwner && Record.Term > held)
            record = Record;
        var step = new Step(this with { Record = record }, record == Record ? [] : [new Persist(record)]);
        return step.Then(g => g.AskAll());
    }

    /// <summary>
    /// After a restart of the daemon beside the same guardian: ask what runs before anything is started or stopped.
    /// </summary>
    public Step Adopt()
    {
        return !IsOwner || Record.State is GroupState.Offline ? new(this, []) : AskAll();
    }

    private Step AskAll()
    {
        var step = new Step(this with { Phase = GroupPhase.Adopting }, []);
        foreach (var resource in Config.Resources)
            step = step.Then(g => g.Ask(g.Resources[resource.Name]));
        return step;
    }

    private Step Ask(ResourceRun run)
    {
        var operation = LastOperation + 1;
        var asked = run with { State = ResourceState.Unknown, Operation = operation, InFlight = true };
        var cutShort = IsOwner && Record.State == GroupState.OnlinePending ? TicketsOf(run) : "";
        return new((this with { LastOperation = operation }).With(asked), [new CheckResource(operation, run.Config, cutShort)]);
    }

    private Step Adopted()
    {
        if (!IsOwner)
            return GoOnStopping(GroupState.Offline, $"{Record.Owner} has taken the group over", null);
        var watches = InOrder.Where(r => r.State == ResourceState.Online).Select(GroupEffect (r) => new WatchResource(r.Operation, r.Config)).ToArray();
        switch (Record.State)
        {
            case GroupState.OnlinePending:
                return new Step(this with { Phase = GroupPhase.Starting }, [new Raise(RcEvents.GroupStartBegan(Config.Name.Value).FollowingFrom(Record.CauseId)), .. watches]).Then(g => g.Recover(ResourceState.OnlineFailure)).Then(g =>
                    g.Phase == GroupPhase.Starting ? g.StartNextDepth() : new(g, []));
            case GroupState.OfflinePending:
                // A stop that a failure had begun ends as that failure.
                var state = Record.UnforgivenFailures.Contains(Self) ? GroupState.OnlineFailure : GroupState.Offline;
                return GoOnStopping(state, Record.Reason, Record.CauseId);
            case GroupState.Online:
                return new Step(this with { Phase = GroupPhase.Running }, watches).Then(g => g.Recover(ResourceState.OnlineFailure, ResourceState.Offline));
            default:
                return new(this with { Phase = GroupPhase.Idle }, []);
        }
    }

    /// <summary>Told as a beginning: for this life of the daemon it is one, and the last life may have ended before it told.</summary>
    private Step GoOnStopping(GroupState state, string reason, string? causeId) =>
        (this with { Phase = GroupPhase.Stopping, End = new(state, reason, false, causeId) }).StopNextDepth()
            .Before(state == GroupState.Offline ? [StopBegan(causeId)] : []);

    /// <summary>One by one, and only as long as none of them makes the group give up.</summary>
    private Step Recover(params IReadOnlyList<ResourceState> fallen)
    {
        var step = new Step(this, []);
        foreach (var name in Config.Resources.Select(r => r.Name))
            step = step.Then(g => g.Resources[name] is { InFlight: false } run && fallen.Contains(run.State) && g.Phase is GroupPhase.Running or GroupPhase.Starting
                ? g.RecoverOrGiveUp(run with { State = ResourceState.OnlineFailure }, null)
                : new(g, []));
        return step;
    }

    /// <param name="causeId">The event about its failure; null where it was found so.</param>
    private Step RecoverOrGiveUp(ResourceRun run, string? causeId)
    {
        if (Phase == GroupPhase.Stopping)
            return new(With(run), []);
        if (run.Restarts >= run.Config.Restarts)
        {
            var reason = $"{PathOf(run)} failed on {Self} and its {run.Config.Restarts} restarts are used up: {run.Detail}";
            var usedUp = Sign(RcEvents.RestartsUsedUp(Config.Name.Value, run.Config.Name.Value, $"{run.Config.Restarts}").FollowingFrom(causeId));
            return With(run).GiveUp(run, reason, usedUp.EventId).Before(new Raise(usedUp));
        }

        var again = run with { Restarts = run.Restarts + 1 };
        return With(again).BeginStop(again, force: true, attempt: 1).Before(new Raise(RcEvents.ResourceRestartBegan(PathOf(run)).FollowingFrom(causeId)));
    }

    /// <summary>The remains of a failed resource are gone: start it again while the group runs.</summary>
    private Step RestartStopped(ResourceRun run) => With(run).Begin(run, StartCause.Restart, 1);

    private Step Restarted(ResourceRun run)
    {
        var (next, watch) = With(run).Watch(run);
        return new(next, [
            new Raise(RcEvents.ResourceRestartEnded(PathOf(run))),
            new Raise(CaEvents.ProgramRestarted(Config.Name.Value, run.Config.Name.Value, $"{run.Restarts}", $"{run.Config.Restarts}")),
            watch,
        ]);
    }

    private Step RestartFailed(ResourceRun run)
    {
        var failed = Sign(RcEvents.ResourceRestartFailed(PathOf(run)));
        return With(run).RecoverOrGiveUp(run, failed.EventId).Before(new Raise(failed));
    }

    /// <summary>
    /// Nothing more is tried on this server. Where the group may go elsewhere, or the final action says so, it is stopped here first;
    /// otherwise what runs is left as it is for the administrator.
    /// </summary>
    /// <param name="causeId">The event about the last failure: where the group goes on to, this is why.</param>
    private Step GiveUp(ResourceRun run, string reason, string? causeId)
    {
        var failedBefore = Record.UnforgivenFailures;
        IReadOnlyList<ServerName> failedOn = failedBefore.Contains(Self) ? failedBefore : [.. failedBefore, Self];
        var mayMove = Config.Failover == FailoverMode.Auto && Record.UnforgivenFailovers < Config.FailoverThreshold && Config.Servers.Any(s => !failedOn.Contains(s));
        if (mayMove || run.Config.StartFinalAction >= FinalAction.StopGroup)
        {
            var final = !mayMove && run.Config.StartFinalAction >= FinalAction.StopDaemon ? run.Config.StartFinalAction : FinalAction.None;
            return BeginStopping(new(GroupState.OnlineFailure, reason, false, causeId, final)).FailedOn(failedOn).Then(g => g.StopNextDepth());
        }

        return (this with { Phase = GroupPhase.Running }).WithRecord(
            GroupState.OnlineFailure, reason, causeId, [], new Raise(CaEvents.GroupOnlineFailure(Config.Name.Value, reason).FollowingFrom(causeId))).FailedOn(failedOn);
    }
}
