using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Addresses;

/// <summary>The arithmetic of S1 for the lease the kernel counts by itself.</summary>
public sealed class FenceLeaseTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(4);

    [Fact]
    public void Grant_must_be_shortened_to_what_S1_allows_when_the_default_profile_meets_nftables()
    {
        GuardianSettings settings = TestSettings.Pair();
        FenceLease lease = FenceLease.For(settings, Tick);
        Assert.Equal((600, 8), (lease.Arm.TotalMilliseconds, lease.Lateness.TotalMilliseconds));
        Assert.Equal(1391, lease.GrantFor(settings).TotalMilliseconds);
        Assert.Null(lease.WhyNot(settings));
        Assert.Equal(1300, lease.GrantFor(settings with { Grant = TimeSpan.FromMilliseconds(1300) }).TotalMilliseconds);
    }

    [Theory]
    [InlineData(200, 2000, 1970, 1)]
    [InlineData(200, 2000, 1970, 30)]
    [InlineData(1000, 10000, 9800, 1)]
    [InlineData(50, 600, 500, 1)]
    [InlineData(10, 80, 60, 1)]
    public void Inequality_must_hold_with_the_longest_grant_and_not_with_one_more(int interval, int timeout, int grant, int ratio)
    {
        GuardianSettings settings = Settings(interval, timeout, grant) with { Ratio = ratio };
        FenceLease lease = FenceLease.For(settings, Tick);
        Assert.Null(lease.WhyNot(settings));
        double longest = lease.LongestGrant(settings).TotalMilliseconds;
        Assert.True(Holds(longest), "S1 is broken");
        Assert.False(Holds(longest + 1), "the grant could be longer");

        bool Holds(double length) =>
            (length * (1 + FenceLease.ClockRateError)) + lease.Arm.TotalMilliseconds + lease.Lateness.TotalMilliseconds < timeout * ratio * (1 - FenceLease.ClockRateError);
    }

    [Theory]
    [InlineData(50, 300, 275)]
    [InlineData(10, 40, 30)]
    public void Addresses_must_be_refused_when_the_profile_leaves_no_room_for_the_lease(int interval, int timeout, int grant)
    {
        GuardianSettings settings = Settings(interval, timeout, grant);
        string? problem = FenceLease.For(settings, Tick).WhyNot(settings);
        Assert.Contains("S1", problem, StringComparison.Ordinal);
        Assert.Contains($"timeout {timeout} ms", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Lateness_must_be_two_ticks_of_the_kernel()
    {
        GuardianSettings settings = TestSettings.Pair();
        Assert.Equal(1379, FenceLease.For(settings, TimeSpan.FromMilliseconds(10)).GrantFor(settings).TotalMilliseconds);
        Assert.InRange(Linux.Time.BootClock.Tick().TotalMilliseconds, 0.9, 10.1);
    }

    private static GuardianSettings Settings(int interval, int timeout, int grant) => TestSettings.Pair() with
    {
        Interval = TimeSpan.FromMilliseconds(interval),
        Timeout = TimeSpan.FromMilliseconds(timeout),
        Grant = TimeSpan.FromMilliseconds(grant),
    };
}
