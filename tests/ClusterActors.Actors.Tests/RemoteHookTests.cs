using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

/// <summary>The extension points of the link layer, with a link that only writes down what it is given.</summary>
public sealed class RemoteHookTests
{
    private sealed class Link(ActorSystem system) : IRemoteActorRefs
    {
        public List<object> Sent { get; } = [];

        public InternalActorRef Resolve(ActorPath path) => new RemoteRef(system, path, Sent);
    }

    private sealed class RemoteRef(ActorSystem system, ActorPath path, List<object> sent) : InternalActorRef
    {
        public override ActorPath Path => path;

        public override ActorSystem System => system;

        public override bool IsLocal => false;

        public override void SendSystemMessage(SystemMessage message) => sent.Add(message);

        protected override void TellInternal(object message, IActorRef? sender) => sent.Add(message);
    }

    private static (TestKitBase Kit, Link Link, IActorRef Remote) Start()
    {
        var kit = new TestKitBase(configure: options => options with { Server = "one" });
        var link = new Link(kit.Sys);
        kit.Sys.Provider.InstallRemoting(link);
        return (kit, link, kit.Sys.Provider.ResolveActorRef("clp://test@two/user/x#7"));
    }

    // R-RM1: own address comes home, others go to the link
    [Fact]
    public void Path_must_resolve_by_its_address()
    {
        var (kit, link, remote) = Start();
        using var ending = kit;
        var local = kit.Obedient("here");
        Assert.Equal($"clp://test@one/user/here#{local.Path.Uid}", kit.Sys.Provider.ToText(local));
        Assert.Same(local, kit.Sys.Provider.ResolveActorRef(kit.Sys.Provider.ToText(local)));
        remote.Tell("over");
        kit.Sys.ActorSelection("clp://test@two/user/y").Tell("selected");
        Assert.Equal(["over", "selected"], link.Sent);
        Assert.Throws<InvalidOperationException>(() => kit.Sys.Provider.InstallRemoting(link));
    }

    // R-DW8, R-DW9: watch crosses over; a lost server ends it with AddressTerminated
    [Fact]
    public void Remote_watch_must_cross_over_and_end_with_the_address()
    {
        var (kit, link, remote) = Start();
        using var ending = kit;
        kit.Watch(remote);
        kit.Settle();
        var watch = Assert.IsType<Watch>(Assert.Single(link.Sent));
        Assert.Equal((remote, kit.TestActor), (watch.Watchee, watch.Watcher));
        // The notice comes with another object for the same actor.
        ((InternalActorRef)kit.TestActor).SendSystemMessage(
            new DeathWatchNotification(kit.Sys.Provider.ResolveActorRef(remote.Path), existenceConfirmed: false, addressTerminated: true));
        Assert.True(kit.ExpectTerminated(remote).AddressTerminated);
    }

    // A watch by a ref without incarnation ends with the notice of whichever incarnation lived there
    [Fact]
    public void Watch_without_uid_must_end_with_the_notice_of_an_incarnation()
    {
        var (kit, _, remote) = Start();
        using var ending = kit;
        var anyIncarnation = kit.Sys.Provider.ResolveActorRef(remote.Path.WithUid(ActorPath.UndefinedUid));
        kit.Watch(anyIncarnation);
        kit.Settle();
        ((InternalActorRef)kit.TestActor).SendSystemMessage(new DeathWatchNotification(remote, existenceConfirmed: true, addressTerminated: false));
        kit.ExpectTerminated(anyIncarnation);
    }

    // A remote watcher is told when the local actor ends
    [Fact]
    public void Remote_watcher_must_get_the_notice_of_a_local_end()
    {
        var (kit, link, remote) = Start();
        using var ending = kit;
        var local = kit.Obedient();
        ((InternalActorRef)local).SendSystemMessage(new Watch(local, remote));
        local.Tell(PoisonPill.Instance);
        kit.Settle();
        Assert.Equal(local, Assert.IsType<DeathWatchNotification>(Assert.Single(link.Sent)).Actor);
    }

    // D2 over links: lost question, and target that ends
    [Fact]
    public void Remote_ask_must_fail_at_once_when_the_link_loses_it_or_the_target_ends()
    {
        var (kit, link, remote) = Start();
        using var ending = kit;
        var lost = remote.Ask<string>("q");
        var asker = ((Watch)link.Sent[0]).Watcher;
        kit.Sys.PublishDeadLetter("q", asker, remote, "link is down");
        Assert.Throws<AskTargetTerminatedException>(() => kit.Await(lost));
        Assert.IsType<Unwatch>(link.Sent[^1]);
        link.Sent.Clear();
        var ended = remote.Ask<string>("q");
        ((InternalActorRef)((Watch)link.Sent[0]).Watcher).SendSystemMessage(new DeathWatchNotification(remote, true, false));
        Assert.Throws<AskTargetTerminatedException>(() => kit.Await(ended));
    }

    // Without a link layer
    [Fact]
    public void Path_of_another_server_must_be_a_dead_end_when_no_link_layer_is_installed()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var remote = kit.Sys.Provider.ResolveActorRef("clp://test@two/user/x");
        remote.Tell("over");
        Assert.Equal(DeadLetterReasons.NoRemoting, lost.ExpectMsg<DeadLetter>().Reason);
        kit.Watch(remote);
        kit.ExpectTerminated(remote);
    }
}
