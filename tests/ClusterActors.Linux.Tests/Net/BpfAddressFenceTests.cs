using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;
using ClusterActors.Linux.Net.Bpf;

namespace ClusterActors.Linux.Tests.Net;

/// <summary>The BPF fence attached by tcx links.</summary>
public sealed class TcxAddressFenceTests : BpfFenceContract
{
    protected override BpfAttachment Attachment => BpfAttachment.Tcx;
}

public sealed class BpfPinsTests
{
    [Fact]
    public void Pins_must_be_orphans_only_when_their_interfaces_are_gone()
    {
        using var network = PairNetwork.Create();
        var probe = AddressFences.Probe()[0];
        Assert.SkipUnless(probe.Loads && probe.Detail.Contains("tcx", StringComparison.Ordinal), probe.Detail);
        var pins = new BpfPins("/sys/fs/bpf", network.Instance);
        using var fence = network.Server.Run(() => new BpfAddressFence(new FenceOptions(network.Instance, ["srv0"])));
        try
        {
            network.Server.Run(fence.Install);
            Assert.False(pins.IsOrphan());
            fence.Dispose();
            Assert.False(pins.IsOrphan());
            network.Server.Command("ip", "link", "delete", "srv0");
            Assert.True(pins.IsOrphan());
        }
        finally
        {
            pins.DeleteAll();
        }
        Assert.False(pins.IsOrphan());
    }
}

/// <summary>The BPF fence attached by cls_bpf filters.</summary>
public sealed class ClsactAddressFenceTests : BpfFenceContract
{
    protected override BpfAttachment Attachment => BpfAttachment.Clsact;
}

public abstract class BpfFenceContract : AddressFenceContract
{
    /// <summary>The deadline is compared in nanoseconds with every packet.</summary>
    protected override TimeSpan Lateness => TimeSpan.Zero;

    protected abstract BpfAttachment Attachment { get; }

    [Fact]
    public void Flush_of_nftables_must_open_nothing()
    {
        using var network = Prepare(out var questions, out var fence);
        Assert.SkipUnless(File.Exists("/usr/sbin/nft"), "needs the nft program (package nftables)");
        network.Server.Command("nft", "flush", "ruleset");
        Assert.False(questions.Answers(PairNetwork.Floating4));
        Assert.False(questions.Answers(PairNetwork.Floating6));
        Assert.True(network.Server.Run(fence.Inspect).Intact);
    }

    [Fact]
    public void Fence_must_outlive_its_process()
    {
        using var network = Prepare(out var questions, out var fence);
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        Assert.True(questions.Patient.AnswersPing(PairNetwork.Floating4));
        var over = PairNetwork.In(50);
        Assert.Equal(LeaseRenewal.Renewed, fence.Renew(over));
        fence.Dispose();
        Assert.Equal(LeaseRenewal.Lost, fence.Renew(PairNetwork.In(5000)));
        Assert.True(SpinWait.SpinUntil(() => PairNetwork.Now() > over, 2000));
        Assert.False(questions.Answers(PairNetwork.Floating4));
        Assert.False(questions.Answers(PairNetwork.Floating6));
    }

    /// <summary>A process that was frozen, replaced and thawed renews into maps that no program reads any more.</summary>
    [Fact]
    public void Forgotten_process_must_not_open_the_fence_of_its_successor()
    {
        using var network = Prepare(out var questions, out var forgotten);
        Assert.Equal(LeaseRenewal.Renewed, forgotten.Arm(PairNetwork.In(60_000)));
        var successor = network.Own(network.Server.Run(() => CreateFence(network, "srv0")));
        network.Server.Run(successor.Install);
        Assert.Equal(LeaseRenewal.Lost, forgotten.Renew(PairNetwork.In(60_000)));
        Assert.Equal(LeaseRenewal.Renewed, forgotten.Arm(PairNetwork.In(60_000)));
        Assert.False(questions.Answers(PairNetwork.Floating4));
        Assert.False(network.Server.Run(forgotten.Inspect).Intact && Attachment == BpfAttachment.Clsact);
    }

    [Fact]
    public void Tagged_frame_must_be_judged_by_what_it_carries()
    {
        using var network = Prepare(out _, out var fence);
        var plain = ArpFrame.Announcement(network.ServerLink.Mac, PairNetwork.Floating4).ToBytes(EthernetFrame.Broadcast);
        var tagged = Tag(plain, 0x81);
        var twice = Tag(tagged, 0x88);
        foreach (var frame in (byte[][])[plain, tagged, twice]) Assert.Equal(105, network.ServerPackets.TrySend(frame));
        Assert.Equal(LeaseRenewal.Renewed, fence.Arm(PairNetwork.In(5000)));
        foreach (var frame in (byte[][])[plain, tagged, twice]) Assert.Equal(0, network.ServerPackets.TrySend(frame));
    }

    [Fact]
    public void Detached_program_must_be_found_by_reading_back()
    {
        using var network = Prepare(out _, out var fence);
        if (Attachment == BpfAttachment.Tcx) File.Delete($"/sys/fs/bpf/clp/{network.Instance}/in-srv0");
        else network.Server.Command("tc", "filter", "delete", "dev", "srv0", "ingress");
        var inspection = network.Server.Run(fence.Inspect);
        Assert.False(inspection.Intact);
        Assert.Contains("srv0", inspection.ToString());
    }

    private protected override IAddressFence CreateFence(PairNetwork network, params string[] interfaces)
    {
        var probe = AddressFences.Probe().Single(probe => probe.Kind == FenceKind.Bpf);
        Assert.SkipUnless(probe.Loads, probe.Detail);
        Assert.SkipUnless(Attachment == BpfAttachment.Clsact || probe.Detail.Contains("tcx", StringComparison.Ordinal), "needs tcx (kernel 6.6)");
        network.Own(new PinRemover(network.Instance));
        return new BpfAddressFence(new FenceOptions(network.Instance, interfaces) { Attachment = Attachment });
    }

    private static byte[] Tag(byte[] frame, byte type)
    {
        byte[] tag = type == 0x81 ? [0x81, 0x00, 0x00, 0x64] : [0x88, 0xA8, 0x00, 0x65];
        return [.. frame[..12], .. tag, .. frame[12..]];
    }

    /// <summary>Pins outlive processes by design, so a test deletes its own, and those of earlier runs that were killed.</summary>
    private sealed class PinRemover(string instance) : IDisposable
    {
        private const string FileSystem = "/sys/fs/bpf";

        public void Dispose()
        {
            new BpfPins(FileSystem, instance).DeleteAll();
            foreach (var folder in Directory.GetDirectories(FileSystem + "/clp", "t*-*"))
            {
                var name = Path.GetFileName(folder);
                if (int.TryParse(name[1..name.IndexOf('-', StringComparison.Ordinal)], out var owner) && !Directory.Exists($"/proc/{owner}"))
                    new BpfPins(FileSystem, name).DeleteAll();
            }
        }
    }
}
