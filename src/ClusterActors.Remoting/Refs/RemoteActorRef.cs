using System.Text;
using ClusterActors.Actors;

namespace ClusterActors.Remoting;

/// <summary>Ref of an actor on another server: hands everything to the link.</summary>
internal sealed class RemoteActorRef(ActorSystem system, ActorPath path, Link link) : InternalActorRef
{
    public override ActorPath Path => path;

    public override ActorSystem System => system;

    public override bool IsLocal => false;

    /// <summary>The path as it goes into frames.</summary>
    public byte[] PathUtf8 { get; } = Encoding.ASCII.GetBytes(path.ToSerializationFormat());

    public override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case Watch m:
                link.SendWatch(this, m.Watcher);
                break;
            case Unwatch m:
                link.SendUnwatch(this, m.Watcher);
                break;
            case DeathWatchNotification m:
                link.SendNotification(this, m);
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef? sender) => link.Send(message, sender, this);
}

/// <summary>Ref into a server that is not part of the cluster: messages are dead letters, a watch is answered at once.</summary>
internal sealed class UnknownServerRef(ActorSystem system, ActorPath path) : InternalActorRef
{
    public override ActorPath Path => path;

    public override ActorSystem System => system;

    public override bool IsLocal => false;

    public override void SendSystemMessage(SystemMessage message)
    {
        if (message is Watch watch)
        {
            ((InternalActorRef)watch.Watcher).SendSystemMessage(new DeathWatchNotification(this, existenceConfirmed: false, addressTerminated: true));
        }
    }

    protected override void TellInternal(object message, IActorRef? sender) =>
        system.PublishDeadLetter(message, sender, this, $"server {path.Address.Server} is not a peer of this server");
}
