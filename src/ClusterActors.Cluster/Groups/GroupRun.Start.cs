using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Groups;

public sealed partial record GroupRun
{
    /// <summary>
    /// Begin a start in a term. The caller has checked that the term is current and that no other server may have the group active;
    /// this server becomes the owner with the stored record. An order that was decided before the present state was known, or comes
    /// twice, changes nothing; the coordinator plans anew.
    /// </summary>
    /// <param name="seenGeneration">Of the record the decision was made from.</param>
    /// <param name="takingPart">The servers of the view in which it was decided.</param>
    /// <param name="causeId">The event that the decision follows from.</param>
    public Step Start(Term term, long seenGeneration, StartCause cause, string reason, IReadOnlyList<ServerName>? takingPart = null, string? causeId = null)
    {
        if (ActiveHere || Record.Term > term || (Record.Term == term && Record.Generation > seenGeneration))
            return new(this, []);
        // Only a failover away from a failed start or run counts against the threshold; the death of a server is not the group's fault.
        var failovers = Record.UnforgivenFailovers + (Record.State == GroupState.OnlineFailure && cause == StartCause.Failover ? 1 : 0);
        var failedOn = Record.UnforgivenFailures;
        var record = Record with
        {
            State = GroupState.OnlinePending,
            Owner = Self,
            Term = term,
            Generation = Math.Max(Record.Generation, seenGeneration) + 1,
            Failovers = failovers,
            FailedOn = failedOn,
            FoundActive = null,
            Reason = reason,
            CauseId = causeId,
        };
        var began = cause == StartCause.Failover ? RcEvents.GroupFailoverBegan(Config.Name.Value) : RcEvents.GroupStartBegan(Config.Name.Value);
        var next = this with { Record = record, Phase = GroupPhase.Starting, Cause = cause, TakingPart = takingPart ?? [], End = null };
        return new Step(next, [new Persist(record), new Raise(began.FollowingFrom(causeId)), .. next.CheckBegan()]).Then(g => g.StartNextDepth());
    }

    /// <summary>A takeover and a move ask nobody: the old owner's right is over, or it has just given the group up.</summary>
    private bool AsksAround => Config.BothActivationCheck && Cause == StartCause.Start;

    private IEnumerable<ResourceRun> AskedFor => InOrder.Where(r => r.Config.Exclusion == ExclusionClass.Lease);

    /// <summary>The peers' reports were looked at before the order came here; an address is asked for as the first thing of its own start.</summary>
    private IReadOnlyList<GroupEffect> CheckBegan()
    {
        if (!AsksAround)
            return [];
        var began = new Raise(RcEvents.BothActivationCheckBegan(Config.Name.Value));
        return AskedFor.Any() ? [began] : [began, CheckEnded];
    }

    private Raise CheckEnded => new(RcEvents.BothActivationCheckEnded(Config.Name.Value));

    public Step OnStarted(ResourceStarted result)
    {
        if (Current(result.Resource, result.Operation) is not { InFlight: true } run)
            return new(this, []);
        var landed = run with
        {
            InFlight = false,
            State = result.Outcome.Succeeded ? ResourceState.Online : ResourceState.OnlineFailure,
            Detail = result.Outcome.Sentence,
        };
        var step = Phase switch
        {
            GroupPhase.Stopping => With(landed).StopNextDepth(),
            GroupPhase.Starting => result.Outcome.Succeeded ? Started(landed) : StartFailed(landed, result.Outcome.Found),
            GroupPhase.Running => result.Outcome.Succeeded ? Restarted(landed) : RestartFailed(landed).Before(Finding(landed, result.Outcome.Found)),
            _ => new Step(With(landed), []),
        };
        return step.Before(Killed(landed, result.Outcome));
    }

    private GroupEffect[] Killed(ResourceRun run, ResourceOutcome outcome) => outcome.KilledAfter is { } limit
        ? [new Raise(CaEvents.ProgramKilled(Config.Name.Value, run.Config.Name.Value, string.Create(CultureInfo.InvariantCulture, $"{limit.TotalSeconds:0.###} s")))]
        : [];

    private Step Started(ResourceRun run)
    {
        var (next, watch) = With(run).Watch(run);
        var isLastAsked = AsksAround && run.Config.Exclusion == ExclusionClass.Lease && next.AskedFor.All(r => r.State == ResourceState.Online);
        IReadOnlyList<GroupEffect> check = isLastAsked ? [CheckEnded] : [];
        return new Step(next, [new Raise(RcEvents.ResourceStartEnded(PathOf(run))), .. check, watch]).Then(g => g.StartNextDepth());
    }

    private Step StartFailed(ResourceRun run, InUse? found)
    {
        if (run.Attempt <= run.Config.StartRetries)
            return With(run).Begin(run, Cause, run.Attempt + 1);
        var told = Sign(RcEvents.ResourceStartFailed(PathOf(run), "1", run.Detail));
        GroupEffect[] failed = [new Raise(told), .. Finding(run, found)];
        if (found is not null && AsksAround)
            return With(run).Refused(run, found, told.EventId).Before(failed);
        if (run.Config.StartFinalAction == FinalAction.None)
            return With(run).StartNextDepth().Before(failed);
        var reason = $"{PathOf(run)} did not start on {Self}: {run.Detail}";
        return With(run).GiveUp(run, reason, told.EventId).Before([.. failed, StartOrFailoverFailed]);
    }

    private Raise StartOrFailoverFailed => new(Cause == StartCause.Failover
        ? RcEvents.GroupFailoverFailed(Config.Name.Value)
        : RcEvents.GroupStartFailed(Config.Name.Value));

    private static GroupEffect[] Finding(ResourceRun run, InUse? found) =>
        found is null ? [] : [new Raise(found.IsHere ? CaEvents.AddressHereAlready(found.What, run.Detail) : CaEvents.AddressInUse(found.What, found.By))];

    /// <summary>
    /// Somebody else has it, so neither the next resource nor another server is tried: wherever the group came up, it would be there twice. That is no
    /// failure of this server, so no final action is taken either. What has begun is ended, and an administrator decides. A takeover does not come here:
    /// it asks nobody, and what it finds on its own server keeps the group from this server only.
    /// </summary>
    private Step Refused(ResourceRun run, InUse found, string? causeId)
    {
        var reason = $"{PathOf(run)} was not started on {Self}: {run.Detail}; no server is tried before clpgrp -s {Config.Name}";
        IReadOnlyList<ServerName> failedOn = [.. Record.UnforgivenFailures.Union([Self, .. TakingPart.Intersect(Config.Servers)])];
        return BeginStopping(new(GroupState.OnlineFailure, reason, false, causeId))
            .Amended(r => r with { FailedOn = failedOn, FoundActive = found.What })
            .Then(g => g.StopNextDepth())
            .Before(new Raise(RcEvents.BothActivationCheckFailed(Config.Name.Value, run.Detail).FollowingFrom(causeId)), StartOrFailoverFailed);
    }

    /// <summary>Starts every resource of the lowest depth that is not finished; when none is left the group is online.</summary>
    private Step StartNextDepth()
    {
        var open = InOrder.Where(r => r.State is not (ResourceState.Online or ResourceState.OnlineFailure)).ToList();
        if (open.Count == 0)
            return Online();
        var depth = open.Min(r => r.Config.Depth);
        if (InOrder.Any(r => r.InFlight && r.Config.Depth < depth))
            return new(this, []);
        var step = new Step(this, []);
        foreach (var run in open.Where(r => r.Config.Depth == depth && !r.InFlight))
            step = step.Then(g => g.Begin(run, g.Cause, 1)).Then(g => new(g, [new Raise(RcEvents.ResourceStartBegan(PathOf(run)))]));
        return step;
    }

    private Step Online()
    {
        if (InOrder.Any(r => r.InFlight))
            return new(this, []);
        var ended = Cause == StartCause.Failover ? RcEvents.GroupFailoverEnded(Config.Name.Value) : RcEvents.GroupStartEnded(Config.Name.Value);
        return (this with { Phase = GroupPhase.Running }).WithRecord(GroupState.Online, Record.Reason, Record.CauseId, [], new Raise(ended));
    }

    private Step Begin(ResourceRun run, StartCause cause, int attempt)
    {
        var operation = LastOperation + 1;
        var begun = run with
        {
            State = ResourceState.OnlinePending,
            Operation = operation,
            InFlight = true,
            Attempt = attempt,
            Starts = run.Starts + 1,
        };
        var ticket = $"{TicketsOf(run)}{operation}";
        return new((this with { LastOperation = operation }).With(begun), [new StartResource(operation, run.Config, cause, ticket, attempt)]);
    }

    private (GroupRun Next, GroupEffect Effect) Watch(ResourceRun run) => (this, new WatchResource(run.Operation, run.Config));

    /// <summary>How all tickets begin that the start of this record gives to a resource.</summary>
    private string TicketsOf(ResourceRun run) => $"{Config.Name}/{run.Config.Name}/{Record.Term}/{Record.Generation}/";
}
