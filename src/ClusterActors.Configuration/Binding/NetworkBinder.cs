using System.Globalization;
using System.Net;
using ClusterActors.Hocon;
using ClusterActors.Model;
using ClusterActors.Model.Net;

namespace ClusterActors.Configuration.Binding;

/// <summary>The heartbeat networks, and whether every two servers can hear each other.</summary>
internal sealed class NetworkBinder(BindingReport report)
{
    /// <summary>Binds one heartbeat of type lan.</summary>
    public static LanHeartbeatConfig? BindOne(string name, Section section)
    {
        var priority = section.Integer("priority", 0, 1000);
        if (!section.Require("network", "write it as address and prefix length, such as 10.0.0.0/24") || section.Text("network") is not { } text) return null;
        if (ParseNetwork(section, text) is not { } network || priority is null) return null;
        return new LanHeartbeatConfig(new HeartbeatName(name), network, priority.Value, BindingReport.Location(section.Origin));
    }

    /// <summary>Checks all networks together.</summary>
    /// <param name="isComplete">False when one could not be bound: then nobody can tell who is deaf.</param>
    public void Check(IReadOnlyList<LanHeartbeatConfig> networks, IReadOnlyList<ServerConfig> servers, bool isComplete)
    {
        ReportOverlaps(networks);
        if (isComplete && networks.Count > 0) ReportDeafServers(networks, servers);
    }

    private static IPNetwork? ParseNetwork(Section section, string text)
    {
        var key = section.FullPath("network");
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !ServerBinder.TryParse(text[..slash], out var address) || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > Bits(address))
        {
            section.Complain("network", $"{key} is '{text}'; it must be an address and a prefix length, such as 10.0.0.0/24 or \"fd00::/64\"");
            return null;
        }

        var start = NetworkOf(address, length);
        if (start.BaseAddress.Equals(address)) return start;
        section.Complain("network", $"{key} is '{text}', an address inside a network; write the network itself, {start}");
        return null;
    }

    private static int Bits(IPAddress address) => address.GetAddressBytes().Length * 8;

    private static IPNetwork NetworkOf(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), length);
    }

    private void ReportOverlaps(IReadOnlyList<LanHeartbeatConfig> networks)
    {
        for (var i = 0; i < networks.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (later, first) = networks[i].Location.Line >= networks[j].Location.Line ? (networks[i], networks[j]) : (networks[j], networks[i]);
                if (first.Network.Contains(later.Network.BaseAddress) || later.Network.Contains(first.Network.BaseAddress))
                    report.Add(later.Location, $"heartbeat '{later.Name}' uses {later.Network}, which overlaps {first.Network} of '{first.Name}' ({first.Location}); each network is written once");
            }
        }
    }

    private void ReportDeafServers(IReadOnlyList<LanHeartbeatConfig> networks, IReadOnlyList<ServerConfig> servers)
    {
        var bound = servers.Where(s => s.Addresses.Count > 0).ToList();
        foreach (var network in networks)
        {
            var members = bound.Where(s => s.Addresses.Any(network.Network.Contains)).ToList();
            if (bound.Count == servers.Count && members.Count < 2 && bound.Count > 1)
                report.Add(network.Location, $"heartbeat '{network.Name}' on {network.Network} has {(members.Count == 0 ? "no server" : $"only server '{members[0].Name}'")}; at least two servers need an address in it");
            foreach (var server in members)
            {
                foreach (var address in server.Addresses.Where(a => network.Network.Contains(a) && Subnet.IsEdge(a, network.Network.PrefixLength)))
                    report.Add(server.Location, $"server '{server.Name}' has the address {address}, which is the first or the last one of {network.Network} and belongs to the network itself; write the server's own");
            }

            foreach (var server in members.Where(s => s.Addresses.Count(network.Network.Contains) > 1))
                report.Add(server.Location, $"server '{server.Name}' has {server.Addresses.Count(network.Network.Contains)} addresses in {network.Network} of heartbeat '{network.Name}'; keep one");
        }

        foreach (var server in bound)
        {
            // Nothing uses it: most likely it is meant for one of the networks, and the server has a channel less than was thought.
            foreach (var address in server.Addresses.Where(a => !networks.Any(n => n.Network.Contains(a))))
                report.Add(server.Location, $"server '{server.Name}' has the address {address}, which is on no heartbeat network ({Words.List(networks.Select(n => n.Network.ToString()))}); correct it, write the heartbeat, or remove it");
        }

        for (var i = 0; i < bound.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (!networks.Any(n => bound[i].Addresses.Any(n.Network.Contains) && bound[j].Addresses.Any(n.Network.Contains)))
                    report.Add(bound[i].Location, $"server '{bound[i].Name}' shares no heartbeat network with '{bound[j].Name}', so they could never hear each other; give both an address in one of {Words.List(networks.Select(n => n.Network.ToString()))}");
            }
        }
    }
}
