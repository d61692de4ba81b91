using System.Net;
using ClusterActors.Linux.Net.Bpf;
using ClusterActors.Linux.Net.Nftables;

namespace ClusterActors.Linux.Net;

/// <summary>Makes fences and tells which kinds this kernel takes.</summary>
public static class AddressFences
{
    private const int InstanceLimit = 32;

    /// <summary>
    /// Tries each kind without touching any interface that carries traffic, the preferred one first. Runs in the calling thread's network namespace; needs root.
    /// </summary>
    public static IReadOnlyList<FenceProbe> Probe(string bpfFileSystem = "/sys/fs/bpf") =>
        [Try(FenceKind.Bpf, () => ProbeBpf(bpfFileSystem)), Try(FenceKind.Nftables, ProbeNftables)];

    /// <summary>The wanted kind, or (null) the best that loads here.</summary>
    /// <exception cref="NetworkException">None loads; the message says why for each.</exception>
    public static IAddressFence Create(FenceOptions options, FenceKind? kind = null)
    {
        if (kind is null)
        {
            CheckOptions(options);
            var probes = Probe(options.BpfFileSystem);
            using var links = new NetlinkSocket();
            if (options.Interfaces.Select(links.GetLink).FirstOrDefault(link => !BpfFenceProgram.Understands(link)) is { } strange)
                probes = [new FenceProbe(FenceKind.Bpf, false, $"{strange.Name} has hardware type {strange.HardwareType}, which the programs do not understand"), probes[1]];
            kind = probes.FirstOrDefault(probe => probe.Loads)?.Kind
                ?? throw new NetworkException("address fence", $"no kind loads here: {string.Join("; ", probes.Select(probe => $"{probe.Kind}: {probe.Detail}"))}");
        }
        return kind == FenceKind.Bpf ? new BpfAddressFence(options) : new NftAddressFence(options);
    }

    /// <summary>
    /// The interfaces to give to <see cref="FenceOptions"/> unless the administrator names them: all but the loopback, since Linux answers for an address on each.
    /// </summary>
    public static IReadOnlyList<string> InterfacesToFence()
    {
        using var links = new NetlinkSocket();
        return [.. links.ListLinks().Where(link => !link.IsLoopback).Select(link => link.Name)];
    }

    /// <summary>
    /// Deletes what is left of BPF fences whose interfaces are all gone (a lab server that was torn down, a container). Returns the instances.
    /// Fences in force, and those attached by clsact, are not touched.
    /// </summary>
    public static IReadOnlyList<string> RemoveOrphans(string bpfFileSystem = "/sys/fs/bpf")
    {
        var folder = Path.Combine(bpfFileSystem, "clp");
        if (!Directory.Exists(folder)) return [];
        var removed = new List<string>();
        foreach (var instance in Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)))
        {
            var pins = new BpfPins(bpfFileSystem, instance);
            if (!pins.IsOrphan()) continue;
            pins.DeleteAll();
            removed.Add(instance);
        }
        return removed;
    }

    private static FenceProbe Try(FenceKind kind, Func<string> probe)
    {
        try
        {
            return new FenceProbe(kind, true, probe());
        }
        catch (NetworkException reason)
        {
            return new FenceProbe(kind, false, reason.Message);
        }
    }

    private static string ProbeBpf(string fileSystem)
    {
        if (!BpfPins.IsBpfFileSystem(fileSystem) && !Directory.Exists(fileSystem))
            throw new NetworkException("bpf fence", $"{fileSystem} does not exist; a bpf file system must be mountable there");
        using var maps = BpfMaps.Create();
        var program = BpfSystem.LoadProgram(BpfFenceProgram.Assemble(maps.DeadlineFd, maps.Map4Fd, maps.Map6Fd, hasEthernetHeader: true), "clp_probe");
        _ = NetNative.Close(program);
        var any = AnyLink("bpf fence");
        return BpfSystem.TcxLinks(any.Index, BpfSystem.TcxIngress) is null ? "loads; attached by clsact" : "loads; attached by tcx";
    }

    /// <summary>Makes and drops all tables in one transaction on an interface that exists, so that nothing is ever in force.</summary>
    private static string ProbeNftables()
    {
        var any = AnyLink("nftables fence");
        using var transport = new NetlinkTransport(NetlinkTransport.Netfilter, "nftables fence");
        var egress = NftReadBack.CanFilterEgress(transport, any.Name);
        var layout = new NftFenceLayout($"probe-{Environment.ProcessId}", [any.Name], egress);
        var batch = new NftBatch(64 * 1024);
        batch.Start();
        layout.WriteTables(batch);
        foreach (var (family, _) in layout.Tables) batch.DeleteTable(family, layout.Table);
        batch.Finish();
        transport.Request(batch.Writer, "the kernel refuses the tables");
        return egress ? "loads; raw frames fenced by netdev egress" : "loads; raw frames are not fenced (needs kernel 5.16 with NETFILTER_EGRESS)";
    }

    private static LinkInfo AnyLink(string where)
    {
        using var links = new NetlinkSocket();
        return links.ListLinks() is [var first, ..] ? first : throw new NetworkException(where, "this network namespace has no interface at all");
    }

    internal static void CheckOptions(FenceOptions options)
    {
        CheckInstance(options.Instance);
        if (options.Interfaces.Count == 0) throw new NetworkException("address fence", "no interface given; name at least one");
        if (options.LongestArm < TimeSpan.FromMilliseconds(1)) throw new NetworkException("address fence", $"longest arm is {options.LongestArm}; must be at least 1 ms");
    }

    internal static void CheckInstance(string instance)
    {
        if (instance.Length is 0 or > InstanceLimit || !instance.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw new NetworkException("address fence", $"instance name '{instance}'; must be 1 to {InstanceLimit} of a-z A-Z 0-9 - _");
    }

    internal static void RefuseWhileFencing(IReadOnlyCollection<IPAddress> addresses)
    {
        if (addresses.Count > 0)
            throw new NetworkException("address fence", $"still fencing {string.Join(", ", addresses)}; take them off the interface and out of the fence first");
    }
}
