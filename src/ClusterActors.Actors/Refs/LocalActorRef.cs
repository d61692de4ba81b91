namespace ClusterActors.Actors;

/// <summary>Ref of an actor in this process: a thin handle on its cell.</summary>
internal sealed class LocalActorRef : InternalActorRef
{
    private readonly ActorPath _path;

    public LocalActorRef(ActorPath path, ActorSystem system, Props props, InternalActorRef? parent)
    {
        _path = path;
        Cell = new ActorCell(system, this, props, parent);
    }

    public ActorCell Cell { get; }

    public override ActorPath Path => _path;

    public override ActorSystem System => Cell.System;

    public override InternalActorRef? Parent => Cell.ParentRef;

    public override void SendSystemMessage(SystemMessage message) => Cell.Mailbox.PostSystem(message);

    public override InternalActorRef? GetSingleChild(string name) => Cell.FindChild(name);

    // Refs of one process are unique per incarnation, so the uid alone spreads well.
    public override int GetHashCode() => HashCode.Combine(_path.GetHashCode(), _path.Uid);

    public void Stop() => SendSystemMessage(new Terminate());

    protected override void TellInternal(object message, IActorRef? sender) => Cell.Mailbox.Post(message, sender);
}
