using System.Net;
using System.Net.Sockets;
using ClusterActors.Hocon;
using ClusterActors.Model;

namespace ClusterActors.Configuration.Binding;

/// <summary>The servers with their addresses.</summary>
internal sealed class ServerBinder(BindingReport report, Section root)
{
    private const string AddressForms = "a list of IP addresses such as [\"10.0.0.1\", \"192.168.10.1\"]";

    public IReadOnlyList<ServerConfig> Bind()
    {
        var servers = new List<ServerConfig>();
        foreach (var (name, section) in root.Named("servers", "server"))
        {
            if (!IsNameWithDots(section)) section.ReportUnknownKeys();
            CheckName(name, section, servers);
            servers.Add(new ServerConfig(new ServerName(name), BindAddresses(name, section), BindingReport.Location(section.Origin)));
        }

        if (servers.Count == 0) root.Complain("servers", "servers is missing or empty; write servers { NAME { addresses = [...] } } with each server's host name");
        if (servers.Count > ClusterBinder.MaxServers) root.Complain("servers", $"servers names {servers.Count} servers; at most {ClusterBinder.MaxServers} are allowed");
        ReportSharedAddresses(servers);
        return servers;
    }

    private void CheckName(string name, Section section, List<ServerConfig> before)
    {
        if (name.Length is 0 or > 63 || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            report.Add(section.Origin, $"server name '{name}' is no host name; 1 to 63 letters, digits, '-', '_' or '.' are allowed, beginning with a letter or digit");
        if (before.Find(s => s.Name == new ServerName(name)) is { } same)
            report.Add(section.Origin, $"server '{name}' has the name of '{same.Name}' ({same.Location}); host names are compared ignoring case, rename or remove one");
    }

    /// <summary>As in <c>node1.example.com { ... }</c>: an object in which there is one more and nothing that a server has.</summary>
    private static bool IsNameWithDots(Section section) =>
        section.Written is { Fields: [{ Value: ConfigObject } below] } && !section.KnownKeys.Contains(below.Key);

    private List<IPAddress> BindAddresses(string name, Section section)
    {
        var addresses = new List<IPAddress>();
        if (IsNameWithDots(section))
        {
            section.Complain("addresses", $"{section.Path}: a dot outside quotes begins a key below; put a server name with dots into double quotes, \"{name}.{section.Written!.Fields[0].Key}...\"");
            return addresses;
        }

        if (!section.Require("addresses", $"write {AddressForms}") || section.Texts("addresses", AddressForms) is not { } texts) return addresses;
        if (texts.Count == 0) section.Complain("addresses", $"{section.FullPath("addresses")} is empty; write at least one IP address");
        foreach (var (text, origin) in texts)
        {
            if (!TryParse(text, out var address))
                report.Add(origin, $"{section.FullPath("addresses")} holds '{text}', which is no IP address; write one such as 10.0.0.1 or fd00::1, without leading zeros, brackets, zone or prefix length");
            else if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(address))
                report.Add(origin, $"{section.FullPath("addresses")} holds {address}, by which no other server can reach this one; write an address of a shared network");
            else if (WhyNoUnicast(address) is { } why)
                report.Add(origin, $"{section.FullPath("addresses")} holds {address}, {why}; write an address of this server alone");
            else
                addresses.Add(address);
        }

        return addresses;
    }

    /// <summary>
    /// One way to write an address, so that what is read is what was meant and the same one is found again: the framework reads "10" as 0.0.0.10,
    /// "010.0.0.1" as 8.0.0.1, and drops the port of "[fd00::1]:80".
    /// </summary>
    public static bool TryParse(string text, out IPAddress address) =>
        IPAddress.TryParse(text, out address!) && (address.AddressFamily == AddressFamily.InterNetwork
            ? address.ToString() == text
            : !address.IsIPv4MappedToIPv6 && text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.'));

    /// <summary>Why nobody can be reached by it from another machine, or null. Loopback and "any" are left to the caller's own words.</summary>
    private static string? WhyNoUnicast(IPAddress address) =>
        address.IsIPv6Multicast || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is 0 or >= 224) ? "a multicast, reserved or broadcast address"
        : address.IsIPv6LinkLocal ? "a link-local address, which means something else on each interface"
        : null;

    private void ReportSharedAddresses(List<ServerConfig> servers)
    {
        var owners = new Dictionary<IPAddress, ServerConfig>();
        foreach (var server in servers)
        {
            foreach (var address in server.Addresses)
            {
                if (owners.TryAdd(address, server)) continue;
                var first = owners[address];
                report.Add(server.Location, $"server '{server.Name}' has the address {address}, which {(ReferenceEquals(first, server) ? "it lists twice" : $"'{first.Name}' has too ({first.Location})")}; each address is written once");
            }
        }
    }
}
