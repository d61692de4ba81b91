namespace ClusterActors.Actors;

/// <summary>Ref of a path at which no actor lives: messages become dead letters, a watch is answered at once.</summary>
internal sealed class EmptyLocalActorRef(ActorSystem system, ActorPath path, string reason) : InternalActorRef
{
    public override ActorPath Path => path;

    public override ActorSystem System => system;

    public override void SendSystemMessage(SystemMessage message) => system.DeadLetterMailbox.Refuse(message, this, existed: false);

    protected override void TellInternal(object message, IActorRef? sender)
    {
        if (message is Identify identify) sender?.Tell(new ActorIdentity(identify.MessageId, null), this);
        else system.DeadLetterMailbox.Publish(message, sender, this, reason);
    }
}
