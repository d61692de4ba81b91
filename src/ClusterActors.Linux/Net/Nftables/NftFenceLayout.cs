using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Linux.Net.Nftables;

/// <summary>
/// The tables of the nftables fence. In each: <c>fenced4/6</c> (addresses governed by the lease), <c>closed4/6</c> (closed on their own)
/// and <c>lease</c>, whose elements live as long as the lease does.
/// <list type="bullet">
/// <item>inet: prerouting before connection tracking (packets to the address, neighbour solicitations for it), postrouting after address
/// translation (packets from it, neighbour advertisements).</item>
/// <item>arp: input and output. Output does not see raw frames, hence:</item>
/// <item>netdev: egress of each interface, by sender address (kernel 5.16 and later): IPv4, IPv6, NA, ARP of every origin.</item>
/// </list>
/// </summary>
internal sealed class NftFenceLayout(string instance, IReadOnlyList<string> interfaces, bool egress)
{
    public const string LeaseSet = "lease";
    public const int RulesPerCheck = 2;
    private static readonly byte[] EtherIpv4 = [0x08, 0x00];
    private static readonly byte[] EtherIpv6 = [0x86, 0xDD];
    private static readonly byte[] EtherArp = [0x08, 0x06];

    /// <summary>Family and the keys that <c>meta nfproto</c> has in it.</summary>
    public static readonly (NftFamily Family, byte[] LeaseKeys)[] AllTables =
        [(NftFamily.Inet, [2, 10]), (NftFamily.Arp, [3]), (NftFamily.Netdev, [5])];

    public string Table { get; } = "clp-" + instance;

    public IEnumerable<(NftFamily Family, byte[] LeaseKeys)> Tables => AllTables.Where(table => egress || table.Family != NftFamily.Netdev);

    /// <summary>Chains and the rules each must have, for reading back.</summary>
    public IEnumerable<(NftFamily Family, string Chain, int Rules)> Chains
    {
        get
        {
            yield return (NftFamily.Inet, "prerouting", 3 * RulesPerCheck);
            yield return (NftFamily.Inet, "postrouting", 3 * RulesPerCheck);
            yield return (NftFamily.Arp, "input", 2 * RulesPerCheck);
            yield return (NftFamily.Arp, "output", RulesPerCheck);
            if (egress) yield return (NftFamily.Netdev, "egress", 4 * RulesPerCheck);
        }
    }

    public static string FencedSet(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? "fenced6" : "fenced4";

    public static string ClosedSet(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? "closed6" : "closed4";

    public static bool NeedsAddress(NftFamily family, IPAddress address) => family != NftFamily.Arp || address.AddressFamily == AddressFamily.InterNetwork;

    public void WriteTables(NftBatch batch)
    {
        foreach (var (family, _) in Tables)
        {
            batch.AddTable(family, Table);
            foreach (var set in (string[])["fenced4", "closed4"]) batch.AddSet(family, Table, set, 7, 4, timeouts: false);
            if (family != NftFamily.Arp)
                foreach (var set in (string[])["fenced6", "closed6"]) batch.AddSet(family, Table, set, 8, 16, timeouts: false);
            batch.AddSet(family, Table, LeaseSet, 2, 1, timeouts: true);
        }
        WriteInet(batch);
        WriteArp(batch);
        if (egress) WriteEgress(batch);
    }

    private void WriteInet(NftBatch batch)
    {
        batch.AddBaseChain(NftFamily.Inet, Table, "prerouting", 0, -300);
        Check(batch, NftFamily.Inet, "prerouting", "4", (rule, set) =>
            rule.MetaEquals(NftRule.MetaFamily, 2).PayloadInSet(NftBase.Network, 16, 4, set).DestinationIsLocal());
        Check(batch, NftFamily.Inet, "prerouting", "6", (rule, set) =>
            rule.MetaEquals(NftRule.MetaFamily, 10).PayloadInSet(NftBase.Network, 24, 16, set).DestinationIsLocal());
        Check(batch, NftFamily.Inet, "prerouting", "6", (rule, set) => NeighbourMessage(rule, 135, set));
        batch.AddBaseChain(NftFamily.Inet, Table, "postrouting", 4, 300);
        Check(batch, NftFamily.Inet, "postrouting", "4", (rule, set) =>
            rule.MetaEquals(NftRule.MetaFamily, 2).PayloadInSet(NftBase.Network, 12, 4, set));
        Check(batch, NftFamily.Inet, "postrouting", "6", (rule, set) =>
            rule.MetaEquals(NftRule.MetaFamily, 10).PayloadInSet(NftBase.Network, 8, 16, set));
        Check(batch, NftFamily.Inet, "postrouting", "6", (rule, set) => NeighbourMessage(rule, 136, set));
    }

    private static NftRule NeighbourMessage(NftRule rule, byte type, string set) =>
        rule.MetaEquals(NftRule.MetaFamily, 10).MetaEquals(NftRule.MetaTransport, 58)
            .PayloadEquals(NftBase.Transport, 0, type).PayloadInSet(NftBase.Transport, 8, 16, set);

    private void WriteArp(NftBatch batch)
    {
        batch.AddBaseChain(NftFamily.Arp, Table, "input", 0, -300);
        Check(batch, NftFamily.Arp, "input", "4", (rule, set) => rule.PayloadInSet(NftBase.Network, 24, 4, set));
        Check(batch, NftFamily.Arp, "input", "4", (rule, set) => rule.PayloadInSet(NftBase.Network, 14, 4, set));
        batch.AddBaseChain(NftFamily.Arp, Table, "output", 1, 300);
        Check(batch, NftFamily.Arp, "output", "4", (rule, set) => rule.PayloadInSet(NftBase.Network, 14, 4, set));
    }

    private void WriteEgress(NftBatch batch)
    {
        const NftFamily netdev = NftFamily.Netdev;
        batch.AddBaseChain(netdev, Table, "egress", 1, 300, interfaces);
        Check(batch, netdev, "egress", "4", (rule, set) =>
            rule.MetaEquals(NftRule.MetaProtocol, EtherArp).PayloadInSet(NftBase.Network, 14, 4, set));
        Check(batch, netdev, "egress", "4", (rule, set) =>
            rule.MetaEquals(NftRule.MetaProtocol, EtherIpv4).PayloadInSet(NftBase.Network, 12, 4, set));
        Check(batch, netdev, "egress", "6", (rule, set) =>
            rule.MetaEquals(NftRule.MetaProtocol, EtherIpv6).PayloadInSet(NftBase.Network, 8, 16, set));
        // The network header is used for the whole match: raw frames may come without a transport header.
        Check(batch, netdev, "egress", "6", (rule, set) =>
            rule.MetaEquals(NftRule.MetaProtocol, EtherIpv6).PayloadEquals(NftBase.Network, 6, 58)
                .PayloadEquals(NftBase.Network, 40, 136).PayloadInSet(NftBase.Network, 48, 16, set));
    }

    /// <summary>Each match stands twice: closed on its own, and governed by a lease that is over.</summary>
    private void Check(NftBatch batch, NftFamily family, string chain, string version, Func<NftRule, string, NftRule> match)
    {
        batch.AddRule(family, Table, chain, rule => match(rule, "closed" + version).Verdict(NftBatch.Drop));
        batch.AddRule(family, Table, chain, rule => match(rule, "fenced" + version).LeaseIsOver(LeaseSet).Verdict(NftBatch.Drop));
    }
}
