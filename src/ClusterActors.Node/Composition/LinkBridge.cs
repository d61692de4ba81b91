using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Membership;
using ClusterActors.Model;
using ClusterActors.Remoting;

namespace ClusterActors.Node.Composition;

/// <summary>Turns the link layer's notices into nm's words.</summary>
internal sealed class LinkBridge : ReceiveActor
{
    private LinkBridge(IActorRef nm)
    {
        Receive<LinkUp>(up => nm.Tell(new ServerLinked(new ServerName(up.Server), up.ConfigHash)));
        Receive<LinkDown>(down => nm.Tell(new ServerUnlinked(new ServerName(down.Server), down.Reason)));
    }

    public static void Start(ActorSystem system, ClusterSystem cluster)
    {
        var bridge = system.ActorOf(Props.Create(() => new LinkBridge(cluster.NodeManager)), "links");
        system.EventStream.Subscribe<LinkUp>(bridge);
        system.EventStream.Subscribe<LinkDown>(bridge);
    }
}
