using System.Net;
using System.Net.Sockets;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Pair;

/// <summary>Addresses never without their fence: at run time, at start-up, on the way down.</summary>
[Collection(PairCollection.Name)]
public sealed class AddressFencePairTests
{
    [Fact]
    public void Address_must_be_refused_with_the_inequality_when_the_kernel_offers_only_a_lease_that_breaks_it()
    {
        using GuardianPair pair = new GuardianPair(intervalMs: 100, timeoutMs: 500, grantMs: 450) { Fence = FenceChoice.Nft }.Formed();
        Reply refused = pair.A.Daemon.Ask(pair.A.Address("t1"));
        Assert.Equal(GuardianResult.Refused, refused.Result);
        Assert.Contains("S1", refused.Sentence, StringComparison.Ordinal);
        Assert.False(pair.A.HasAddress("10.99.0.100"));
        FenceMissing told = Assert.Single(pair.A.Daemon.Notes.OfType<FenceMissing>());
        Assert.Equal(IPAddress.Parse("10.99.0.100"), told.Address);
        Assert.Contains("S1", told.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_must_be_refused_while_an_address_is_up_whose_lease_could_not_hold_them()
    {
        using GuardianPair pair = new GuardianPair(intervalMs: 100, timeoutMs: 2000, grantMs: 1900) { Fence = FenceChoice.Nft }.Formed();
        pair.A.Daemon.Done(pair.A.Address("t1"));
        Assert.Contains("addresses answer for", pair.A.Log, StringComparison.Ordinal);
        Assert.Equal(new FenceArmed("g", "fip", IPAddress.Parse("10.99.0.100"), FenceChoice.Nft), Assert.Single(pair.A.Daemon.Notes.OfType<FenceArmed>()));
        GuardianSettings faster = pair.A.Settings with { Timeout = TimeSpan.FromMilliseconds(500), Grant = TimeSpan.FromMilliseconds(450) };
        Reply refused = pair.A.Daemon.Ask(new ApplySettings(faster));
        Assert.Equal(GuardianResult.Refused, refused.Result);
        Assert.Contains("S1", refused.Sentence, StringComparison.Ordinal);
        pair.A.Daemon.Done(new RemoveAddress("g", "fip"));
        pair.A.Daemon.Done(new ApplySettings(faster));
    }

    [Fact]
    public void Address_of_an_earlier_life_must_leave_the_interface_before_the_fence()
    {
        using GuardianPair pair = new GuardianPair().Formed();
        pair.A.Daemon.Done(pair.A.Address("t1"));
        pair.A.Signal("KILL");
        Assert.True(pair.A.WaitForExit());
        pair.A.Disconnect();

        // The kernel's own end of the address must not come first on a slow machine: it is the new life that has to remove it.
        GuardianPair.Sh($"ip -n {pair.Namespace(0)} address change 10.99.0.100/32 dev eth0 valid_lft 600 preferred_lft 600");
        int life = pair.A.Log.Length;
        pair.A.Start();
        GuardianPair.Until("clean", () => pair.A.Log[life..].Contains(" clean: nothing", StringComparison.Ordinal));
        string log = pair.A.Log[life..];
        int removed = log.IndexOf("10.99.0.100, left by an earlier life", StringComparison.Ordinal);
        int fence = log.IndexOf("address fence: ", StringComparison.Ordinal);
        Assert.False(pair.A.HasAddress("10.99.0.100"));
        Assert.True(removed >= 0 && fence > removed, log);
    }

    [Theory]
    [InlineData(FenceChoice.Nft)]
    [InlineData(FenceChoice.Bpf)]
    public void Everything_must_end_and_start_again_behind_a_new_fence_when_another_tool_takes_the_fence_away(FenceChoice kind)
    {
        using GuardianPair pair = new GuardianPair { Fence = kind }.Formed();
        pair.A.Daemon.Done(pair.A.Address("t1"));
        Ping(pair);
        GuardianPair.Sh(kind == FenceChoice.Nft
            ? $"ip netns exec {pair.Namespace(0)} nft flush ruleset"
            : $"find /sys/fs/bpf/clp/{pair.A.Name} -type f -name '*eth0*' -print -delete | grep .");
        GuardianPair.Until("the loss is seen", () => pair.A.Log.Contains("not as installed", StringComparison.Ordinal));
        GuardianPair.Until("the grant is lost and held again", () =>
            pair.A.Daemon.Notes.OfType<GrantChanged>().Select(g => g.State).ToArray() is [.., GrantState.Expired, GrantState.Held]);
        // A grant without its fence is over like one that ran out: what ran is ended, so that nobody can take it for running.
        GuardianPair.Until("the address is gone", () => pair.A.Daemon.Table().Addresses.Count == 0 && !pair.A.HasAddress("10.99.0.100"));
        pair.A.Daemon.Done(pair.A.Address("t2"));
        GuardianPair.Until("it answers again", () => GuardianPair.TrySh($"ip netns exec {pair.Namespace(1)} ping -c 1 -W 1 10.99.0.100").Code == 0);
        if (kind == FenceChoice.Nft)
        {
            // Between the flush and the new table the address answers too, so the answer alone does not say that the table is there.
            GuardianPair.Until("the table is there again", () =>
                GuardianPair.TrySh($"ip netns exec {pair.Namespace(0)} nft list tables").Output.Contains($"clp-{pair.A.Name}", StringComparison.Ordinal));
        }

        Assert.Equal("t2", pair.A.Daemon.Table().Addresses.Single().Ticket);
        pair.A.Daemon.Done(new RemoveAddress("g", "fip"));
        Assert.DoesNotContain("is down: it has no fence", pair.A.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Fence_must_stay_as_it_is_when_another_interface_goes()
    {
        using var pair = new GuardianPair();
        GuardianPair.Sh($"ip -n {pair.Namespace(0)} link add extra0 type veth peer name extra1 && ip -n {pair.Namespace(0)} link set extra0 up");
        pair.Formed();
        pair.A.Daemon.Done(pair.A.Address("t1"));
        GuardianPair.Sh($"ip -n {pair.Namespace(0)} link del extra0");
        pair.A.Daemon.Done(pair.A.Address("t2", "fd99::100", 64, "fip6"));
        long sent = pair.A.Daemon.Done(new GetStatistics()).Statistics.BeatsSent;
        GuardianPair.Until("two seconds of beats", () => pair.A.Daemon.Done(new GetStatistics()).Statistics.BeatsSent > sent + 40);
        Assert.DoesNotContain("not as installed", pair.A.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FenceChoice.Bpf)]
    [InlineData(FenceChoice.Nft)]
    public void Address_must_be_given_up_and_told_when_its_interface_goes_and_start_behind_the_fence_when_it_is_made_anew(FenceChoice kind)
    {
        using var pair = new GuardianPair(intervalMs: 100, timeoutMs: 2000, grantMs: 1900) { Fence = kind };
        string make = $"ip -n {pair.Namespace(0)} link add extra0 type veth peer name extra1 && ip -n {pair.Namespace(0)} link set extra0 up"
            + $" && ip -n {pair.Namespace(0)} addr add 10.98.0.1/24 dev extra0";
        GuardianPair.Sh(make);
        pair.Formed();
        pair.A.Daemon.Done(pair.A.Address("t1", "10.98.0.100"));
        GuardianPair.Sh($"ip -n {pair.Namespace(0)} link del extra0");
        GuardianPair.Until("the loss is told", () => pair.A.Daemon.Notes.OfType<AddressLost>().Any());
        AddressLost lost = Assert.Single(pair.A.Daemon.Notes.OfType<AddressLost>());
        Assert.Equal(("g", "fip", IPAddress.Parse("10.98.0.100")), (lost.Group, lost.Resource, lost.Address));
        Assert.Contains("extra0", lost.Detail, StringComparison.Ordinal);
        Assert.Empty(pair.A.Daemon.Table().Addresses);
        Assert.Equal(1, pair.A.Log.AsSpan().Count("10.98.0.100 is down: interface extra0"));

        GuardianPair.Sh(make);
        pair.A.Daemon.Done(pair.A.Address("t2", "10.98.0.100"));
        Assert.True(pair.A.HasAddress("10.98.0.100"));
        Assert.Equal(2, pair.A.Daemon.Notes.OfType<FenceArmed>().Count());
        Assert.Equal("t2", pair.A.Daemon.Table().Addresses.Single().Ticket);
        pair.A.Daemon.Done(new RemoveAddress("g", "fip"));
        Assert.False(pair.A.HasAddress("10.98.0.100"));
    }

    [Theory]
    [InlineData("10.99.0.100", 24)]
    [InlineData("fd99::100", 64)]
    public void Nothing_must_be_sent_from_the_address_when_its_connections_are_ended(string address, byte prefix)
    {
        using GuardianPair pair = new GuardianPair().Formed();
        pair.A.Daemon.Done(pair.A.Address("t1", address, prefix));
        var at = new IPEndPoint(IPAddress.Parse(address), 7777);
        using Socket listener = NetworkNamespace.Run(pair.Namespace(0), () =>
        {
            var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(at);
            socket.Listen();
            return socket;
        });
        using Socket client = NetworkNamespace.Run(pair.Namespace(1), () =>
        {
            var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(at);
            return socket;
        });
        using Socket served = listener.Accept();

        pair.A.Daemon.Done(new RemoveAddress("g", "fip"));

        Assert.True(served.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead), "the connection was not ended here");
        Assert.False(client.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectRead), "the client was told by an address that a peer may have by then");
    }

    [Fact]
    public void Rival_must_be_told_of_and_answered_when_it_announces()
    {
        using GuardianPair pair = new GuardianPair().Formed();
        pair.A.Daemon.Done(pair.A.Address("t1"));
        AnnouncementOutcome sent = NetworkNamespace.Run(pair.Namespace(1), () =>
        {
            using var links = new NetlinkSocket();
            using var rival = new AddressAnnouncer(links.GetLink("eth0"));
            return rival.Announce(IPAddress.Parse("10.99.0.100")).Outcome;
        });
        Assert.Equal(AnnouncementOutcome.Sent, sent);
        GuardianPair.Until("the daemon is told", () => pair.A.Daemon.Notes.OfType<AddressConflict>().Any());
        Assert.Equal(("g", "fip", IPAddress.Parse("10.99.0.100")), pair.A.Daemon.Notes.OfType<AddressConflict>().Select(c => (c.Group, c.Resource, c.Address)).First());
    }

    [Fact]
    public void Beats_must_have_firewall_rules_of_their_own_while_the_guardian_runs()
    {
        using GuardianPair pair = new GuardianPair().Formed();
        string rules = GuardianPair.Sh($"ip netns exec {pair.Namespace(0)} nft list table inet clp-beat-{pair.A.Name}");
        Assert.Contains("udp dport 29002 notrack", rules, StringComparison.Ordinal);
        Assert.Contains("udp dport 29002 accept", rules, StringComparison.Ordinal);
        pair.A.Disconnect();
        pair.A.Signal("TERM");
        Assert.True(pair.A.WaitForExit());
        Assert.DoesNotContain("clp-beat", GuardianPair.Sh($"ip netns exec {pair.Namespace(0)} nft list tables"), StringComparison.Ordinal);
    }

    [Fact]
    public void Link_address_of_the_peer_must_be_kept_known_while_the_guardian_beats()
    {
        using GuardianPair pair = new GuardianPair().Formed();
        string Entry() => GuardianPair.Sh($"ip -n {pair.Namespace(0)} neighbour show 10.99.0.2");
        GuardianPair.Until("the entry is there", () => Entry().Contains("extern_learn", StringComparison.Ordinal));
        Assert.DoesNotContain("PERMANENT", Entry(), StringComparison.Ordinal);
        pair.A.Disconnect();
        pair.A.Signal("TERM");
        Assert.True(pair.A.WaitForExit());
        Assert.DoesNotContain("extern_learn", Entry(), StringComparison.Ordinal);
    }

    private static void Ping(GuardianPair pair) => GuardianPair.Sh($"ip netns exec {pair.Namespace(1)} ping -c 1 -W 2 10.99.0.100");
}
