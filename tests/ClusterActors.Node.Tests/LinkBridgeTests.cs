using ClusterActors.Cluster.Membership;
using ClusterActors.Model.Events;
using ClusterActors.Node.Composition;
using ClusterActors.Remoting;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

public sealed class LinkBridgeTests
{
    [Fact]
    public void Notices_of_the_links_must_reach_nm_and_the_journal()
    {
        using var kit = new TestKitBase(new VirtualDriver());
        var (nm, events) = (kit.CreateTestProbe("nm"), kit.CreateTestProbe("events"));
        LinkBridge.Start(kit.Sys, nm.Ref, events.Ref);

        kit.Sys.EventStream.Publish(new LinkUp("server2", "life", "hash"));
        kit.Sys.EventStream.Publish(new MessageDropped("server2", "rc.future", "its manifest is not known here"));

        nm.ExpectMsg(new ServerLinked(new("server2"), "hash"));
        events.ExpectMsg(CaEvents.MessageDropped("server2", "rc.future", "its manifest is not known here"));
    }
}
