namespace ClusterActors.Actors;

/// <summary>Stopping an actor and knowing when it is gone.</summary>
public static class GracefulStopSupport
{
    /// <summary>Sends <see cref="PoisonPill"/> and waits for the end: true when gone in time (or already), false on timeout (R-LC6).</summary>
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>As above with the actor's own stop message.</summary>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        var internalTarget = (InternalActorRef)target;
        var system = internalTarget.System ?? throw new ArgumentException($"GracefulStop: {target} belongs to no actor system", nameof(target));
        var ended = new EndWaiter(system);
        ended.StartTimeout(timeout);
        internalTarget.SendSystemMessage(new Watch(target, ended));
        target.Tell(stopMessage, ActorRefs.NoSender);
        var gone = await ended.Task;
        if (!gone) internalTarget.SendSystemMessage(new Unwatch(target, ended));
        return gone;
    }

    private sealed class EndWaiter(ActorSystem system) : MinimalActorRef
    {
        private readonly TaskCompletionSource<bool> _ended = new(
            system.Dispatcher.IsDeterministic ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        private ActorPath? _path;
        private ICancelable? _timer;

        public Task<bool> Task => _ended.Task;

        // Registered so that a watch that went to another server finds its way back.
        public override ActorPath Path => _path ??= system.Provider.AddTemp(this);

        public override ActorSystem System => system;

        public void StartTimeout(TimeSpan timeout) => _timer = system.Scheduler.ScheduleOnceCancelable(timeout, () => End(gone: false));

        public override void SendSystemMessage(SystemMessage message)
        {
            if (message is DeathWatchNotification) End(gone: true);
        }

        protected override void TellInternal(object message, IActorRef? sender) { }

        private void End(bool gone)
        {
            _timer?.Cancel();
            if (_path is not null) system.Provider.RemoveTemp(_path.Name);
            if (system.Dispatcher.IsDeterministic) system.Dispatcher.Execute(() => _ended.TrySetResult(gone));
            else _ended.TrySetResult(gone);
        }
    }
}
