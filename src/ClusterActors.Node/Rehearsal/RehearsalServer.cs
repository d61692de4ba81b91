using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Node.Composition;
using ClusterActors.Node.Guardian;
using ClusterActors.Persistence;
using ClusterActors.Persistence.InMemory;
using ClusterActors.Remoting;
using ClusterActors.Resources;

namespace ClusterActors.Node.Rehearsal;

/// <summary>One played server: the daemon's actors, as <see cref="Daemon"/> wires them, on a played guardian and a journal in memory.</summary>
internal sealed class RehearsalServer : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly RemoteLinks _links;

    public RehearsalServer(ClusterConfig config, ServerName self, RehearsalGuardian guardian, InMemoryNetwork network, TimeProvider time)
    {
        var registry = new EventRegistry();
        ClusterMessages.RegisterIn(registry);
        _system = ActorSystem.Create(ClusterSystem.SystemName, new ActorSystemOptions { TimeProvider = time, Server = self.Value, LogSink = Silence.Instance });
        var (exits, losses, types) = (new ProgramExits(), new AddressLosses(), ResourceTypes.All.ToDictionary(t => t.Description.Type));
        var host = new GuardianResourceHost(guardian, exits, losses, time, programLogFolder: "/");
        var store = new InMemoryStore();
        Cluster = ClusterSystem.Start(_system, new ClusterParts(
            config, self, guardian, new EventStore(store, store, registry), resource => types[resource.Type].Create(resource, host), [], static _ => { }));
        guardian.OnNote(note => Hand(note, exits));
        var wire = new WireRegistry();
        ClusterMessages.RegisterIn(wire);
        LinkBridge.Start(_system, Cluster.NodeManager, Cluster.Events);
        _links = RemoteLinks.Start(_system, network.CreateTransport(self.Value), wire, new LinkOptions
        {
            Server = self.Value,
            Peers = [.. config.Servers.Where(s => s.Name != self).Select(s => s.Name.Value)],
            Incarnation = "1",
            Cluster = config.Name,
            ConfigHash = config.Hash,
        });
    }

    public ClusterSystem Cluster { get; }

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync().ConfigureAwait(false);
        await _system.DisposeAsync().ConfigureAwait(false);
    }

    private void Hand(GuardianNote note, ProgramExits exits)
    {
        if (note is ProgramExited exited)
            exits.On(exited);
        else
            Cluster.NodeManager.Tell(note);
    }

    private sealed class Silence : ILogSink
    {
        public static readonly Silence Instance = new();

        public bool IsEnabled(LogLevel level) => false;

        public void Write(LogEvent logEvent)
        {
        }
    }
}
