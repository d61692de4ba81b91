namespace ClusterActors.Actors;

/// <summary>Top of <c>/user</c>: its children's failures are judged by the configured strategy.</summary>
internal sealed class UserGuardian(SupervisorStrategy strategy) : UntypedActor
{
    protected override SupervisorStrategy SupervisorStrategy() => strategy;

    // Messages to the guardian itself are nobody's business.
    protected override void OnReceive(object message) => Unhandled(message);
}

/// <summary>
/// The root: watches both guardians. When <c>/user</c> has ended, by order or because it escalated, <c>/system</c> is
/// stopped, and when that has ended, the root itself.
/// </summary>
internal sealed class RootGuardianActor : UntypedActor
{
    private static readonly OneForOneStrategy StopWhatEscalates = new(static _ => Directive.Stop);
    private readonly ActorSystem _system;

    public RootGuardianActor(ActorSystem system) => _system = system;

    protected override SupervisorStrategy SupervisorStrategy() => StopWhatEscalates;

    protected override void PreStart()
    {
        Context.Watch(_system.UserGuardian);
        Context.Watch(_system.SystemGuardian);
    }

    protected override void OnReceive(object message)
    {
        if (message is not Terminated terminated) return;
        if (terminated.ActorRef.Equals(_system.UserGuardian)) Context.Stop(_system.SystemGuardian);
        else Context.Stop(Self);
    }
}

/// <summary>Parent of the root: hears of the end of everything.</summary>
internal sealed class AboveRoot(ActorSystem system, ActorPath path) : MinimalActorRef
{
    public override ActorPath Path => path;

    public override ActorSystem System => system;

    public override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case DeathWatchNotification: system.RootHasEnded(); break;
            case Failed failed: failed.Child.Stop(); break;
        }
    }

    protected override void TellInternal(object message, IActorRef? sender) { }
}
