using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Bpf;

namespace ClusterActors.Linux.Tests.Net;

public sealed class AddressFencesTests
{
    [Fact]
    public void Probe_must_tell_of_each_kind_and_leave_nothing_behind()
    {
        using var network = PairNetwork.Create();
        var probes = network.Server.Run(() => AddressFences.Probe());
        Assert.Equal([FenceKind.Bpf, FenceKind.Nftables], probes.Select(probe => probe.Kind));
        Assert.All(probes, probe => Assert.NotEmpty(probe.Detail));
        if (File.Exists("/usr/sbin/nft")) Assert.Equal("", network.Server.Command("nft", "list", "ruleset").Trim());
    }

    [Fact]
    public void Probe_must_say_why_a_kind_does_not_load()
    {
        using var network = PairNetwork.Create();
        var probes = network.Server.Run(() => AddressFences.Probe("/nowhere/bpf"));
        Assert.False(probes[0].Loads);
        Assert.Contains("/nowhere/bpf does not exist", probes[0].Detail);
    }

    [Fact]
    public void Best_loading_kind_must_be_made_when_none_is_named()
    {
        using var network = PairNetwork.Create();
        var best = network.Server.Run(() => AddressFences.Probe()).FirstOrDefault(probe => probe.Loads);
        Assert.SkipWhen(best is null, "no kind of fence loads on this kernel");
        using var fence = network.Server.Run(() => AddressFences.Create(new FenceOptions(network.Instance, ["srv0"])));
        Assert.Equal(best.Kind, fence.Kind);
    }

    /// <summary>The variant for interfaces without a link header passes the verifier as well.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fence_program_must_load(bool hasEthernetHeader)
    {
        using var network = PairNetwork.Create();
        var probe = network.Server.Run(() => AddressFences.Probe())[0];
        Assert.SkipUnless(probe.Loads, probe.Detail);
        using var maps = BpfMaps.Create();
        var program = BpfSystem.LoadProgram(BpfFenceProgram.Assemble(maps.DeadlineFd, maps.Map4Fd, maps.Map6Fd, hasEthernetHeader), "clp_test");
        Assert.True(program > 2);
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(program, ownsHandle: true);
    }

    [Fact]
    public void Refused_program_must_come_with_the_verifiers_words()
    {
        using var network = PairNetwork.Create();
        var probe = network.Server.Run(() => AddressFences.Probe())[0];
        Assert.SkipUnless(probe.Loads, probe.Detail);
        var uninitialised = new BpfAssembler().Copy(0, 9).Exit().ToProgram();
        Assert.Contains("R9 !read_ok", Assert.Throws<NetworkException>(() => BpfSystem.LoadProgram(uninitialised, "clp_test")).Message);
    }

    [Fact]
    public void Every_interface_but_the_loopback_must_be_fenced_by_default()
    {
        using var network = PairNetwork.Create();
        Assert.Equal(["srv0"], network.Server.Run(AddressFences.InterfacesToFence));
    }

    [Theory]
    [InlineData("", "srv0")]
    [InlineData("a/b", "srv0")]
    [InlineData("a.b", "srv0")]
    [InlineData("fine", null)]
    public void Options_must_be_checked(string instance, string? link) =>
        Assert.Throws<NetworkException>(() => AddressFences.Create(new FenceOptions(instance, link is null ? [] : [link]), FenceKind.Nftables));
}
