using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Tests.Time;

public sealed class TimeTests
{
    [Fact]
    public void Boot_clock_must_agree_with_the_kernels_uptime()
    {
        var before = BootClock.NowNanoseconds();
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0]) * 1e9;
        var after = BootClock.NowNanoseconds();

        // /proc/uptime has two decimals.
        Assert.InRange(uptime, before - 20_000_000, after + 20_000_000);
    }

    [Fact]
    public void Sleep_must_end_after_its_instant_and_at_once_when_that_has_passed()
    {
        var instant = BootClock.NowNanoseconds() + 20_000_000;

        AbsoluteSleep.Until(instant);
        Assert.True(BootClock.NowNanoseconds() >= instant);

        var before = BootClock.NowNanoseconds();
        AbsoluteSleep.Until(1);
        Assert.InRange(BootClock.NowNanoseconds() - before, 0, 1_000_000_000);
    }

    [Fact]
    public void Clock_and_timer_calls_must_not_allocate()
    {
        using var timer = new KillTimer();
        long Round()
        {
            AbsoluteSleep.Until(BootClock.NowNanoseconds());
            timer.Arm(BootClock.NowNanoseconds() + 3_600_000_000_000);
            timer.Disarm();
            return BootClock.RealtimeNanoseconds() + BootClock.MonotonicNanoseconds();
        }

        Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
            Round();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Boot_id_must_be_the_kernels_and_fold_to_something()
    {
        var id = BootIdentity.Read();

        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), id.ToString());
        Assert.NotEqual(0UL, BootIdentity.Fold(id));
        Assert.Equal(BootIdentity.Fold(id), BootIdentity.Fold(BootIdentity.Read()));
    }
}
