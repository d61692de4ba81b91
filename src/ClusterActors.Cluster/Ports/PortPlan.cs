using System.Net;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Ports;

/// <summary>One connection to try.</summary>
public sealed record PortTry(HeartbeatName Network, IPAddress From, IPEndPoint To);

/// <summary>What one server dials at another: on each network that both are on, from its own address there, the ports of node link, manager and starter.</summary>
public static class PortPlan
{
    public static IReadOnlyList<PortTry> Of(ClusterConfig config, ServerName from, ServerName to)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.FindServer(from) is not { } dialling || config.FindServer(to) is not { } listening)
            return [];
        return
        [
            .. from lan in config.LanHeartbeats
               from own in dialling.Addresses.Where(lan.Network.Contains)
               from peer in listening.Addresses.Where(lan.Network.Contains)
               from port in new[] { config.Ports.NodeLink, config.Ports.Manager, config.Ports.Starter }
               select new PortTry(lan.Name, own, new IPEndPoint(peer, port)),
        ];
    }
}
