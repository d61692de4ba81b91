using System.Net;

namespace ClusterActors.Linux.Net;

public enum FenceKind
{
    /// <summary>eBPF programs on the interfaces; absolute deadline; survives <c>nft flush ruleset</c>.</summary>
    Bpf,

    /// <summary>Own nf_tables tables; relative deadline (armed for at most <see cref="FenceOptions.LongestArm"/>); a flush of the ruleset opens it.</summary>
    Nftables,
}

/// <summary>What a renewal came to.</summary>
public enum LeaseRenewal
{
    /// <summary>The kernel lets packets through until the new deadline.</summary>
    Renewed,

    /// <summary>The lease had run out, or the kernel no longer has it as we left it. Nothing was opened; only <see cref="IAddressFence.Arm"/> opens again.</summary>
    Lost,
}

/// <summary>Where a fence stands.</summary>
/// <param name="Instance">Name of this server, 1 to 32 of <c>a-z A-Z 0-9 - _</c>; servers that share one kernel need different ones.</param>
/// <param name="Interfaces">Every interface by which the address could be asked for or answered, usually all but the loopback: Linux answers for an address on any interface.</param>
public sealed record FenceOptions(string Instance, IReadOnlyList<string> Interfaces)
{
    /// <summary>Upper bound of one arming of a relative (nftables) lease: X in the inequalities. Default 600 ms. The absolute kind ignores it.</summary>
    public TimeSpan LongestArm { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>The bpf file system. Default <c>/sys/fs/bpf</c>.</summary>
    public string BpfFileSystem { get; init; } = "/sys/fs/bpf";

    /// <summary>How the BPF programs are attached; <see cref="BpfAttachment.Automatic"/> by default.</summary>
    public BpfAttachment Attachment { get; init; }
}

/// <summary>The two ways to put an eBPF program on an interface.</summary>
public enum BpfAttachment
{
    /// <summary>tcx where the kernel has it, else clsact.</summary>
    Automatic,

    /// <summary>bpf(2) links, kernel 6.6 and later.</summary>
    Tcx,

    /// <summary>clsact qdisc and cls_bpf filters over rtnetlink.</summary>
    Clsact,
}

/// <summary>What a read-back of the kernel's state found.</summary>
/// <param name="Intact">False: do not add an address, do not extend a grant.</param>
/// <param name="Findings">One sentence per deviation.</param>
public sealed record FenceInspection(bool Intact, IReadOnlyList<string> Findings)
{
    public override string ToString() => Intact ? "intact" : string.Join("; ", Findings);
}

/// <summary>
/// The kernel's own guard of the group addresses: after the deadline the kernel drops ARP, IPv4 and IPv6 from and to them, whatever the
/// processes of this server do. One deadline per server; each address can be closed on its own besides.
/// <para>Order of use: Install, AddAddress (closed), Inspect, add the address to the interface, OpenAddress, Arm, Renew with every beat;
/// on release CloseAddress, remove it from the interface, RemoveAddress. An expired or lost lease stays closed until <see cref="Arm"/>.</para>
/// <para><see cref="Renew"/> is for the beat thread: it allocates nothing and waits for nothing. It and <see cref="ExpireNow"/> may run beside any
/// other member, from any thread; the others must not run beside each other. Failures of the others throw <see cref="NetworkException"/>; after one, call <see cref="ExpireNow"/> and treat the lease as lost.</para>
/// </summary>
public interface IAddressFence : IDisposable
{
    FenceKind Kind { get; }

    /// <summary>True: the kernel compares with an absolute boot time, so a stall between deciding and renewing adds nothing (X = 0).</summary>
    bool HasAbsoluteDeadline { get; }

    /// <summary>Addresses under the fence, open or closed; after <see cref="Install"/> also those left by an earlier process.</summary>
    IReadOnlyCollection<IPAddress> Addresses { get; }

    /// <summary>
    /// Builds the fence, closed, and reads it back. One left by an earlier process of the same instance is taken over or replaced; its addresses
    /// stay fenced without a gap and are closed from now on.
    /// </summary>
    void Install();

    /// <summary>Puts an address under the fence, closed, and reads it back. Idempotent.</summary>
    void AddAddress(IPAddress address);

    /// <summary>Lets the common deadline govern the address.</summary>
    void OpenAddress(IPAddress address);

    /// <summary>Closes one address whatever the deadline says.</summary>
    void CloseAddress(IPAddress address);

    /// <summary>Takes the address out of the fence; call it only when the interface no longer has it.</summary>
    void RemoveAddress(IPAddress address);

    /// <summary>Opens the lease until the deadline, expired before or not. Not for the beat thread.</summary>
    /// <param name="deadlineBoottimeNs">CLOCK_BOOTTIME nanoseconds.</param>
    /// <returns>Lost when the deadline has already passed or the kernel refused.</returns>
    LeaseRenewal Arm(long deadlineBoottimeNs);

    /// <summary>Moves the deadline of a lease that has not run out; see <see cref="LeaseRenewal"/>.</summary>
    LeaseRenewal Renew(long deadlineBoottimeNs);

    /// <summary>Closes all addresses at once; <see cref="Renew"/> cannot revive them.</summary>
    void ExpireNow();

    /// <summary>Compares the kernel's state with what was installed.</summary>
    FenceInspection Inspect();

    /// <summary>One sentence for status and doctor.</summary>
    string Describe();

    /// <summary>Takes the whole fence out of the kernel. Refused while an address is under it. <see cref="IDisposable.Dispose"/> leaves it in place.</summary>
    void Remove();
}
