using System.Net;
using ClusterActors.Guardian.Beats;
using ClusterActors.Linux.Net;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Addresses;

/// <summary>
/// The fence between the three threads that use it: the beat thread renews, the address thread builds and opens, the control thread closes.
/// Renewing takes no lock (the fence allows it beside anything); everything else is serialised here.
/// </summary>
internal sealed class FenceLeases(IBootClock clock) : ILeases, IDisposable
{
    /// <summary>Far beyond every grant, and still to be added to a clock.</summary>
    private const long Unlimited = long.MaxValue / 4;

    /// <summary>A renewal is one system call at most.</summary>
    private static readonly TimeSpan LongestRenewal = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private volatile IAddressFence? _fence;
    private IAddressFence? _retired;
    private FenceLease? _lease;
    private GuardianSettings? _settings;
    private volatile bool _open;
    private volatile bool _broken;
    private bool _allowed;
    private long _passTime;
    private long _grant;
    private long _span = Unlimited;
    private long _shortVow = Unlimited;
    private int _renewing;

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

    /// <inheritdoc/>
    public void RestOn(long vow) => Volatile.Write(ref _shortVow, vow);

    public bool Renew(long passTime, long deadline)
    {
        Volatile.Write(ref _grant, deadline - passTime);
        Volatile.Write(ref _passTime, passTime);
        if (_broken)
        {
            _broken = false;
            return false;
        }

        // Said before looking: who exchanges the fence closes first, then waits for this to be over, and may then dispose of the old one.
        Interlocked.Exchange(ref _renewing, 1);
        bool renewed = !_open || _fence is not { } fence || fence.Renew(Deadline()) == LeaseRenewal.Renewed;
        Volatile.Write(ref _renewing, 0);
        if (renewed)
            return true;

        // CloseAll on another thread makes a renewal fail as well; then nothing was lost that should be open.
        bool lost = _open;
        _open = false;
        return !lost;
    }

    /// <summary>Null, or why the addresses under the present fence could not be kept safe with these settings.</summary>
    public string? WhyNot(GuardianSettings settings)
    {
        lock (_gate)
            return _lease?.WhyNot(settings);
    }

    /// <summary>Settings that are about to be in force: from now on no lease is longer than they allow.</summary>
    public void Apply(GuardianSettings settings)
    {
        lock (_gate)
        {
            _settings = settings;
            LimitLocked();
        }
    }

    /// <summary>Puts a fence to use in place of another.</summary>
    /// <param name="lease">How its lease is limited; null when its deadline is absolute.</param>
    public void Use(IAddressFence fence, FenceLease? lease)
    {
        lock (_gate)
        {
            ExchangeLocked(fence, lease);
        }
    }

    /// <summary>The present fence no longer suits the settings and fences nothing: do without rather than with it.</summary>
    public void Drop()
    {
        lock (_gate)
        {
            ExchangeLocked(null, null);
        }
    }

    /// <summary>Compares the kernel's state with what was installed. On the thread that builds the fence.</summary>
    public FenceInspection Inspect()
    {
        try
        {
            return _fence?.Inspect() ?? new FenceInspection(false, ["none is installed"]);
        }
        catch (NetworkException e)
        {
            return new FenceInspection(false, [e.Message]);
        }
    }

    /// <summary>The fence is not what it should be: everything is closed and the beat thread counts the lease as lost. Returns why closing failed, or null.</summary>
    public string? Break()
    {
        lock (_gate)
        {
            _broken = _allowed;
            _open = false;
            try
            {
                _fence?.ExpireNow();
                return null;
            }
            catch (NetworkException e)
            {
                return e.Message;
            }
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
            _broken = false;
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

    public void Dispose()
    {
        _retired?.Dispose();
        _fence?.Dispose();
    }

    private void ExchangeLocked(IAddressFence? fence, FenceLease? lease)
    {
        _open = false;
        _retired?.Dispose();
        (_retired, _fence, _lease) = (_fence, fence, lease);
        LimitLocked();
        Interlocked.MemoryBarrier();

        // What it holds open in the kernel may keep dropping packets, so it goes now; only one whose renewal hangs is left for the next exchange.
        if (SpinWait.SpinUntil(() => Volatile.Read(ref _renewing) == 0, LongestRenewal))
        {
            _retired?.Dispose();
            _retired = null;
        }
    }

    private void LimitLocked()
    {
        long span = _lease is { } lease && _settings is { } settings ? lease.GrantFor(settings).Ticks * 100 : Unlimited;
        Volatile.Write(ref _span, span);
    }

    /// <summary>Counted anew each time, so that a limit that has just become shorter already holds.</summary>
    private long Deadline() => Volatile.Read(ref _passTime) + Math.Min(Volatile.Read(ref _grant), SpanFor(Volatile.Read(ref _shortVow)));

    /// <summary>S1 asks about the vow that was given; one shorter than the own timeout allows a shorter lease.</summary>
    private long SpanFor(long vow)
    {
        long span = Volatile.Read(ref _span);
        return span != Unlimited && _lease is { } lease && _settings is { } settings && vow < settings.Timeout.Ticks * 100 * settings.Ratio
            ? Math.Clamp(lease.LongestGrant(TimeSpan.FromTicks(vow / 100)).Ticks * 100, 0, span)
            : span;
    }

    private bool ArmLocked(IAddressFence fence)
    {
        long deadline = Deadline();
        if (deadline <= clock.Now)
            return false;
        _open = fence.Arm(deadline) == LeaseRenewal.Renewed;
        return _open;
    }
}
