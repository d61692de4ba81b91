namespace ClusterActors.Actors;

/// <summary>
/// Where lost messages end. Publishes them with their reason, fails asks whose question was lost at once (D2), and
/// answers a watch on something dead, so that nobody waits for a notification that will not come (R-MB7).
/// </summary>
internal sealed class DeadLetterMailbox(ActorSystem system)
{
    public void Publish(object message, IActorRef? sender, IActorRef recipient, string reason)
    {
        var from = sender ?? system.DeadLetters;
        if (message is AllDeadLetters letter)
        {
            // R-ES5: told to dead letters it is published as it is. A letter that its own subscriber could not take (full or
            // just gone) ends here: publishing it would bring it back to the same subscriber for ever.
            if (ReferenceEquals(recipient, system.DeadLettersRef)) system.EventStream.Publish(letter);
            return;
        }
        if (message is TimerEntry or ReceiveTimeoutTick) return;
        if (sender is AskRef ask) ask.QuestionLost(recipient, reason);
        if (message is IDeadLetterSuppression) system.EventStream.Publish(new SuppressedDeadLetter(message, from, recipient, reason));
        else system.EventStream.Publish(new DeadLetter(message, from, recipient, reason));
    }

    /// <summary>Takes a system message meant for an actor that is dead or never was.</summary>
    public void Refuse(SystemMessage message, InternalActorRef target, bool existed)
    {
        switch (message)
        {
            case Watch watch when !ReferenceEquals(watch.Watcher, target):
                ((InternalActorRef)watch.Watcher).SendSystemMessage(new DeathWatchNotification(target, existed, addressTerminated: false));
                break;
            case RunContinuation continuation:
                continuation.RunOutsideTheActor(system, target);
                break;
            case AsyncHandlerEnded ended:
                ended.LogLateOutcome(system, target);
                break;
            case Unwatch or DeathWatchNotification:
                break;
            default:
                system.EventStream.Publish(new SuppressedDeadLetter(message, system.DeadLetters, target, DeadLetterReasons.Terminated));
                break;
        }
    }
}

/// <summary>The ref <c>/deadLetters</c>.</summary>
internal sealed class DeadLetterActorRef(ActorSystem system, ActorPath path) : InternalActorRef
{
    public override ActorPath Path => path;

    public override ActorSystem System => system;

    public override void SendSystemMessage(SystemMessage message) => system.DeadLetterMailbox.Refuse(message, this, existed: false);

    protected override void TellInternal(object message, IActorRef? sender)
    {
        if (message is Identify identify) sender?.Tell(new ActorIdentity(identify.MessageId, null), this);
        else system.DeadLetterMailbox.Publish(message, sender, this, DeadLetterReasons.NoRecipient);
    }
}
