using System.Net;
using ClusterActors.Guardian.Beats;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Time;
using ClusterActors.Model;

namespace ClusterActors.Guardian.Addresses;

/// <summary>
/// The fence between the three threads that use it: the beat thread renews, the address thread builds and opens, the control thread closes.
/// Renewing takes no lock (the fence allows it beside anything); everything else is serialised here.
/// </summary>
internal sealed class FenceLeases : ILeases, IDisposable
{
    private readonly object _gate = new();
    private volatile IAddressFence? _fence;
    private volatile bool _open;
    private bool _allowed;
    private long _deadline;

    /// <summary>Kind in use; none while there is no fence.</summary>
    public FenceChoice Kind => _fence?.Kind switch
    {
        FenceKind.Bpf => FenceChoice.Bpf,
        FenceKind.Nftables => FenceChoice.Nft,
        _ => FenceChoice.None,
    };

    public string Describe() => _fence?.Describe() ?? "none";

    public IReadOnlyCollection<IPAddress> Addresses => _fence?.Addresses ?? [];

    public bool Ready => _fence is not null;

    /// <summary>The grant is held: what is up may answer.</summary>
    public bool Allowed
    {
        get
        {
            lock (_gate)
                return _allowed;
        }
    }

    public bool Renew(long deadline)
    {
        Volatile.Write(ref _deadline, deadline);
        if (!_open || _fence is not { } fence)
            return true;
        if (fence.Renew(deadline) == LeaseRenewal.Renewed)
            return true;

        // CloseAll on another thread makes a renewal fail as well; then nothing was lost that should be open.
        bool lost = _open;
        _open = false;
        return !lost;
    }

    /// <summary>Puts a fence to use in place of another that fences nothing.</summary>
    public void Use(IAddressFence fence)
    {
        lock (_gate)
        {
            _open = false;
            _fence?.Dispose();
            _fence = fence;
        }
    }

    /// <summary>Fences an address, closed, and checks the kernel's state; throws when it is not as it should be.</summary>
    public void Enclose(IPAddress address)
    {
        lock (_gate)
        {
            IAddressFence fence = _fence ?? throw new NetworkException("address fence", "none is installed");
            fence.AddAddress(address);
            FenceInspection found = fence.Inspect();
            if (!found.Intact)
                throw new NetworkException("address fence", $"the kernel's state is not as installed: {found}; is another tool changing it?");
        }
    }

    /// <summary>Opens an enclosed address for as long as the grant lasts. False when there is no grant to open it for.</summary>
    public bool Open(IPAddress address)
    {
        lock (_gate)
        {
            if (!_allowed || _fence is not { } fence)
                return false;
            fence.OpenAddress(address);
            return _open || ArmLocked(fence);
        }
    }

    /// <summary>The grant is held (again).</summary>
    /// <param name="anyAddress">Something is up that has to answer.</param>
    public bool Arm(bool anyAddress)
    {
        lock (_gate)
        {
            _allowed = true;
            return !anyAddress || _open || _fence is not { } fence || ArmLocked(fence);
        }
    }

    /// <summary>Closes everything at once; only <see cref="Arm"/> opens again.</summary>
    public void CloseAll()
    {
        lock (_gate)
        {
            _allowed = false;
            _open = false;
            _fence?.ExpireNow();
        }
    }

    public void Close(IPAddress address)
    {
        lock (_gate)
        {
            if (_fence is { } fence && fence.Addresses.Contains(address))
                fence.CloseAddress(address);
        }
    }

    /// <summary>The interface no longer has the address.</summary>
    public void Release(IPAddress address)
    {
        lock (_gate)
        {
            if (_fence is not { } fence || !fence.Addresses.Contains(address))
                return;
            fence.RemoveAddress(address);
            if (fence.Addresses.Count == 0)
                _open = false;
        }
    }

    public void Dispose() => _fence?.Dispose();

    private bool ArmLocked(IAddressFence fence)
    {
        long deadline = Volatile.Read(ref _deadline);
        if (deadline <= BootClock.NowNanoseconds())
            return false;
        _open = fence.Arm(deadline) == LeaseRenewal.Renewed;
        return _open;
    }
}
