using ClusterActors.Actors;
using ClusterActors.Cluster.Membership;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Remoting;

namespace ClusterActors.Node.Composition;

/// <summary>Turns the link layer's notices into nm's words and into events.</summary>
internal sealed class LinkBridge : ReceiveActor
{
    private LinkBridge(IActorRef nm, IActorRef events)
    {
        Receive<LinkUp>(up => nm.Tell(new ServerLinked(new ServerName(up.Server), up.ConfigHash)));
        Receive<LinkDown>(down => nm.Tell(new ServerUnlinked(new ServerName(down.Server), down.Reason)));
        Receive<MessageDropped>(dropped => events.Tell(CaEvents.MessageDropped(dropped.Server, dropped.Kind, dropped.Reason)));
    }

    public static void Start(ActorSystem system, IActorRef nodeManager, IActorRef events)
    {
        var bridge = system.ActorOf(Props.Create(() => new LinkBridge(nodeManager, events)), "links");
        system.EventStream.Subscribe<LinkUp>(bridge);
        system.EventStream.Subscribe<LinkDown>(bridge);
        system.EventStream.Subscribe<MessageDropped>(bridge);
    }
}
