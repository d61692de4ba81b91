namespace ClusterActors.Actors;

internal sealed partial class ActorCell
{
    // Who made this actor fail: itself or the child whose failure it escalated. Null when it has not failed.
    private IActorRef? _failedBy;
    private Envelope? _failedAt;
    private Exception? _recreateCause;

    /// <summary>This actor has failed: it and all below wait until the parent has decided (R-SV1).</summary>
    private void HandleInvokeFailure(Exception cause, IActorRef perpetrator)
    {
        if (Phase is CellPhase.Terminating or CellPhase.Terminated)
        {
            // R-SV7: what fails while stopping is nobody's decision any more.
            Log.Error(cause, "failed while stopping");
            return;
        }
        if (_failedBy is not null)
        {
            Log.Error(cause, "failed again while its supervisor decides about the first failure");
            return;
        }
        _failedBy = perpetrator;
        _suspensions++;
        foreach (var child in ChildRefs())
        {
            // The escalating child has suspended itself already.
            if (!ReferenceEquals(child, perpetrator)) child.SendSystemMessage(new Suspend());
        }
        ParentRef!.SendSystemMessage(new Failed(SelfRef, cause));
    }

    private void HandleChildFailure(Failed failed)
    {
        // R-SV6: an unknown child or an old incarnation.
        if (StatsOf(failed.Child) is not { } stats) return;
        var strategy = Props.SupervisorStrategy ?? _actor?.StrategyForChildren() ?? SupervisorStrategy.DefaultStrategy;
        var directive = strategy.Decide(failed.Child, failed.Cause, stats, System.Time);
        switch (directive)
        {
            case Directive.Resume:
                System.LogFor(failed.Child.Path).Warning(failed.Cause, "failed and is resumed: {Cause}", failed.Cause.Message);
                failed.Child.SendSystemMessage(new Resume(failed.Cause));
                break;
            case Directive.Restart:
                System.LogFor(failed.Child.Path).Error(failed.Cause, "failed and is restarted: {Cause}", failed.Cause.Message);
                failed.Child.SendSystemMessage(new Recreate(failed.Cause));
                break;
            case Directive.Stop:
                System.LogFor(failed.Child.Path).Error(failed.Cause, "failed and is stopped: {Cause}", failed.Cause.Message);
                Stop(failed.Child);
                break;
            default:
                HandleInvokeFailure(failed.Cause, perpetrator: failed.Child);
                break;
        }
    }

    private void SuspendWithChildren()
    {
        _suspensions++;
        foreach (var child in ChildRefs()) child.SendSystemMessage(new Suspend());
    }

    private void HandleResume(Exception? causedByFailure)
    {
        switch (Phase)
        {
            case CellPhase.CreationFailed:
                RetryCreation();
                return;
            case CellPhase.Running:
                break;
            default:
                // Stopping, or waiting for children: only the count is to be kept right.
                _suspensions--;
                return;
        }
        _suspensions--;
        var perpetrator = _failedBy;
        if (causedByFailure is not null) ClearFailure();
        foreach (var child in ChildRefs())
            child.SendSystemMessage(new Resume(ReferenceEquals(child, perpetrator) ? causedByFailure : null));
    }

    private void HandleRecreate(Exception cause)
    {
        switch (Phase)
        {
            case CellPhase.CreationFailed:
                RetryCreation();
                return;
            case CellPhase.Running:
                break;
            default:
                _suspensions--;
                return;
        }
        EndInstanceScopes();
        var failedAt = _failedAt;
        _sender = failedAt?.Sender;
        try
        {
            _actor!.AroundPreRestart(cause, failedAt?.Message);
        }
        catch (Exception failure)
        {
            // R-LC7: the restart goes on.
            Log.Error(failure, "PreRestart failed");
        }
        SetReceiveTimeout(null);
        UnstashEverything();
        EndInstanceScopes();
        DropInstance();
        _recreateCause = cause;
        Phase = CellPhase.WaitingToRecreate;
        // PreRestart chose which children to stop; the others live on and are restarted with their parent.
        if (!AnyChild(static stats => stats.IsStopping)) FinishRecreate();
    }

    private void FinishRecreate()
    {
        var cause = _recreateCause!;
        _recreateCause = null;
        var survivors = ChildRefs();
        ClearFailure();
        _suspensions--;
        try
        {
            BuildInstance();
            Phase = CellPhase.Running;
            _actor!.AroundPostRestart(cause);
        }
        catch (Exception failure)
        {
            DropInstance();
            Phase = CellPhase.CreationFailed;
            HandleInvokeFailure(new PostRestartException(SelfRef, failure, cause), perpetrator: SelfRef);
            return;
        }
        foreach (var child in survivors) child.SendSystemMessage(new Recreate(cause));
    }

    // R-LC8: resume and restart of something that never was built both mean "build it".
    private void RetryCreation()
    {
        ClearFailure();
        if (StopAllChildren())
        {
            Phase = CellPhase.WaitingToCreate;
            return;
        }
        FinishCreate();
    }

    private void FinishCreate()
    {
        _suspensions--;
        CreateInstance();
    }

    private void ClearFailure()
    {
        _failedBy = null;
        _failedAt = null;
    }
}
