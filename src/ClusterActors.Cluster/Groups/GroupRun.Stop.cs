using ClusterActors.Model;
using ClusterActors.Model.Events;

namespace ClusterActors.Cluster.Groups;

public sealed partial record GroupRun
{
    /// <summary>Stop everything of the group on this server; a stop that is already under way goes on, with force from now on if asked.</summary>
    /// <param name="causeId">The event that it follows from.</param>
    /// <param name="leaves">With the whole server: the record does not keep the cause, since a start at the next boot does not follow from it.</param>
    public Step Stop(string reason, bool force, string? causeId = null, bool leaves = false)
    {
        var kept = leaves ? null : causeId;
        if (!ActiveHere)
            return IsOwner && Record.State is not (GroupState.Offline or GroupState.OfflineFailure) ? WithRecord(GroupState.Offline, reason, kept, []) : new(this, []);
        if (Phase == GroupPhase.Stopping)
            return new(this with { End = End! with { Force = End.Force || force } }, []);
        return BeginStopping(new(GroupState.Offline, reason, force, kept), StopBegan(causeId)).Then(g => g.StopNextDepth());
    }

    public Step OnStopped(ResourceStopped result)
    {
        if (Current(result.Resource, result.Operation) is not { InFlight: true } run)
            return new(this, []);
        var landed = run with
        {
            InFlight = false,
            State = result.Outcome.Succeeded ? ResourceState.Offline : ResourceState.OfflineFailure,
            Detail = result.Outcome.Sentence,
        };
        var step = Phase switch
        {
            GroupPhase.Running or GroupPhase.Starting => result.Outcome.Succeeded ? RestartStopped(landed) : RestartFailed(landed),
            GroupPhase.Stopping when result.Outcome.Succeeded =>
                With(landed).StopNextDepth().Before(new Raise(RcEvents.ResourceStopEnded(PathOf(landed)))),
            GroupPhase.Stopping => StopFailed(landed),
            _ => new Step(With(landed), []),
        };
        return step.Before(Killed(landed, result.Outcome));
    }

    private Step StopFailed(ResourceRun run)
    {
        if (run.Attempt <= run.Config.StopRetries)
            return With(run).BeginStop(run, End!.Force, run.Attempt + 1);
        var failed = Sign(RcEvents.ResourceStopFailed(PathOf(run), "1", run.Detail));
        if (run.Config.StopFinalAction is FinalAction.None)
            return With(run with { State = ResourceState.Offline }).StopNextDepth().Before(new Raise(failed));
        var reason = $"{PathOf(run)} did not stop on {Self}: {run.Detail}";
        // A stop after a failure is not told to begin, so its end has no such event to follow from.
        var wasTold = End!.State == GroupState.Offline;
        return (With(run) with { Phase = GroupPhase.Idle }).WithRecord(
            GroupState.OfflineFailure, reason, failed.EventId, [new Raise(failed)],
            new Raise(RcEvents.GroupStopFailed(Config.Name.Value).FollowingFrom(wasTold ? null : failed.EventId)),
            new Raise(CaEvents.ServerUnsafe(Self.Value, Config.Name.Value).FollowingFrom(failed.EventId)),
            new TakeFinalAction(run.Config.StopFinalAction, reason, failed.EventId));
    }

    /// <summary>Stops every resource of the highest depth that is left; when nothing is left the stop has ended.</summary>
    private Step StopNextDepth()
    {
        // A start under way must land first: only then is it known what there is to stop.
        if (InOrder.Any(r => r.InFlight))
            return new(this, []);
        var left = InOrder.Where(r => r.MayBeActive).ToList();
        if (left.Count == 0)
            return Stopped();
        var depth = left.Max(r => r.Config.Depth);
        var step = new Step(this, []);
        foreach (var run in left.Where(r => r.Config.Depth == depth))
            step = step.Then(g => g.BeginStop(run, g.End!.Force, 1)).Then(g => new(g, [new Raise(RcEvents.ResourceStopBegan(PathOf(run)))]));
        return step;
    }

    private Step Stopped()
    {
        var end = End!;
        var resources = InOrder.Select(r => r with { Restarts = 0, Detail = "" });
        var idle = this with { Phase = GroupPhase.Idle, End = null, Resources = Resources.SetItems(resources.Select(r => KeyValuePair.Create(r.Config.Name, r))) };
        GroupEffect ended = end.State == GroupState.OnlineFailure
            ? new Raise(CaEvents.GroupOnlineFailure(Config.Name.Value, end.Reason).FollowingFrom(end.CauseId))
            : new Raise(RcEvents.GroupStopEnded(Config.Name.Value));
        IReadOnlyList<GroupEffect> after = end.Final == FinalAction.None ? [ended] : [ended, new TakeFinalAction(end.Final, end.Reason, end.CauseId)];
        return idle.WithRecord(end.State, end.Reason, end.CauseId, [], [.. after]);
    }

    private Step BeginStop(ResourceRun run, bool force, int attempt)
    {
        var operation = LastOperation + 1;
        var begun = run with { State = ResourceState.OfflinePending, Operation = operation, InFlight = true, Attempt = attempt };
        return new((this with { LastOperation = operation }).With(begun), [new StopResource(operation, run.Config, force, attempt)]);
    }

    private Step BeginStopping(StopEnd end, params ReadOnlySpan<GroupEffect> after)
    {
        var (next, cancel) = Supersede();
        return (next with { Phase = GroupPhase.Stopping, End = end }).WithRecord(GroupState.OfflinePending, end.Reason, end.CauseId, cancel, after);
    }

    /// <summary>
    /// What is under way counts for nothing any more: a start or check is cancelled, a stop goes on; a failure of it is no failed try
    /// of the stop that follows. Otherwise the stop within a restart, cut short, would show a server as unsafe.
    /// </summary>
    private (GroupRun Next, IReadOnlyList<GroupEffect> Cancel) Supersede()
    {
        var underWay = InOrder.Where(r => r.InFlight).ToList();
        var next = this with { Resources = Resources.SetItems(underWay.Select(r => KeyValuePair.Create(r.Config.Name, r with { Attempt = 0 }))) };
        return (next, [.. underWay.Where(r => r.State != ResourceState.OfflinePending).Select(GroupEffect (r) => new CancelOperation(r.Config.Name))]);
    }
}
