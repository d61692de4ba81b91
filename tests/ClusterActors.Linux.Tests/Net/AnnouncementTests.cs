using System.Net;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;
using ClusterActors.Linux.Net.Bpf;

namespace ClusterActors.Linux.Tests.Net;

public sealed class AnnouncementTests
{
    [Fact]
    public void Announcement_must_reach_the_neighbours_in_each_form()
    {
        using var network = PairNetwork.Create();
        var announcer = network.Own(network.Server.Run(() => new AddressAnnouncer(network.ServerLink)));
        Assert.Equal(AnnouncementOutcome.Sent, announcer.Announce(PairNetwork.Floating4).Outcome);
        Assert.Equal(AnnouncementOutcome.Sent, announcer.Announce(PairNetwork.Floating6).Outcome);
        var arps = new List<ArpFrame>();
        var neighbours = new List<NeighbourFrame>();
        Questions.ArrivedUntil(network, () => arps.Count >= 2 && neighbours.Count >= 1, frame =>
        {
            if (ArpFrame.TryParse(frame, out var arp) && arp.SenderAddress.Equals(PairNetwork.Floating4)) arps.Add(arp);
            if (NeighbourFrame.TryParse(frame, out var neighbour) && neighbour.Target.Equals(PairNetwork.Floating6)) neighbours.Add(neighbour);
        });
        Assert.Equal([true, false], arps.Select(arp => arp.IsRequest));
        Assert.All(arps, arp => Assert.Equal((network.ServerLink.Mac, PairNetwork.Floating4), (arp.SenderMac, arp.TargetAddress)));
        Assert.Equal((true, network.ServerLink.Mac), (neighbours.Single().IsAdvertisement, neighbours.Single().LinkAddress));
    }

    /// <summary>The receiving kernel believes it: checksum, hop limit and flags are right.</summary>
    [Fact]
    public void Announcement_must_move_the_neighbour_entry_of_another_host()
    {
        using var network = PairNetwork.Create();
        var elsewhere = "02:00:00:00:00:99";
        network.Client.Command("ip", "neighbour", "add", "2001:db8::50", "lladdr", elsewhere, "dev", "cli0", "nud", "stale");
        network.Client.Command("ip", "neighbour", "add", "192.0.2.50", "lladdr", elsewhere, "dev", "cli0", "nud", "stale");
        var announcer = network.Own(network.Server.Run(() => new AddressAnnouncer(network.ServerLink)));
        foreach (var address in (IPAddress[])[PairNetwork.Floating4, PairNetwork.Floating6])
        {
            announcer.Announce(address);
            Assert.True(SpinWait.SpinUntil(() => network.ServerLink.Mac.Equals(ClientEntry(address)), 5000));
        }

        System.Net.NetworkInformation.PhysicalAddress ClientEntry(IPAddress address) => network.Client.Run(() =>
        {
            using var links = new NetlinkSocket();
            return links.ListNeighbours().Single(entry => entry.Address.Equals(address)).Mac;
        });
    }

    [Fact]
    public void Announcement_must_be_reported_as_dropped_when_the_fence_is_closed()
    {
        using var network = PairNetwork.Create();
        using var fence = network.Server.Run(() => AddressFences.Create(new FenceOptions(network.Instance, ["srv0"]), FenceKind.Nftables));
        network.Server.Run(fence.Install);
        network.Server.Run(() => fence.AddAddress(PairNetwork.Floating4));
        var announcer = network.Own(network.Server.Run(() => new AddressAnnouncer(network.ServerLink)));
        var dropped = announcer.Announce(PairNetwork.Floating4);
        Assert.Equal(AnnouncementOutcome.Dropped, dropped.Outcome);
        Assert.Contains("192.0.2.50 on srv0 was dropped", dropped.Detail);
        network.Server.Run(() => fence.OpenAddress(PairNetwork.Floating4));
        Assert.Equal(AnnouncementOutcome.Dropped, announcer.Announce(PairNetwork.Floating4).Outcome);
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        Assert.Equal(AnnouncementOutcome.Sent, announcer.Announce(PairNetwork.Floating4).Outcome);
    }

    [Fact]
    public void Probe_must_find_the_owner_of_an_address()
    {
        using var network = PairNetwork.Create();
        foreach (var address in (IPAddress[])[PairNetwork.Client4, PairNetwork.Client6])
        {
            var finding = network.Server.Run(() => DuplicateAddressProbe.Run(network.ServerLink, address, probes: 20, interval: TimeSpan.FromMilliseconds(100)));
            Assert.Equal(network.ClientLink.Mac, finding.Owner);
            Assert.Contains(address.ToString(), finding.Reason);
        }
    }

    [Fact]
    public void Probe_must_be_bounded_when_nobody_answers()
    {
        using var network = PairNetwork.Create();
        foreach (var address in (IPAddress[])[PairNetwork.Floating4, PairNetwork.Floating6])
        {
            // Seen where they leave: what a busy machine loses on the way is of no interest here.
            using var leavingFrames = network.Server.Run(() => new PacketSocket(network.ServerLink, PacketSocket.Everything));
            var start = PairNetwork.Now();
            var finding = network.Server.Run(() => DuplicateAddressProbe.Run(network.ServerLink, address, interval: TimeSpan.FromMilliseconds(20)));
            Assert.True(finding.IsFree);
            Assert.True(PairNetwork.Now() - start >= 60_000_000);
            var probes = 0;
            var buffer = new byte[2048];
            for (int length; (length = leavingFrames.TryReceive(buffer, out var leaving)) > 0;)
            {
                var frame = buffer.AsSpan(0, length);
                var arp = ArpFrame.TryParse(frame, out var a) && a.SenderAddress.Equals(IPAddress.Any) && a.TargetAddress.Equals(address);
                var solicitation = NeighbourFrame.TryParse(frame, out var n) && n.Source.Equals(IPAddress.IPv6Any) && n.Target.Equals(address);
                if (leaving && (arp || solicitation)) probes++;
            }
            Assert.Equal(3, probes);
        }
    }

    /// <summary>Two hosts about to take one address: the other's probe is a conflict too.</summary>
    [Fact]
    public void Probe_must_see_the_probe_of_a_rival()
    {
        using var network = PairNetwork.Create();
        var rival = ArpFrame.Probe(network.ClientLink.Mac, PairNetwork.Floating4).ToBytes(EthernetFrame.Broadcast);
        using var sending = new CancellationTokenSource();
        var sender = new Thread(() =>
        {
            while (!sending.IsCancellationRequested)
            {
                network.ClientPackets.TrySend(rival);
                network.ClientPackets.Wait(1);
            }
        });
        sender.Start();
        var finding = network.Server.Run(() => DuplicateAddressProbe.Run(network.ServerLink, PairNetwork.Floating4));
        sending.Cancel();
        sender.Join();
        Assert.Equal(network.ClientLink.Mac, finding.Owner);
    }

    [Fact]
    public void Rival_announcement_must_be_seen_behind_a_closed_fence_too()
    {
        using var network = PairNetwork.Create();
        using var fence = network.Server.Run(() => AddressFences.Create(new FenceOptions(network.Instance, ["srv0"])));
        network.Own(new Undo(() => new BpfPins("/sys/fs/bpf", network.Instance).DeleteAll()));
        network.Server.Run(fence.Install);
        network.Server.Run(() => fence.AddAddress(PairNetwork.Floating4));
        network.Server.Run(() => fence.AddAddress(PairNetwork.Floating6));
        using var watch = network.Server.Run(() => new RivalWatch(network.ServerLink));
        watch.Watch(PairNetwork.Floating4);
        watch.Watch(PairNetwork.Floating6);
        using var rival = network.Client.Run(() => new AddressAnnouncer(network.ClientLink));
        rival.Announce(IPAddress.Parse("192.0.2.77"));
        rival.Announce(PairNetwork.Floating4);
        rival.Announce(PairNetwork.Floating6);
        var claims = new List<RivalClaim>();
        while (claims.Count < 3 && watch.Wait(TimeSpan.FromSeconds(3)))
        {
            while (watch.TryTake(out var claim)) claims.Add(claim!);
        }
        Assert.Equal(
            [new(PairNetwork.Floating4, network.ClientLink.Mac), new(PairNetwork.Floating4, network.ClientLink.Mac), new RivalClaim(PairNetwork.Floating6, network.ClientLink.Mac)],
            claims);
        Assert.False(watch.TryTake(out _));
    }

    [Fact]
    public void Damaged_frames_must_be_refused()
    {
        var good = ArpFrame.Announcement(new([2, 0, 0, 0, 0, 1]), PairNetwork.Floating4).ToBytes(EthernetFrame.Broadcast);
        Assert.True(ArpFrame.TryParse(good, out _));
        for (var length = 0; length < good.Length; length++) Assert.False(ArpFrame.TryParse(good.AsSpan(0, length), out _));
        var advertisement = NeighbourFrame.Announcement(new([2, 0, 0, 0, 0, 1]), PairNetwork.Floating6).ToBytes(new([2, 0, 0, 0, 0, 1]));
        Assert.True(NeighbourFrame.TryParse(advertisement, out _));
        for (var length = 0; length < 78; length++) Assert.False(NeighbourFrame.TryParse(advertisement.AsSpan(0, length), out _));
        good[20] = 9;
        Assert.False(ArpFrame.TryParse(good, out _));
    }

    private sealed class Undo(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
