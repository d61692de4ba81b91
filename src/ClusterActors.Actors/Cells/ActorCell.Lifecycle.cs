namespace ClusterActors.Actors;

internal sealed partial class ActorCell
{
    [ThreadStatic]
    private static ActorCell? s_underConstruction;

    /// <summary>Called by <see cref="ActorBase"/>'s constructor: actors are built by cells only (R-RF2).</summary>
    public static ActorCell TakeForConstruction()
    {
        var cell = s_underConstruction;
        s_underConstruction = null;
        return cell ?? throw new ActorInitializationException(
            null, "an actor object was built with 'new' outside its Props; use ActorOf(Props.Create(() => new ...))");
    }

    /// <summary>Handles one system message; an exception becomes a failure of this actor.</summary>
    public void SystemInvoke(SystemMessage message)
    {
        try
        {
            switch (message)
            {
                case Create: CreateInstance(); break;
                case RunContinuation continuation: RunAsyncContinuation(continuation); break;
                case AsyncHandlerEnded ended: FinishAsyncHandler(ended); break;
                case Watch watch: AddWatcher(watch); break;
                case Unwatch unwatch: RemoveWatcher(unwatch); break;
                case DeathWatchNotification notification: WatchedActorTerminated(notification); break;
                case Failed failed: HandleChildFailure(failed); break;
                case Suspend: SuspendWithChildren(); break;
                case Resume resume: HandleResume(resume.CausedByFailure); break;
                case Recreate recreate: HandleRecreate(recreate.Cause); break;
                case Terminate: HandleTerminate(); break;
            }
        }
        catch (Exception failure)
        {
            // The border of supervision: whatever escapes is this actor's failure (R-MB9).
            HandleInvokeFailure(failure, perpetrator: SelfRef);
        }
    }

    private void CreateInstance()
    {
        try
        {
            BuildInstance();
            Phase = CellPhase.Running;
            _actor!.AroundPreStart();
        }
        catch (Exception failure)
        {
            DropInstance();
            Phase = CellPhase.CreationFailed;
            var error = failure as ActorInitializationException
                ?? new ActorInitializationException(SelfRef, $"could not be started: {failure.Message}", failure);
            HandleInvokeFailure(error, perpetrator: SelfRef);
        }
    }

    private void BuildInstance()
    {
        _behaviours = null;
        _behaviour = null;
        var outer = s_underConstruction;
        s_underConstruction = this;
        try
        {
            var actor = Props.NewActor() ?? throw new ActorInitializationException(SelfRef, "Props returned null");
            if (!ReferenceEquals(actor.CellOrNull, this))
                throw new ActorInitializationException(SelfRef, "Props returned an instance that was built before; it must build a new one each time");
            _actor = actor;
            if (actor is IWithStash stashing) stashing.Stash = CreateStash();
            if (actor is IWithTimers timed) timed.Timers = _timers ??= new TimerScheduler(this);
        }
        finally
        {
            s_underConstruction = outer;
        }
    }

    private void DropInstance()
    {
        _actor?.Detach();
        _actor = null;
        _behaviour = null;
        _behaviours = null;
        _stashes = null;
        EndInstanceScopes();
    }

    /// <summary>Ends what belongs to the instance and must not outlive it: timers, async handler, token (R-TM2, D5).</summary>
    private void EndInstanceScopes()
    {
        _timers?.CancelAll();
        AbandonAsyncHandler();
        if (_lifetime is not { } lifetime) return;
        _lifetime = null;
        try
        {
            lifetime.Cancel();
        }
        catch (AggregateException failure)
        {
            Log.Warning(failure, "a callback of the actor's cancellation token failed");
        }
        lifetime.Dispose();
    }

    private void HandleTerminate()
    {
        if (Phase is CellPhase.Terminating or CellPhase.Terminated) return;
        Phase = CellPhase.Terminating;
        // Never taken away again: a stopping actor handles no more user messages.
        _suspensions++;
        SetReceiveTimeout(null);
        EndInstanceScopes();
        if (!StopAllChildren()) FinishTerminate();
    }

    private void FinishTerminate()
    {
        _sender = null;
        try
        {
            _actor?.AroundPostStop();
        }
        catch (Exception failure)
        {
            // R-LC7, R-SV7: logged and ignored; the actor is gone either way.
            Log.Error(failure, "PostStop failed");
        }
        try
        {
            UnstashEverything();
        }
        finally
        {
            Phase = CellPhase.Terminated;
            EndInstanceScopes();
            Mailbox.Close();
            ParentRef?.SendSystemMessage(new DeathWatchNotification(SelfRef, existenceConfirmed: true, addressTerminated: false));
            TellWatchersWeDied();
            UnwatchAll();
            FailHeldAsks();
            DropInstance();
        }
    }
}
