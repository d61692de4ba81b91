using System.Buffers.Binary;
using System.Net;

namespace ClusterActors.Linux.Net.Nftables;

/// <summary>
/// The address fence by nf_tables (contract: <see cref="IAddressFence"/>). Its lease is relative: an element that the kernel drops when its
/// time is over (late by up to two jiffies). Renewing is delete + add of that element in one transaction: the delete of an expired element
/// fails and takes the add with it, which makes the kernel refuse to revive. A plain add would revive it on new kernels.
/// Between deciding and the system call a stall adds at most <see cref="FenceOptions.LongestArm"/>.
/// </summary>
public sealed class NftAddressFence : IAddressFence
{
    private readonly FenceOptions _options;
    private readonly NetlinkTransport _control = new(NetlinkTransport.Netfilter, "nftables fence");
    private readonly NetlinkTransport _renewal = new(NetlinkTransport.Netfilter, "nftables fence lease");
    private readonly NftBatch _batch = new(64 * 1024);
    private readonly NftBatch _renewBatch = new(2048);
    private readonly NetlinkTransport _expiry = new(NetlinkTransport.Netfilter, "nftables fence end");
    private readonly NftBatch _expiryBatch = new(1024);
    private readonly Lock _expiring = new();
    private readonly Dictionary<IPAddress, bool> _addresses = [];
    private readonly bool _egress;
    private readonly NftFenceLayout _layout;
    private int[] _timeoutOffsets = [];
    private volatile bool _armed;

    /// <summary>Opens the sockets in the calling thread's network namespace and tries what the kernel can do. Nothing stays changed before <see cref="Install"/>.</summary>
    public NftAddressFence(FenceOptions options)
    {
        AddressFences.CheckOptions(options);
        _options = options;
        using (var links = new NetlinkSocket())
        {
            foreach (var name in options.Interfaces) links.GetLink(name);
        }
        _egress = NftReadBack.CanFilterEgress(_control, options.Interfaces[0]);
        _layout = new NftFenceLayout(options.Instance, options.Interfaces, _egress);
        PrepareMessages();
    }

    public FenceKind Kind => FenceKind.Nftables;

    public bool HasAbsoluteDeadline => false;

    public IReadOnlyCollection<IPAddress> Addresses => _addresses.Keys;

    public void Install()
    {
        _armed = false;
        _addresses.Clear();
        foreach (var left in ReadAddresses()) _addresses[left] = false;
        _batch.Start();
        foreach (var (family, _) in NftFenceLayout.AllTables)
        {
            // Add before delete: the delete must not fail where there is no table. All of it is one transaction, so an old fence closes and the new one
            // is in force at the same instant. A netdev table can be made on every kernel that has nf_tables.
            _batch.AddTable(family, _layout.Table);
            _batch.DeleteTable(family, _layout.Table);
        }
        _layout.WriteTables(_batch);
        foreach (var address in _addresses.Keys) WriteElement(NftElements.Add, address, open: false);
        Commit("cannot install the fence tables");
        var inspection = Inspect();
        if (!inspection.Intact) throw new NetworkException("nftables fence", $"read back after installing: {inspection}");
    }

    public void AddAddress(IPAddress address)
    {
        if (_addresses.ContainsKey(address)) return;
        _batch.Start();
        WriteElement(NftElements.Add, address, open: false);
        Commit($"cannot fence {address}");
        _addresses[address] = false;
        if (!ReadAddresses().Contains(address)) throw new NetworkException("nftables fence", $"{address} is missing when read back");
    }

    public void OpenAddress(IPAddress address) => Move(address, open: true);

    public void CloseAddress(IPAddress address) => Move(address, open: false);

    public void RemoveAddress(IPAddress address)
    {
        if (!_addresses.TryGetValue(address, out var open)) return;
        _batch.Start();
        WriteElement(NftElements.Delete, address, open);
        Commit($"cannot take {address} out of the fence");
        _addresses.Remove(address);
    }

    public LeaseRenewal Arm(long deadlineBoottimeNs)
    {
        _armed = false;
        var timeout = TimeoutMs(deadlineBoottimeNs);
        if (timeout <= 0) return LeaseRenewal.Lost;
        _batch.Start();
        foreach (var (family, keys) in _layout.Tables)
        {
            _batch.FlushSet(family, _layout.Table, NftFenceLayout.LeaseSet);
            _batch.FamilyElements(NftElements.Add, family, _layout.Table, NftFenceLayout.LeaseSet, keys, (ulong)timeout);
        }
        _batch.Finish();
        if (_control.Request(_batch.Writer, out _) != 0) return LeaseRenewal.Lost;
        _armed = true;
        return LeaseRenewal.Renewed;
    }

    public LeaseRenewal Renew(long deadlineBoottimeNs)
    {
        if (!_armed) return LeaseRenewal.Lost;
        var timeout = TimeoutMs(deadlineBoottimeNs);
        if (timeout <= 0)
        {
            _armed = false;
            return LeaseRenewal.Lost;
        }
        foreach (var offset in _timeoutOffsets)
            BinaryPrimitives.WriteInt64BigEndian(_renewBatch.Writer.Buffer.AsSpan(offset), timeout);
        if (_renewal.RequestNow(_renewBatch.Writer) == 0) return LeaseRenewal.Renewed;
        _armed = false;
        return LeaseRenewal.Lost;
    }

    public void ExpireNow()
    {
        _armed = false;
        // A socket and a message of its own: closing must not wait for, or mix with, another change under way. The lock is only for two closings at once.
        lock (_expiring) _expiry.Request(_expiryBatch.Writer, "cannot end the lease");
    }

    public FenceInspection Inspect()
    {
        var findings = new List<string>();
        foreach (var (family, chain, expected) in _layout.Chains)
        {
            var found = CountRules(family, chain);
            if (found != expected)
                findings.Add($"chain {chain} of table {family.ToString().ToLowerInvariant()} {_layout.Table} has {found} rules, {expected} were installed");
        }
        if (_egress)
        {
            var hooked = NftReadBack.HookedInterfaces(_control, _layout.Table, "egress");
            // An interface that is gone carries no packets; containers come and go all the time.
            using var links = new NetlinkSocket();
            var present = links.ListLinks().Select(link => link.Name).ToHashSet();
            foreach (var name in _options.Interfaces.Where(name => present.Contains(name) && !hooked.Contains(name))) findings.Add($"egress of {name} is not fenced any more");
        }
        var fenced = ReadAddresses();
        foreach (var address in _addresses.Keys.Where(address => !fenced.Contains(address))) findings.Add($"{address} is not in the fence");
        return new FenceInspection(findings.Count == 0, findings);
    }

    public string Describe() =>
        $"nftables fence {_layout.Table} on {string.Join(", ", _options.Interfaces)}: relative lease of at most {_options.LongestArm.TotalMilliseconds:0} ms, "
        + (_egress ? "raw frames fenced too" : "raw frames not fenced (needs kernel 5.16 with NETFILTER_EGRESS)") + "; a flush of the ruleset opens it until the next renewal notices";

    public void Remove()
    {
        AddressFences.RefuseWhileFencing(_addresses.Keys);
        _armed = false;
        _batch.Start();
        foreach (var (family, _) in NftFenceLayout.AllTables)
        {
            _batch.AddTable(family, _layout.Table);
            _batch.DeleteTable(family, _layout.Table);
        }
        Commit("cannot remove the fence tables");
    }

    public void Dispose()
    {
        _control.Dispose();
        _renewal.Dispose();
        _expiry.Dispose();
    }

    private void PrepareMessages()
    {
        var offsets = new List<int>();
        _renewBatch.Start();
        foreach (var (family, keys) in _layout.Tables)
        {
            _renewBatch.FamilyElements(NftElements.Delete, family, _layout.Table, NftFenceLayout.LeaseSet, keys, 0);
            offsets.AddRange(_renewBatch.FamilyElements(NftElements.Add, family, _layout.Table, NftFenceLayout.LeaseSet, keys, 1));
        }
        _renewBatch.Finish();
        _timeoutOffsets = [.. offsets];
        _expiryBatch.Start();
        foreach (var (family, _) in _layout.Tables) _expiryBatch.FlushSet(family, _layout.Table, NftFenceLayout.LeaseSet);
        _expiryBatch.Finish();
    }

    /// <summary>Whole milliseconds, rounded down: the lease must not outlive the grant by rounding.</summary>
    private long TimeoutMs(long deadlineBoottimeNs)
    {
        var rest = (deadlineBoottimeNs - NetNative.BootTimeNs()) / 1_000_000;
        return Math.Min(rest, (long)_options.LongestArm.TotalMilliseconds);
    }

    private void Move(IPAddress address, bool open)
    {
        if (!_addresses.TryGetValue(address, out var isOpen))
            throw new NetworkException("nftables fence", $"{address} is not under the fence; add it first");
        if (isOpen == open) return;
        _batch.Start();
        WriteElement(NftElements.Delete, address, isOpen);
        WriteElement(NftElements.Add, address, open);
        Commit($"cannot {(open ? "open" : "close")} {address}");
        _addresses[address] = open;
    }

    private void WriteElement(NftElements change, IPAddress address, bool open)
    {
        foreach (var (family, _) in _layout.Tables)
        {
            if (!NftFenceLayout.NeedsAddress(family, address)) continue;
            var set = open ? NftFenceLayout.FencedSet(address) : NftFenceLayout.ClosedSet(address);
            _batch.Element(change, family, _layout.Table, set, address);
        }
    }

    private void Commit(string what)
    {
        _batch.Finish();
        _control.Request(_batch.Writer, what);
    }

    private HashSet<IPAddress> ReadAddresses()
    {
        var found = new HashSet<IPAddress>();
        foreach (var set in (string[])["fenced4", "closed4", "fenced6", "closed6"])
            found.UnionWith(NftReadBack.Addresses(_control, NftFamily.Inet, _layout.Table, set));
        return found;
    }

    private int CountRules(NftFamily family, string chain) => NftReadBack.CountRules(_control, family, _layout.Table, chain);
}
