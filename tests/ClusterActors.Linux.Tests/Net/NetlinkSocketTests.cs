using System.Net;
using System.Net.NetworkInformation;
using ClusterActors.Linux.Net;

namespace ClusterActors.Linux.Tests.Net;

public sealed class NetlinkSocketTests
{
    [Fact]
    public void Addresses_must_be_added_with_the_tag_listed_and_removed()
    {
        using var network = PairNetwork.Create();
        network.AddFloatingAddresses();
        network.AddFloatingAddresses(); // idempotent
        var tagged = network.Links.ListTagged();
        Assert.Equal([PairNetwork.Floating4, PairNetwork.Floating6], tagged.Select(own => own.Address).OrderBy(a => a.GetAddressBytes().Length));
        Assert.Contains("srv0:clp", network.Server.Command("ip", "-4", "address", "show", "dev", "srv0"));
        var version6 = tagged.Single(own => own.Address.Equals(PairNetwork.Floating6));
        Assert.Equal(128, version6.PrefixLength);
        Assert.False(version6.IsTentative);
        Assert.Equal(0x202u, version6.Flags & 0x202);
        Assert.DoesNotContain("2001:db8::50 dev srv0 proto kernel", network.Server.Command("ip", "-6", "route"));
        Assert.True(network.Links.RemoveAddress(network.ServerLink, PairNetwork.Floating4));
        Assert.False(network.Links.RemoveAddress(network.ServerLink, PairNetwork.Floating4));
    }

    [Fact]
    public void Clean_up_must_remove_what_carries_the_tag_and_nothing_else()
    {
        using var network = PairNetwork.Create();
        network.AddFloatingAddresses();
        network.Links.KeepNeighbour(network.ServerLink, PairNetwork.Client4);
        network.Server.Command("ip", "address", "add", "192.0.2.99/32", "dev", "srv0");
        using var restarted = network.Server.Run(() => new NetlinkSocket());
        Assert.Equal(2, restarted.RemoveTagged().Count);
        Assert.Empty(restarted.ListTagged());
        Assert.DoesNotContain(restarted.ListNeighbours(), entry => entry.IsKept && entry.Address.Equals(PairNetwork.Client4));
        Assert.Contains(restarted.ListAddresses(), own => own.Address.Equals(IPAddress.Parse("192.0.2.99")));
        Assert.Contains(restarted.ListAddresses(), own => own.Address.Equals(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void Lifetime_must_be_set_and_refreshed_by_adding_again()
    {
        using var network = PairNetwork.Create();
        network.Links.AddAddress(network.ServerLink, PairNetwork.Floating4, TimeSpan.FromSeconds(100));
        Assert.InRange(Life(), TimeSpan.FromSeconds(97), TimeSpan.FromSeconds(100));
        network.Links.AddAddress(network.ServerLink, PairNetwork.Floating4, TimeSpan.FromSeconds(500.5));
        Assert.InRange(Life(), TimeSpan.FromSeconds(498), TimeSpan.FromSeconds(501));

        TimeSpan Life() => network.Links.ListTagged().Single().ValidFor ?? TimeSpan.Zero;
    }

    [Fact]
    public void Interface_must_be_found_by_subnet()
    {
        using var network = PairNetwork.Create();
        network.Server.Command("ip", "link", "add", "other0", "type", "veth", "peer", "name", "other1");
        network.Server.Command("ip", "address", "add", "192.0.0.1/16", "dev", "other0");
        Assert.Equal("srv0", network.Links.FindLinkBySubnet(PairNetwork.Floating4)?.Name);
        Assert.Equal("srv0", network.Links.FindLinkBySubnet(PairNetwork.Floating6)?.Name);
        Assert.Equal("other0", network.Links.FindLinkBySubnet(IPAddress.Parse("192.0.7.7"))?.Name);
        Assert.Null(network.Links.FindLinkBySubnet(IPAddress.Parse("203.0.113.1")));
    }

    [Fact]
    public void Neighbour_of_a_beat_peer_must_be_resolved_and_kept()
    {
        using var network = PairNetwork.Create();

        // Questions of the kernel's own come from the link-local address, which every real interface has.
        network.Server.Command("ip", "address", "add", "fe80::1/64", "dev", "srv0", "nodad");
        foreach (var peer in (IPAddress[])[PairNetwork.Client4, PairNetwork.Client6])
        {
            network.Links.KeepNeighbour(network.ServerLink, peer);
            network.Links.KeepNeighbour(network.ServerLink, peer);
            Assert.True(SpinWait.SpinUntil(() => EntryOf(network, peer) is { IsUsable: true }, 10_000), $"{peer} was not resolved within 10 s");
            var entry = EntryOf(network, peer)!;
            Assert.Equal((true, false, NetlinkSocket.Tag), (entry.IsKept, entry.IsPermanent, entry.Protocol));
            Assert.Equal(network.ClientLink.Mac, entry.Mac);
            Assert.True(network.Links.RemoveNeighbour(network.ServerLink.Index, peer));
            Assert.DoesNotContain(network.Links.ListNeighbours(), left => left.Address.Equals(peer) && left.IsKept);
        }
    }

    /// <summary>A permanent entry would send to the old network card for ever.</summary>
    [Fact]
    public void Kept_neighbour_must_follow_when_the_peer_gets_another_link_address()
    {
        using var network = PairNetwork.Create();
        network.Links.KeepNeighbour(network.ServerLink, PairNetwork.Client4);
        Assert.True(SpinWait.SpinUntil(() => EntryOf(network, PairNetwork.Client4) is { IsUsable: true }, 10_000), "not resolved within 10 s");

        network.Client.Command("ip", "link", "set", "cli0", "address", "02:00:00:00:77:01");
        // What its beats, or any other word of it, bring about: it asks for our link address with its new one.
        network.Client.Command("ip", "neighbour", "flush", "dev", "cli0");
        network.Client.Command("ping", "-c", "1", "-W", "5", "192.0.2.1");

        Assert.True(
            SpinWait.SpinUntil(() => EntryOf(network, PairNetwork.Client4)?.Mac.ToString() == "020000007701", 20_000),
            $"still {EntryOf(network, PairNetwork.Client4)}");
        Assert.True(EntryOf(network, PairNetwork.Client4)!.IsKept);
    }

    [Fact]
    public void Errors_must_say_what_was_asked_and_what_the_kernel_answered()
    {
        using var network = PairNetwork.Create();
        var missing = Assert.Throws<NetworkException>(() => network.Links.GetLink("eth77"));
        Assert.Contains("eth77 does not exist; there are lo, srv0", missing.Message);
        var gone = new LinkInfo(4711, "gone0", 0, 1, PhysicalAddress.None, 1500);
        var refused = Assert.Throws<NetworkException>(() => network.Links.AddAddress(gone, PairNetwork.Floating4));
        Assert.Contains("cannot add 192.0.2.50 to gone0: the interface does not exist (ENODEV)", refused.Message);
    }

    private static NeighbourInfo? EntryOf(PairNetwork network, IPAddress peer) => network.Links.ListNeighbours().SingleOrDefault(entry => entry.Address.Equals(peer));

    /// <summary>IPv6 on kernels before 5.18 keeps no tag: there the way in which an address was added has to do.</summary>
    [Theory]
    [InlineData("10.0.0.100", 32, 0x200u, 0, "eth0:clp", 4, true)]
    [InlineData("10.0.0.100", 32, 0x280u, 0, "eth0", 0, false)]
    [InlineData("10.0.0.100", 24, 0x80u, 0, "eth0", 60, false)]
    [InlineData("fd00::100", 128, 0x202u, 0, "", 4, true)]
    [InlineData("fd00::100", 128, 0x202u, 0, "", 0, false)]
    [InlineData("fd00::100", 64, 0x202u, 0, "", 60, false)]
    [InlineData("fd00::100", 128, 0x80u, 0, "", 60, false)]
    [InlineData("fd00::100", 128, 0x202u, 3, "", 60, false)]
    public void Address_must_count_as_ours_only_when_it_was_added_as_we_do(string address, int prefix, uint flags, byte protocol, string label, int seconds, bool ours) =>
        Assert.Equal(ours, NetlinkSocket.MayBeOurs(
            new InterfaceAddress(1, IPAddress.Parse(address), prefix, flags, protocol, label, seconds == 0 ? null : TimeSpan.FromSeconds(seconds))));
}
