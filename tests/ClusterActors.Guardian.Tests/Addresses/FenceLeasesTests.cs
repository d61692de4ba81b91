using System.Net;
using ClusterActors.Guardian.Addresses;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Addresses;

/// <summary>Which deadlines reach the kernel.</summary>
public sealed class FenceLeasesTests
{
    private const long Millisecond = 1_000_000;
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.50");
    private static readonly GuardianSettings Settings = TestSettings.Pair();

    [Theory]
    [InlineData(true, 1391)]
    [InlineData(false, 1970)]
    public void Lease_must_end_with_what_S1_allows_for_the_kind_in_use(bool relative, int expected)
    {
        var fence = new FakeFence();
        using var leases = new FenceLeases(KernelBootClock.Instance);
        leases.Apply(Settings);
        leases.Use(fence, relative ? new FenceLease(TimeSpan.FromMilliseconds(600), TimeSpan.FromMilliseconds(8)) : null);
        long pass = BootClock.NowNanoseconds();
        Assert.True(leases.Renew(pass, pass + (1970 * Millisecond)));
        leases.Enclose(Address);
        leases.Arm(anyAddress: false);

        Assert.True(leases.Open(Address));
        Assert.True(leases.Renew(pass, pass + (1970 * Millisecond)));

        Assert.Equal([pass + (expected * Millisecond), pass + (expected * Millisecond)], fence.Deadlines);
    }

    [Fact]
    public void Lease_must_be_shortened_at_once_when_new_settings_allow_less()
    {
        var fence = new FakeFence();
        using var leases = new FenceLeases(KernelBootClock.Instance);
        leases.Apply(Settings);
        leases.Use(fence, new FenceLease(TimeSpan.FromMilliseconds(600), TimeSpan.FromMilliseconds(8)));
        long pass = BootClock.NowNanoseconds();
        leases.Renew(pass, pass + (1970 * Millisecond));
        leases.Arm(anyAddress: false);
        leases.Enclose(Address);

        leases.Apply(Settings with { Timeout = TimeSpan.FromMilliseconds(1600), Grant = TimeSpan.FromMilliseconds(1500) });
        Assert.True(leases.Open(Address));

        Assert.Equal(pass + (991 * Millisecond), Assert.Single(fence.Deadlines));
    }

    [Fact]
    public void Beat_thread_must_count_the_lease_as_lost_once_when_the_fence_is_found_broken()
    {
        var fence = new FakeFence();
        using var leases = new FenceLeases(KernelBootClock.Instance);
        leases.Apply(Settings);
        leases.Use(fence, null);
        long pass = BootClock.NowNanoseconds();
        leases.Renew(pass, pass + (1970 * Millisecond));
        leases.Arm(anyAddress: false);
        leases.Enclose(Address);
        Assert.True(leases.Open(Address));

        Assert.Null(leases.Break());

        Assert.Equal(1, fence.Expired);
        Assert.False(leases.Renew(pass, pass + (1970 * Millisecond)));
        Assert.True(leases.Renew(pass, pass + (1970 * Millisecond)));
        Assert.Single(fence.Deadlines);
    }

    [Fact]
    public void Former_fence_must_be_disposed_of_only_when_its_renewal_is_over()
    {
        FakeFence[] fences = [new() { Hangs = true }, new(), new()];
        using var leases = new FenceLeases(KernelBootClock.Instance);
        leases.Apply(Settings);
        leases.Use(fences[0], null);
        long pass = BootClock.NowNanoseconds();
        leases.Renew(pass, pass + (1970 * Millisecond));
        leases.Arm(anyAddress: false);
        leases.Enclose(Address);
        Assert.True(leases.Open(Address));
        var beat = new Thread(() => leases.Renew(pass, pass + (1970 * Millisecond)));
        beat.Start();
        Assert.True(fences[0].Hanging.Wait(TimeSpan.FromSeconds(10)));

        leases.Use(fences[1], null);
        Assert.False(fences[0].Disposed, "the beat thread is still in it");
        fences[0].GoOn.Set();
        Assert.True(beat.Join(TimeSpan.FromSeconds(10)));
        leases.Use(fences[2], null);
        Assert.True(fences[0].Disposed && fences[1].Disposed);
        Assert.False(fences[2].Disposed);
    }

    private sealed class FakeFence : IAddressFence
    {
        private readonly HashSet<IPAddress> _addresses = [];

        public List<long> Deadlines { get; } = [];

        public int Expired { get; private set; }

        public bool Disposed { get; private set; }

        public bool Hangs { get; init; }

        public ManualResetEventSlim Hanging { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public FenceKind Kind => FenceKind.Nftables;

        public bool HasAbsoluteDeadline => false;

        public IReadOnlyCollection<IPAddress> Addresses => _addresses;

        public void Install()
        {
        }

        public void AddAddress(IPAddress address) => _addresses.Add(address);

        public void OpenAddress(IPAddress address) => Assert.Contains(address, _addresses);

        public void CloseAddress(IPAddress address) => Assert.Contains(address, _addresses);

        public void RemoveAddress(IPAddress address) => _addresses.Remove(address);

        public LeaseRenewal Arm(long deadlineBoottimeNs)
        {
            Deadlines.Add(deadlineBoottimeNs);
            return LeaseRenewal.Renewed;
        }

        public LeaseRenewal Renew(long deadlineBoottimeNs)
        {
            if (Hangs)
            {
                Hanging.Set();
                Assert.True(GoOn.Wait(TimeSpan.FromSeconds(20)));
            }

            return Arm(deadlineBoottimeNs);
        }

        public void ExpireNow() => Expired++;

        public FenceInspection Inspect() => new(true, []);

        public string Describe() => "fake";

        public void Remove() => _addresses.Clear();

        public void Dispose()
        {
            Disposed = true;
            Hanging.Dispose();
            GoOn.Dispose();
        }
    }
}
