using System.Net;

namespace ClusterActors.Linux.Net.Bpf;

/// <summary>
/// The preferred address fence (contract: <see cref="IAddressFence"/>): <see cref="BpfFenceProgram"/> on ingress and egress of every interface.
/// Renewing is one compare-and-swap on a deadline that the program reads, in absolute boot time: a process that stalls between deciding and renewing
/// cannot open it for longer than the grant says. Needs kernel 5.8 (boot time in programs, mapped arrays).
/// <para>Every installation has maps of its own, so that a forgotten earlier process writes into nothing. They are pinned before the
/// programs are swapped and the old ones deleted after it: a crash at any step leaves every address fenced.</para>
/// <para><see cref="Install"/>, <see cref="Inspect"/> and <see cref="Remove"/> belong on a thread of the interfaces' network namespace.</para>
/// </summary>
public sealed unsafe class BpfAddressFence : IAddressFence
{
    private readonly FenceOptions _options;
    private readonly BpfPins _pins;
    private readonly NetlinkTransport _route = new(NetlinkTransport.Route, "rtnetlink");
    private readonly ClsactFilter _filters;
    private readonly List<Attachment> _attachments = [];
    private readonly HashSet<IPAddress> _addresses = [];
    private BpfMaps? _maps;
    private long* _deadline;

    /// <summary>Opens no kernel object but a netlink socket; see <see cref="Install"/>.</summary>
    public BpfAddressFence(FenceOptions options)
    {
        AddressFences.CheckOptions(options);
        _options = options;
        _pins = new BpfPins(options.BpfFileSystem, options.Instance);
        _filters = new ClsactFilter(_route);
    }

    public FenceKind Kind => FenceKind.Bpf;

    public bool HasAbsoluteDeadline => true;

    public IReadOnlyCollection<IPAddress> Addresses => _addresses;

    /// <summary>How the programs are attached; known after <see cref="Install"/>.</summary>
    public BpfAttachment Attached { get; private set; }

    public void Install()
    {
        _pins.Prepare();
        CloseHandles();
        var earlier = CloseEarlier();
        var maps = BpfMaps.Create();
        _maps = maps;
        foreach (var address in _addresses) maps.Set(address, BpfMaps.Closed);
        _deadline = maps.MapDeadline();
        maps.Pin(_pins.MapSet(earlier.Count == 0 ? 1 : earlier[^1].Number + 1));
        var kept = new HashSet<string>();
        using (var links = new NetlinkSocket())
        {
            foreach (var name in _options.Interfaces) Attach(links.GetLink(name), kept);
        }
        foreach (var stale in _pins.Links().Where(path => !kept.Contains(path))) File.Delete(stale);
        foreach (var (_, path) in earlier) BpfPins.DeleteMapSet(path);
        var inspection = Inspect();
        if (!inspection.Intact) throw new NetworkException("bpf fence", $"read back after installing: {inspection}");
    }

    public void AddAddress(IPAddress address)
    {
        if (_addresses.Contains(address)) return;
        if (_addresses.Count >= BpfMaps.AddressLimit)
            throw new NetworkException("bpf fence", $"{_addresses.Count} addresses are fenced; {BpfMaps.AddressLimit} are allowed");
        Maps.Set(address, BpfMaps.Closed);
        _addresses.Add(address);
        if (Maps.Get(address) != BpfMaps.Closed) throw new NetworkException("bpf fence", $"{address} is missing when read back");
    }

    public void OpenAddress(IPAddress address) => SetLimit(address, BpfMaps.Governed);

    public void CloseAddress(IPAddress address) => SetLimit(address, BpfMaps.Closed);

    public void RemoveAddress(IPAddress address)
    {
        if (!_addresses.Contains(address)) return;
        Maps.Remove(address);
        _addresses.Remove(address);
    }

    public LeaseRenewal Arm(long deadlineBoottimeNs)
    {
        if (_deadline is null || deadlineBoottimeNs <= NetNative.BootTimeNs()) return LeaseRenewal.Lost;
        Volatile.Write(ref *_deadline, deadlineBoottimeNs);
        return LeaseRenewal.Renewed;
    }

    public LeaseRenewal Renew(long deadlineBoottimeNs)
    {
        var deadline = _deadline;
        if (deadline is null) return LeaseRenewal.Lost;
        var current = Volatile.Read(ref *deadline);
        var now = NetNative.BootTimeNs();
        // Swapping only what was read: an ExpireNow in between wins. A stall right here is harmless, the new deadline is absolute.
        if (current > now && deadlineBoottimeNs > now && Interlocked.CompareExchange(ref *deadline, deadlineBoottimeNs, current) == current)
            return LeaseRenewal.Renewed;
        Interlocked.CompareExchange(ref *deadline, 0, current);
        return LeaseRenewal.Lost;
    }

    public void ExpireNow()
    {
        var deadline = _deadline;
        if (deadline is not null) Interlocked.Exchange(ref *deadline, 0);
    }

    public FenceInspection Inspect()
    {
        var findings = new List<string>();
        if (_maps is null) return new FenceInspection(false, ["not installed"]);
        foreach (var attachment in _attachments)
        {
            if (!IsAttached(attachment)) findings.Add($"the program on {(attachment.Ingress ? "ingress" : "egress")} of {attachment.Name} is gone");
            if (attachment.LinkFd >= 0 && !File.Exists(_pins.Link(attachment.Name, attachment.Ingress)))
                findings.Add($"the pin for {attachment.Name} is gone: the fence would end with this process");
        }
        if (_attachments.Count < 2 * _options.Interfaces.Count) findings.Add("not attached to every interface");
        foreach (var address in _addresses.Where(address => _maps.Get(address) is null)) findings.Add($"{address} is not in the fence");
        return new FenceInspection(findings.Count == 0, findings);
    }

    public string Describe() =>
        $"bpf fence {_pins.Folder} on {string.Join(", ", _options.Interfaces)}: absolute deadline, attached by {(Attached == BpfAttachment.Clsact ? "clsact" : "tcx")}, survives this process and a flush of nftables";

    public void Remove()
    {
        AddressFences.RefuseWhileFencing(_addresses);
        ExpireNow();
        foreach (var attachment in _attachments.Where(attachment => attachment.LinkFd < 0)) _filters.Detach(attachment.InterfaceIndex, attachment.Ingress);
        _pins.DeleteAll();
        CloseHandles();
    }

    public void Dispose()
    {
        CloseHandles();
        _route.Dispose();
    }

    private BpfMaps Maps => _maps ?? throw new NetworkException("bpf fence", "not installed; call Install first");

    /// <summary>Ends the lease of whatever an earlier process left and remembers its addresses.</summary>
    private IReadOnlyList<(int Number, string Path)> CloseEarlier()
    {
        var earlier = _pins.MapSets();
        _addresses.Clear();
        foreach (var (_, path) in earlier)
        {
            using var maps = BpfMaps.Open(path);
            // An incomplete set was never attached: it is pinned whole before any program refers to it.
            if (maps is null) continue;
            Interlocked.Exchange(ref *maps.MapDeadline(), 0);
            _addresses.UnionWith(maps.Addresses());
        }
        return earlier;
    }

    private void Attach(LinkInfo link, HashSet<string> kept)
    {
        if (!BpfFenceProgram.Understands(link))
            throw new NetworkException("bpf fence", $"{link.Name} has hardware type {link.HardwareType}; Ethernet or one without a link header is needed (use the nftables fence)");
        var program = BpfSystem.LoadProgram(BpfFenceProgram.Assemble(Maps.DeadlineFd, Maps.Map4Fd, Maps.Map6Fd, BpfFenceProgram.HasEthernetHeader(link)), "clp_fence");
        try
        {
            foreach (var ingress in (bool[])[true, false]) _attachments.Add(AttachOne(link, ingress, program, kept));
        }
        finally
        {
            _ = NetNative.Close(program);
        }
    }

    private Attachment AttachOne(LinkInfo link, bool ingress, int program, HashSet<string> kept)
    {
        var attachType = ingress ? BpfSystem.TcxIngress : BpfSystem.TcxEgress;
        var present = _options.Attachment == BpfAttachment.Clsact ? null : BpfSystem.TcxLinks(link.Index, attachType);
        if (present is null)
        {
            if (_options.Attachment == BpfAttachment.Tcx) throw new NetworkException("bpf fence", "this kernel has no tcx (6.6 and later)");
            Attached = BpfAttachment.Clsact;
            _filters.Attach(link.Index, ingress, program, "clp_fence");
            return new Attachment(link.Name, link.Index, ingress, -1, BpfSystem.IdOf(program));
        }
        Attached = BpfAttachment.Tcx;
        var pin = _pins.Link(link.Name, ingress);
        kept.Add(pin);
        var fd = BpfSystem.OpenPinned(pin);
        // A pinned link may belong to an interface that is gone or of another namespace; only one that sits on this interface is taken over.
        if (fd >= 0 && present.Contains(BpfSystem.IdOf(fd)))
        {
            BpfSystem.UpdateLink(fd, program);
            return new Attachment(link.Name, link.Index, ingress, fd, BpfSystem.IdOf(fd));
        }
        var created = BpfSystem.CreateTcxLink(program, link.Index, attachType);
        if (fd >= 0)
        {
            File.Delete(pin);
            _ = NetNative.Close(fd);
        }
        BpfSystem.Pin(created, pin);
        return new Attachment(link.Name, link.Index, ingress, created, BpfSystem.IdOf(created));
    }

    private bool IsAttached(Attachment attachment)
    {
        try
        {
            return attachment.LinkFd >= 0
                ? BpfSystem.TcxLinks(attachment.InterfaceIndex, attachment.Ingress ? BpfSystem.TcxIngress : BpfSystem.TcxEgress)?.Contains(attachment.Id) == true
                : _filters.Programs(attachment.InterfaceIndex, attachment.Ingress).Contains(attachment.Id);
        }
        catch (NetworkException gone) when (gone.ErrorNumber == Errno.ENODEV)
        {
            // An interface that is gone carries no packets; containers come and go all the time. One that came back under its name has no program.
            using var links = new NetlinkSocket();
            return links.FindLink(attachment.Name) is null;
        }
    }

    private void SetLimit(IPAddress address, long limit)
    {
        if (!_addresses.Contains(address)) throw new NetworkException("bpf fence", $"{address} is not under the fence; add it first");
        Maps.Set(address, limit);
    }

    private void CloseHandles()
    {
        _deadline = null;
        foreach (var attachment in _attachments.Where(attachment => attachment.LinkFd >= 0)) _ = NetNative.Close(attachment.LinkFd);
        _attachments.Clear();
        _maps?.Dispose();
        _maps = null;
    }

    /// <param name="LinkFd">Open tcx link, -1 for a filter.</param>
    /// <param name="Id">Kernel number of the link, or of the program of a filter.</param>
    private readonly record struct Attachment(string Name, int InterfaceIndex, bool Ingress, int LinkFd, uint Id);
}
