using System.Globalization;
using System.Net;
using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Control.Identity;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Node.Control;
using ClusterActors.Node.Events;
using ClusterActors.Node.Guardian;
using ClusterActors.Node.Status;
using ClusterActors.Persistence;
using ClusterActors.Remoting;
using ClusterActors.Resources;
using Serilog;

namespace ClusterActors.Node.Composition;

/// <summary>
/// The composition root: opens the journal, starts the actors, then the links, the guardian's connection and, beside these, the control
/// API; takes them down in reverse.
/// </summary>
internal sealed class Daemon(NodePaths paths, ClusterConfig config, ServerName self, ClusterIdentity identity, ILogger logger)
{
    private static readonly TimeProvider Time = TimeProvider.System;

    /// <summary>Runs until it is told to end, or until an actor that all others rely on has failed: false.</summary>
    /// <param name="daemonArguments">Arguments for the next daemon that the guardian starts.</param>
    /// <param name="kept">Why the configuration is the kept one; null when it is cluster.conf.</param>
    public async Task<bool> RunAsync(IReadOnlyList<string> daemonArguments, string? kept)
    {
        await using var store = await JournalOpening.OpenAsync(config, self, paths, Time).ConfigureAwait(false);
        var registry = new EventRegistry();
        ClusterMessages.RegisterIn(registry);
        var events = new EventStore(store, store, registry);
        await using var system = ActorSystem.Create(ClusterSystem.SystemName, new ActorSystemOptions
        {
            TimeProvider = Time,
            Server = self.Value,
            LogSink = new SerilogSink(logger),
            // A failure of nm, pm, rc or the coordinator leaves nothing to rely on: the daemon ends, its guardian starts it anew, and it adopts what runs.
            GuardianStrategy = new OneForOneStrategy(static _ => Directive.Escalate),
        });
        using var signals = TerminationSignals.Register(system);
        var notices = new Notices();
        using var link = new GuardianSocketLink(paths.GuardianSocket, paths.Sign, typeof(Daemon).Assembly.GetName().Version!.ToString(), Time, logger.Warning);
        var exits = new ProgramExits();
        var losses = new AddressLosses();
        var host = new GuardianResourceHost(link, exits, losses, Time, paths.ProgramLogs);
        var types = ResourceTypes.All.ToDictionary(t => t.Description.Type);
        var stretched = new OfferedSettings(Time);
        using var syslog = new SyslogEventSink("/dev/log");
        await using var arbiters = RunningArbiters.Create(config, self, identity.ClusterId, Time, text => logger.Information("arbiter: {Text}", text));
        var cluster = ClusterSystem.Start(system, new ClusterParts(
            config, self, link, events, resource => types[resource.Type].Create(resource, host),
            [new JsonLinesEventSink(paths.EventLog, logger.Warning), syslog],
            Machine.PowerOff)
        {
            Arbiters = arbiters.All,
            BootTime = static () => TimeSpan.FromTicks(BootClock.NowNanoseconds() / 100),
            Stretch = stretched.Set,
            Dialer = new TcpPortDialer(Time),
        });
        using var journal = new JournalWatch(notices, cluster.Events, Time);
        journal.Follow(store.Health);
        using var mailboxes = new MailboxWatch(system, notices, cluster.Events, Time);
        using var certificates = new CertificateWatch(CertificateEnd.Of(identity), self, notices, cluster.Events, Time);
        ReportOpening(store.Opening, cluster);
        notices.Set(Notices.Configuration, kept);
        if (kept is not null)
            cluster.Events.Tell(CaEvents.ConfigurationKept(kept));
        // Nothing else waits for the web server, so it starts beside the rest.
        var opening = Task.Run(() => ControlHost.StartAsync(ControlEndpoints(), new ControlBackend(config, self, cluster, link, notices, Time), Time, CancellationToken.None));
        await using var links = StartLinks(system, cluster);
        var settings = GuardianSettingsMaker.Make(config, self, identity, Environment.ProcessPath!, daemonArguments);
        new GuardianFeed(link, settings, config, cluster, exits, losses, stretched, notices, logger.Warning).Attach();
        link.Start();
        await using var control = await opening.ConfigureAwait(false);
        await using var garbage = StartGarbage.GiveBackLater(Time);
        logger.Information("clpd of {Server} runs, cluster {Cluster}, configuration {Hash}", self, config.Name, ConfigHash.Short(config.Hash));
        await system.WhenTerminated.ConfigureAwait(false);
        return !StartFailures.IsFatal(system);
    }

    private static void ReportOpening(StoreOpening opening, ClusterSystem cluster)
    {
        if (opening.Finding is StoreFinding.Damaged or StoreFinding.Foreign)
            cluster.Events.Tell(CaEvents.JournalDamaged(opening.MovedTo ?? "journal.db", opening.Explanation));
    }

    private RemoteLinks StartLinks(ActorSystem system, ClusterSystem cluster)
    {
        var registry = new WireRegistry();
        ClusterMessages.RegisterIn(registry);
        var ownAddresses = config.HeartbeatAddresses(self);
        var transport = new TlsTransport(new TlsOptions
        {
            Certificate = identity.Node,
            Authorities = [identity.Authority],
            Listen = [.. ownAddresses.Select(a => new IPEndPoint(a, config.Ports.NodeLink))],
            Peers = config.Servers.Where(s => s.Name != self).ToDictionary(
                s => s.Name.Value, IReadOnlyList<IPEndPoint> (s) => [.. config.HeartbeatAddresses(s.Name).Select(a => new IPEndPoint(a, config.Ports.NodeLink))]),
            OnCertificateProblem = (server, detail) => cluster.Events.Tell(CaEvents.CertificateProblem(server, detail)),
        }, Time, logger.Warning);
        LinkBridge.Start(system, cluster.NodeManager, cluster.Events);
        return RemoteLinks.Start(system, transport, registry, new LinkOptions
        {
            Server = self.Value,
            Peers = [.. config.Servers.Where(s => s.Name != self).Select(s => s.Name.Value)],
            Incarnation = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Time.GetUtcNow().ToUnixTimeMilliseconds():x}"),
            Cluster = identity.ClusterId.ToString("N"),
            ConfigHash = config.Hash,
        });
    }

    private ControlEndpoints ControlEndpoints() =>
        new(paths.ControlSocket, config.HeartbeatAddresses(self), config.Ports.Manager, identity.Node, identity.Authority);
}
