using System.Net;
using ClusterActors.Cli.Commands;
using ClusterActors.Cli.Parsing;
using ClusterActors.Configuration;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Control.Identity;
using ClusterActors.Model;

namespace ClusterActors.Cli.Starting;

/// <summary>A server that is to be started.</summary>
/// <param name="Name">Of the configuration; null = whoever answers.</param>
/// <param name="Addresses">Where its starter listens; empty = this server, which needs none.</param>
internal sealed record StartTarget(string? Name, IReadOnlyList<string> Addresses, int StarterPort, int ManagerPort)
{
    public bool IsHere => Addresses.Count == 0;

    public string Display => Name ?? Addresses[0];

    /// <summary>This server, with <c>-a</c> all of the configuration, or the one of <c>--host</c>.</summary>
    /// <exception cref="ControlException">The configuration has problems, which were printed, or both options were given.</exception>
    public static IReadOnlyList<StartTarget> Of(Invocation invocation)
    {
        var here = new StartTarget(invocation.Host.HostName, [], 0, 0);
        if (invocation.Text("host") is { } remote)
            return invocation.Has("all")
                ? throw new UsageException("clp cl: -s -a starts every server of this server's cluster.conf, so it takes no --host", invocation.Command)
                : [Remote(remote, Check(invocation, null).Config?.Ports)];
        if (!invocation.Has("all"))
            return [here];
        // By its certificate, as the daemon: its host may be called otherwise.
        using var identity = ClusterIdentity.Load(invocation.Host.Root);
        var result = Check(invocation, identity.ServerName);
        if (result is not { Config: { } config, Self: { } self })
        {
            ConfigCheckCommand.Refuse(invocation, result);
            throw new ControlException(ExitCode.Usage, "the other servers are not known: cluster.conf has problems; start this one with clpcl -s, the others with --host");
        }

        return [here with { Name = self.Value }, .. config.Servers.Where(server => server.Name != self).Select(server => Of(config, server.Name))];
    }

    private static StartTarget Remote(string text, PortsConfig? ports)
    {
        var address = ControlAddress.Remote(text, ports?.Starter ?? PortsConfig.DefaultStarter);
        return new StartTarget(null, [address.Host!], address.Port, ports?.Manager ?? ControlAddress.DefaultPort);
    }

    private static StartTarget Of(ClusterConfig config, ServerName server) =>
        new(server.Value, [.. config.HeartbeatAddresses(server).Select(address => address.ToString())], config.Ports.Starter, config.Ports.Manager);

    private static ClusterConfigResult Check(Invocation invocation, string? server) =>
        ConfigCheckCommand.Check(invocation.Host.PathOf("/etc/clp/cluster.conf"), server);
}
