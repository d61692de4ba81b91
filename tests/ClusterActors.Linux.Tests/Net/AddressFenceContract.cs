using System.Net;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;

namespace ClusterActors.Linux.Tests.Net;

/// <summary>What every kind of address fence must do, asked from the other end of the wire.</summary>
public abstract class AddressFenceContract
{
    private static readonly IPAddress[] Floating = [PairNetwork.Floating4, PairNetwork.Floating6];

    /// <summary>Longest time from the deadline to the last answer that the kind may show: relative leases end on a jiffy boundary.</summary>
    protected abstract TimeSpan Lateness { get; }

    [Fact]
    public void Addresses_must_answer_before_the_deadline_and_not_after_it()
    {
        using var network = Prepare(out var questions, out var fence);
        Assert.All(Floating, address => Assert.False(questions.Answers(address)));
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        Assert.All(Floating, address => Assert.True(questions.Patient.AnswersPing(address)));
        Assert.True(questions.Patient.AnswersArp(PairNetwork.Floating4));
        Assert.True(questions.Patient.AnswersNeighbourSolicitation(PairNetwork.Floating6));
        fence.ExpireNow();
        Assert.All(Floating, address => Assert.False(questions.Answers(address)));
        Assert.True(questions.Patient.AnswersPing(IPAddress.Parse("192.0.2.1")));
        Assert.True(questions.Patient.AnswersPing(IPAddress.Parse("2001:db8::1")));
    }

    /// <summary>Nobody renews: it makes no difference to the kernel whether the processes are frozen, dead or slow.</summary>
    [Fact]
    public void Last_answer_must_come_before_the_deadline_when_nobody_renews()
    {
        using var network = Prepare(out var questions, out var fence);
        long deadline = 0, asked = 0, seen = 0;
        var askedAt = new List<long>();
        // A machine so busy that not one answer came in time has shown nothing; that is tried again.
        for (var attempt = 0; attempt < 10 && asked == 0; attempt++)
        {
            deadline = PairNetwork.In(300);
            Assert.Equal(LeaseRenewal.Renewed, fence.Arm(deadline));
            (asked, seen) = LastAnswer(network, questions, askedAt, deadline + 80_000_000);
        }
        Assert.NotEqual(0, asked);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"last answered question was asked {(asked - deadline) / 1e6:0.000} ms, its answer seen {(seen - deadline) / 1e6:0.000} ms after the deadline");
        // Judged by when the question went out: an observer on a busy machine sees a timely answer late.
        Assert.InRange(asked, 0, deadline + (long)Lateness.TotalNanoseconds);
    }

    [Fact]
    public void Egress_must_be_closed_too_when_the_lease_is_over()
    {
        using var network = Prepare(out var questions, out var fence);
        var mac = network.ServerLink.Mac;
        var frames = new[]
        {
            ArpFrame.Announcement(mac, PairNetwork.Floating4).ToBytes(EthernetFrame.Broadcast),
            ArpFrame.UnaskedReply(mac, PairNetwork.Floating4).ToBytes(EthernetFrame.Broadcast),
            new ArpFrame(true, mac, PairNetwork.Floating4, EthernetFrame.NoMac, PairNetwork.Client4).ToBytes(EthernetFrame.Broadcast),
            NeighbourFrame.Announcement(mac, PairNetwork.Floating6).ToBytes(mac),
            new NeighbourFrame(true, IPAddress.Parse("2001:db8::1"), NeighbourFrame.AllNodes, PairNetwork.Floating6, mac).ToBytes(mac),
        };
        foreach (var frame in frames) Assert.Equal(105, network.ServerPackets.TrySend(frame));
        SendUdp(network, PairNetwork.Floating4, PairNetwork.Client4);
        SendUdp(network, PairNetwork.Floating6, PairNetwork.Client6);
        Assert.All(Floating, address => Assert.Equal(0, questions.FramesFrom(address)));
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        foreach (var frame in frames) Assert.Equal(0, network.ServerPackets.TrySend(frame));
        SendUdp(network, PairNetwork.Floating4, PairNetwork.Client4);
        Assert.True(questions.SeesFrameFrom(PairNetwork.Floating4));
    }

    [Fact]
    public void Renewal_must_extend_a_living_lease()
    {
        using var network = Prepare(out var questions, out var fence);
        var first = PairNetwork.In(200);
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(first));
        for (var i = 0; i < 3; i++) Assert.Equal(LeaseRenewal.Renewed, fence.Renew(PairNetwork.In(10_000)));
        Assert.True(SpinWait.SpinUntil(() => PairNetwork.Now() > first + (long)Lateness.TotalNanoseconds, 2000));
        Assert.All(Floating, address => Assert.True(questions.Patient.AnswersPing(address)));
        Assert.Equal(LeaseRenewal.Renewed, fence.Renew(PairNetwork.In(10_000)));
    }

    [Fact]
    public void Expired_lease_must_stay_closed_until_it_is_armed_again()
    {
        using var network = Prepare(out var questions, out var fence);
        var deadline = PairNetwork.In(30);
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(deadline));
        Assert.True(SpinWait.SpinUntil(() => PairNetwork.Now() > deadline + (long)Lateness.TotalNanoseconds, 2000));
        for (var i = 0; i < 5; i++) Assert.Equal(LeaseRenewal.Lost, fence.Renew(PairNetwork.In(5000)));
        Assert.All(Floating, address => Assert.False(questions.Answers(address)));
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        Assert.All(Floating, address => Assert.True(questions.Patient.Answers(address)));
        Assert.Equal(LeaseRenewal.Renewed, fence.Renew(PairNetwork.In(5000)));
    }

    [Fact]
    public void Deadline_in_the_past_must_not_open_anything()
    {
        using var network = Prepare(out var questions, out var fence);
        Assert.Equal(LeaseRenewal.Lost, fence.Arm(PairNetwork.In(-1)));
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        Assert.Equal(LeaseRenewal.Lost, fence.Renew(PairNetwork.In(-1)));
        Assert.Equal(LeaseRenewal.Lost, fence.Renew(PairNetwork.In(5000)));
    }

    [Fact]
    public void Closed_address_must_be_silent_while_others_answer()
    {
        using var network = Prepare(out var questions, out var fence);
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        fence.CloseAddress(PairNetwork.Floating4);
        Assert.False(questions.Answers(PairNetwork.Floating4));
        Assert.True(questions.Patient.Answers(PairNetwork.Floating6));
        Assert.Equal(LeaseRenewal.Renewed, fence.Renew(PairNetwork.In(5000)));
        Assert.False(questions.Answers(PairNetwork.Floating4));
        fence.OpenAddress(PairNetwork.Floating4);
        Assert.True(questions.Patient.Answers(PairNetwork.Floating4));
    }

    [Fact]
    public void Fence_must_be_taken_over_closed_by_a_restarted_process()
    {
        using var network = Prepare(out var questions, out var fence);
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(60_000)));
        fence.Dispose();
        var restarted = network.Own(network.Server.Run(() => CreateFence(network, "srv0")));
        network.Server.Run(restarted.Install);
        Assert.Equal(2, restarted.Addresses.Count);
        Assert.All(Floating, address => Assert.False(questions.Answers(address)));
        Assert.Equal(LeaseRenewal.Lost, restarted.Renew(PairNetwork.In(5000)));
        Assert.Equal(LeaseRenewal.Renewed, restarted.Arm(PairNetwork.In(5000)));
        foreach (var address in Floating) network.Server.Run(() => restarted.OpenAddress(address));
        Assert.All(Floating, address => Assert.True(questions.Patient.Answers(address)));
    }

    /// <summary>A successor replaces the fence while questions keep coming: not one may be answered.</summary>
    [Fact]
    public void Take_over_must_leave_no_gap()
    {
        using var network = Prepare(out var questions, out var fence);
        fence.Dispose();
        // Sees arriving frames only, so the questions themselves cannot fill its buffer.
        using var observer = network.Client.Run(() => new PacketSocket(network.ClientLink, PacketSocket.IPv4));
        var ping = questions.Echo(PairNetwork.Floating4);
        using var stop = new CancellationTokenSource();
        var asked = 0;
        var asking = new Thread(() =>
        {
            using var packets = network.Client.Run(() => new PacketSocket(network.ClientLink, PacketSocket.Nothing));
            while (!stop.IsCancellationRequested)
            {
                for (var burst = 0; burst < 10; burst++, asked++) packets.TrySend(ping);
                observer.Wait(1);
            }
        });
        asking.Start();
        IAddressFence? successor = null;
        try
        {
            // On a busy machine the questions come slowly; without them there is nothing to see.
            for (var i = 0; i < 5 || (Volatile.Read(ref asked) <= 50 && i < 500); i++)
            {
                successor?.Dispose();
                successor = network.Own(network.Server.Run(() => CreateFence(network, "srv0")));
                network.Server.Run(successor.Install);
            }
        }
        finally
        {
            stop.Cancel();
            asking.Join();
        }
        Assert.True(asked > 50);
        Questions.Arrived(network, _ => { });
        Assert.Equal(0, observer.TryReceive(new byte[256]));
        Assert.Equal(LeaseRenewal.Renewed, successor!.Arm(PairNetwork.In(5000)));
        network.Server.Run(() => successor.OpenAddress(PairNetwork.Floating4));
        Assert.True(questions.Patient.AnswersPing(PairNetwork.Floating4));
        Assert.True(observer.TryReceive(new byte[256]) > 0);
    }

    [Fact]
    public void Fence_must_be_removable_only_when_it_guards_nothing()
    {
        using var network = Prepare(out var questions, out var fence);
        Assert.Contains("still fencing", Assert.Throws<NetworkException>(fence.Remove).Message);
        Assert.True(network.Server.Run(fence.Inspect).Intact);
        network.Server.Run(() => network.Links.RemoveTagged());
        foreach (var address in Floating) network.Server.Run(() => fence.RemoveAddress(address));
        network.Server.Run(fence.Remove);
        Assert.False(network.Server.Run(fence.Inspect).Intact);
        network.AddFloatingAddresses();
        Assert.All(Floating, address => Assert.True(questions.Patient.Answers(address)));
    }

    /// <summary>A driver was loaded again: either the kernel fenced the new interface of the same name (nf_tables of new kernels), or reading back tells.</summary>
    [Fact]
    public void Interface_that_went_and_came_back_must_be_fenced_or_found_by_reading_back()
    {
        using var network = Prepare(out _, out var fence);
        network.Server.Command("ip", "link", "delete", "srv0");
        network.Server.Command("ip", "link", "add", "srv0", "type", "veth", "peer", "name", "spare0");
        network.Server.Command("ip", "link", "set", "srv0", "up");
        network.Server.Command("ip", "link", "set", "spare0", "up");
        var inspection = network.Server.Run(fence.Inspect);
        if (!inspection.Intact)
        {
            Assert.Contains("srv0", inspection.ToString());
            network.Server.Run(fence.Install);
        }
        Assert.True(network.Server.Run(fence.Inspect).Intact);
        Assert.Equal(2, fence.Addresses.Count);
        using var packets = network.Server.Run(() => new PacketSocket(network.Links.GetLink("srv0"), PacketSocket.Nothing));
        Assert.Equal(105, packets.TrySend(ArpFrame.Announcement(network.ServerLink.Mac, PairNetwork.Floating4).ToBytes(EthernetFrame.Broadcast)));
    }

    /// <summary>Closing comes from whichever thread sees the need, while another changes addresses and the beat renews.</summary>
    [Fact]
    public void Closing_must_win_beside_changes_and_renewals()
    {
        using var network = Prepare(out var questions, out var fence);
        for (var round = 0; round < 20; round++)
        {
            Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(20_000)));
            using var start = new Barrier(3);
            var changing = new Thread(() =>
            {
                start.SignalAndWait();
                fence.CloseAddress(PairNetwork.Floating6);
                fence.OpenAddress(PairNetwork.Floating6);
            });
            var renewing = new Thread(() =>
            {
                start.SignalAndWait();
                for (var i = 0; i < 10; i++) fence.Renew(PairNetwork.In(20_000));
            });
            changing.Start();
            renewing.Start();
            start.SignalAndWait();
            fence.ExpireNow();
            renewing.Join();
            changing.Join();
            Assert.Equal(LeaseRenewal.Lost, fence.Renew(PairNetwork.In(20_000)));
        }
        Assert.All(Floating, address => Assert.False(questions.Answers(address)));
        Assert.True(network.Server.Run(fence.Inspect).Intact);
    }

    [Fact]
    public void Missing_interface_must_be_named()
    {
        using var network = PairNetwork.Create();
        var failure = Assert.Throws<NetworkException>(() => network.Server.Run(() =>
        {
            using var fence = CreateFence(network, "eth77");
            fence.Install();
        }));
        Assert.Contains("eth77 does not exist", failure.Message);
    }

    [Fact]
    public void Every_named_interface_must_be_fenced()
    {
        using var network = PairNetwork.Create();
        network.Server.Command("ip", "link", "add", "second.0", "type", "veth", "peer", "name", "second1");
        network.Server.Command("ip", "link", "set", "second.0", "up");
        network.Server.Command("ip", "link", "set", "second1", "up");
        var fence = network.Own(network.Server.Run(() => CreateFence(network, "srv0", "second.0")));
        network.Server.Run(fence.Install);
        network.Server.Run(() => fence.AddAddress(PairNetwork.Floating4));
        foreach (var name in (string[])["srv0", "second.0"])
        {
            using var packets = network.Server.Run(() => new PacketSocket(network.Links.GetLink(name), PacketSocket.Nothing));
            var frame = ArpFrame.Announcement(network.ServerLink.Mac, PairNetwork.Floating4).ToBytes(EthernetFrame.Broadcast);
            Assert.Equal(105, packets.TrySend(frame));
        }
        // An interface that is no longer named loses its program.
        var narrower = network.Own(network.Server.Run(() => CreateFence(network, "srv0")));
        network.Server.Run(narrower.Install);
        Assert.True(network.Server.Run(narrower.Inspect).Intact);
    }

    [Fact]
    public void Renewal_must_not_allocate()
    {
        using var network = Prepare(out _, out var fence);
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        fence.Renew(PairNetwork.In(5000));
        var lost = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) lost += fence.Renew(PairNetwork.In(5000)) == LeaseRenewal.Lost ? 1 : 0;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, lost);
    }

    /// <summary>Makes the fence of the kind, in the server's namespace; skips with the reason where the kernel cannot.</summary>
    private protected abstract IAddressFence CreateFence(PairNetwork network, params string[] interfaces);

    /// <summary>Server with both addresses behind an installed fence, opened singly, lease not armed.</summary>
    private protected PairNetwork Prepare(out Questions questions, out IAddressFence fence)
    {
        var network = PairNetwork.Create();
        try
        {
            var made = network.Own(network.Server.Run(() => CreateFence(network, "srv0")));
            network.Server.Run(made.Install);
            foreach (var address in Floating) network.Server.Run(() => made.AddAddress(address));
            Assert.True(network.Server.Run(made.Inspect).Intact);
            network.AddFloatingAddresses();
            foreach (var address in Floating) network.Server.Run(() => made.OpenAddress(address));
            questions = new Questions(network);
            fence = made;
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Asks about every millisecond; tells when the last answered question was asked and when its answer was seen.</summary>
    private static (long Asked, long Seen) LastAnswer(PairNetwork network, Questions questions, List<long> askedAt, long until)
    {
        var frame = new byte[2048];
        (long Asked, long Seen) last = default;
        while (PairNetwork.Now() < until)
        {
            var ping = questions.Echo(PairNetwork.Floating4, (ushort)askedAt.Count);
            askedAt.Add(PairNetwork.Now());
            network.ClientPackets.TrySend(ping);
            network.ClientPackets.Wait(1);
            int length;
            while ((length = network.ClientPackets.TryReceive(frame, out var leaving)) > 0)
            {
                var reply = frame.AsSpan(0, length);
                if (!leaving && Questions.IsEchoReply(reply, PairNetwork.Floating4)) last = (askedAt[Questions.SequenceOf(reply)], PairNetwork.Now());
            }
        }
        return last;
    }

    /// <summary>The kernel refuses the send when the fence drops it; that is the point, so the error is of no interest.</summary>
    private static void SendUdp(PairNetwork network, IPAddress from, IPAddress to) => network.Server.Run(() =>
    {
        using var socket = new System.Net.Sockets.Socket(from.AddressFamily, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
        socket.Bind(new IPEndPoint(from, 0));
        try { socket.SendTo("x"u8, new IPEndPoint(to, 9)); }
        catch (System.Net.Sockets.SocketException) { }
    });
}
