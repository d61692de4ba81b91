using ClusterActors.Actors;
using ClusterActors.Remoting.Tests.InMemory;
using ClusterActors.TestKit;

namespace ClusterActors.Remoting.Tests.Links;

/// <summary>Two servers on one virtual clock and one virtual network, with their links.</summary>
internal sealed class Pair : IDisposable
{
    public Pair(Func<LinkOptions, LinkOptions>? configure1 = null, Func<LinkOptions, LinkOptions>? configure2 = null, WireRegistry? registry2 = null, bool start2 = true)
    {
        Network = new InMemoryNetwork(Driver.Time);
        One = new Node(this, "server1", "server2", configure1, TestWire.Current());
        if (start2)
        {
            Two = new Node(this, "server2", "server1", configure2, registry2 ?? TestWire.Current());
        }
    }

    public VirtualDriver Driver { get; } = new();

    public InMemoryNetwork Network { get; }

    public Node One { get; }

    public Node? Two { get; private set; }

    public void StartTwo(Func<LinkOptions, LinkOptions>? configure = null) => Two = new Node(this, "server2", "server1", configure, TestWire.Current());

    /// <summary>The process of server2 is gone at once, without a goodbye.</summary>
    public void KillTwo()
    {
        Network.Cut("server1", "server2");
        Two!.Dispose();
        Network.Heal("server1", "server2");
        Two = null;
    }

    public void ExpectUp()
    {
        One.Events.ExpectMsg<LinkUp>();
        Two!.Events.ExpectMsg<LinkUp>();
    }

    public void Pass(double seconds) => Driver.Pass(TimeSpan.FromSeconds(seconds));

    public void Dispose()
    {
        One.Dispose();
        Two?.Dispose();
    }
}

internal sealed class Node : IDisposable
{
    private static int s_incarnations;

    public Node(Pair pair, string name, string peer, Func<LinkOptions, LinkOptions>? configure, WireRegistry registry)
    {
        Name = name;
        Kit = new TestKitBase(pair.Driver, "clp", options => options with { Server = name, Seed = ++s_incarnations });
        Events = Kit.CreateTestProbe("events");
        Kit.Sys.EventStream.Subscribe<LinkUp>(Events.Ref);
        Kit.Sys.EventStream.Subscribe<LinkDown>(Events.Ref);
        Kit.Sys.EventStream.Subscribe<PeerLost>(Events.Ref);
        DeadLetters = Kit.CreateTestProbe("dead");
        Kit.Sys.EventStream.Subscribe<DeadLetter>(DeadLetters.Ref);
        Probe = Kit.CreateTestProbe("probe");
        Kit.ActorOf(() => new Echo(), "echo");
        var options = new LinkOptions
        {
            Server = name,
            Peers = [peer],
            Incarnation = $"{name}-{s_incarnations}",
            Cluster = "cluster-a",
            ConfigHash = $"conf-{name}",
        };
        Links = RemoteLinks.Start(Kit.Sys, pair.Network.CreateTransport(name), registry, configure?.Invoke(options) ?? options);
    }

    public string Name { get; }

    public TestKitBase Kit { get; }

    public RemoteLinks Links { get; }

    /// <summary>Gets the link events of this server.</summary>
    public TestProbe Events { get; }

    public TestProbe DeadLetters { get; }

    public TestProbe Probe { get; }

    /// <summary>A ref by path, without uid, as configuration would name it.</summary>
    public IActorRef At(string path) => Kit.Sys.Provider.ResolveActorRef(path);

    public LinkStatistics Statistics => Links.Statistics[0];

    public void Dispose()
    {
        Links.DisposeAsync().AsTask().ContinueWith(_ => { }, TaskScheduler.Default);
        Kit.Dispose();
    }
}
