using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Nftables;

namespace ClusterActors.Linux.Tests.Net;

public sealed class BeatRulesTests
{
    [Fact]
    public void Rules_must_be_installed_replaced_and_removed()
    {
        using var network = PairNetwork.Create();
        using var rules = network.Server.Run(() => new BeatRules(network.Instance, [29002, 29003]));
        network.Server.Run(rules.Install);
        network.Server.Run(rules.Install);
        var inspection = network.Server.Run(rules.Inspect);
        Assert.True(inspection.Intact);
        Assert.Empty(inspection.Findings);
        if (File.Exists("/usr/sbin/nft"))
        {
            var text = network.Server.Command("nft", "list", "ruleset");
            Assert.Contains("udp dport 29002 notrack", text);
            Assert.Contains("udp dport 29003 accept", text);
        }
        network.Server.Run(rules.Remove);
        Assert.False(network.Server.Run(rules.Inspect).Intact);
    }

    [Fact]
    public void Foreign_input_chain_that_drops_must_be_named()
    {
        using var network = PairNetwork.Create();
        Assert.SkipUnless(File.Exists("/usr/sbin/nft"), "needs the nft program (package nftables)");
        network.Server.Command("nft", "add", "table", "inet", "office");
        network.Server.Command("nft", "add", "chain", "inet", "office", "strict", "{ type filter hook input priority 0; policy drop; }");
        using var rules = network.Server.Run(() => new BeatRules(network.Instance, [29002]));
        network.Server.Run(rules.Install);
        var inspection = network.Server.Run(rules.Inspect);
        Assert.True(inspection.Intact);
        Assert.Contains("chain strict of table office drops by default: allow UDP port 29002 there", inspection.Findings);
    }

    [Fact]
    public void Ports_out_of_range_must_be_refused()
    {
        Assert.Contains("1 to 65535", Assert.Throws<NetworkException>(() => new BeatRules("a", [0])).Message);
        Assert.Contains("1 to 64 ports", Assert.Throws<NetworkException>(() => new BeatRules("a", [])).Message);
    }
}
