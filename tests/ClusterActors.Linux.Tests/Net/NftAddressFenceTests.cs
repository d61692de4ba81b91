using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Nftables;

namespace ClusterActors.Linux.Tests.Net;

public sealed class NftAddressFenceTests : AddressFenceContract
{
    /// <summary>Two jiffies at 100 Hz, the slowest kernel configuration.</summary>
    protected override TimeSpan Lateness => TimeSpan.FromMilliseconds(20);

    [Fact]
    public void Missing_table_must_lose_the_lease()
    {
        using var network = Prepare(out _, out var fence);
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        SkipWithoutNft();
        network.Server.Command("nft", "flush", "ruleset");
        Assert.Equal(LeaseRenewal.Lost, fence.Renew(PairNetwork.In(5000)));
        var inspection = network.Server.Run(fence.Inspect);
        Assert.False(inspection.Intact);
        Assert.Contains("chain prerouting of table inet", inspection.ToString());
        network.Server.Run(fence.Install);
        Assert.True(network.Server.Run(fence.Inspect).Intact);
    }

    [Fact]
    public void Installed_tables_must_be_readable_with_the_nft_program()
    {
        using var network = Prepare(out _, out var fence);
        SkipWithoutNft();
        var text = network.Server.Command("nft", "list", "ruleset");
        Assert.Contains($"table inet clp-{network.Instance}", text);
        Assert.Contains("192.0.2.50", text);
        Assert.Contains("2001:db8::50", text);
        Assert.Contains("hook egress device \"srv0\"", text);
    }

    /// <summary>A stall between deciding and arming must add no more than the configured bound.</summary>
    [Fact]
    public void Lease_must_never_be_armed_for_longer_than_the_bound()
    {
        using var network = Prepare(out var questions, out _);
        var bounded = network.Own(network.Server.Run(() =>
            new NftAddressFence(new FenceOptions(network.Instance, ["srv0"]) { LongestArm = TimeSpan.FromMilliseconds(300) })));
        network.Server.Run(bounded.Install);
        foreach (var address in bounded.Addresses.ToArray()) network.Server.Run(() => bounded.OpenAddress(address));
        Assert.Equal(LeaseRenewal.Renewed, bounded.Arm(PairNetwork.In(60_000)));
        Assert.Equal(LeaseRenewal.Renewed, bounded.Renew(PairNetwork.In(60_000)));
        var over = PairNetwork.In(300) + (long)Lateness.TotalNanoseconds;
        Assert.True(SpinWait.SpinUntil(() => PairNetwork.Now() > over, 2000));
        Assert.False(questions.Answers(PairNetwork.Floating4));
        Assert.Equal(LeaseRenewal.Lost, bounded.Renew(PairNetwork.In(60_000)));
    }

    private protected override IAddressFence CreateFence(PairNetwork network, params string[] interfaces) =>
        new NftAddressFence(new FenceOptions(network.Instance, interfaces) { LongestArm = TimeSpan.FromSeconds(60) });

    private static void SkipWithoutNft() =>
        Assert.SkipUnless(File.Exists("/usr/sbin/nft"), "needs the nft program (package nftables) to look from outside");
}
