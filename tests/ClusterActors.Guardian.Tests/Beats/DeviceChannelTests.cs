using ClusterActors.Guardian.Beats.Devices;
using ClusterActors.Heartbeats.Disk;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Beats;

/// <summary>A device that hangs holds up nobody, and is told from a silent peer.</summary>
public sealed class DeviceChannelTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(300);

    [Fact]
    public void Hanging_device_must_be_told_and_must_not_hold_up_the_beat_thread()
    {
        using var channel = new Slow();
        channel.Start();
        Pair.GuardianPair.Until("the device is ready", () => channel.TryTell(out DeviceReport told) && told.State == DeviceState.Ready);
        channel.Gate.Reset();
        Offer(channel);
        var warned = new List<byte>();
        Pair.GuardianPair.Until("the device hangs", () =>
        {
            if (channel.TryWarn(BootClock.NowNanoseconds(), out byte percent, out _, out LateSide side))
            {
                warned.Add(percent);
                Assert.Equal(LateSide.Sender, side);
            }

            return channel.TryTell(out DeviceReport told) && told.State == DeviceState.Hanging;
        });
        Assert.Equal([50, 80], warned);
        Assert.Contains("a write has not returned", channel.Report.Detail, StringComparison.Ordinal);

        // One more pass fits, then the beat thread makes none until the device is back.
        Assert.True(channel.Outbox.IsFree);
        Offer(channel);
        Assert.False(channel.WantsBeats(long.MaxValue / 2));
        channel.Gate.Set();
        Pair.GuardianPair.Until("the device works again", () => channel.TryTell(out DeviceReport told) && told.State == DeviceState.Ready);
    }

    [Fact]
    public void Failed_device_must_be_opened_anew()
    {
        using var channel = new Slow { Failing = true };
        channel.Start();
        Pair.GuardianPair.Until("the failure is told", () => channel.TryTell(out DeviceReport told) && told.State == DeviceState.Failed);
        channel.Failing = false;
        Pair.GuardianPair.Until("the device was opened again", () => channel.Opened >= 2 && channel.Report.State == DeviceState.Ready);
    }

    [Fact]
    public void Beats_that_waited_too_long_must_not_be_written()
    {
        var outbox = new BeatOutbox(1);
        outbox.Put(0, [1, 2, 3]);
        outbox.Publish(BootClock.NowNanoseconds() - 1_000_000_000);
        Assert.False(outbox.TryTake(999_000_000));
        Assert.True(outbox.IsFree);
        outbox.Put(0, [4, 5]);
        outbox.Publish(BootClock.NowNanoseconds());
        Assert.True(outbox.TryTake(60_000_000_000));
        Assert.Equal([4, 5], outbox.Beat(0).ToArray());
    }

    [Fact]
    public void Inbox_must_keep_the_order_and_drop_what_does_not_fit()
    {
        using var wake = new EventFd();
        var inbox = new BeatInbox(wake, 4);
        for (byte i = 0; i < 6; i++)
            inbox.Add([i], i);
        inbox.Add(new byte[DiskPage.MaxBeat + 1], 9);
        var to = new byte[DiskPage.MaxBeat];
        for (byte i = 0; i < 4; i++)
        {
            Assert.True(inbox.TryTake(to, out int length, out long at));
            Assert.Equal((1, (long)i, i), (length, at, to[0]));
        }

        Assert.False(inbox.TryTake(to, out _, out _));
        Assert.NotEqual(0ul, wake.Take());
    }

    private static void Offer(DeviceChannel channel)
    {
        channel.Outbox.Put(0, [1]);
        channel.Publish(BootClock.NowNanoseconds());
    }

    private sealed class Slow() : DeviceChannel(1, "slow", [1], TimeSpan.FromMilliseconds(20), DeviceChannelTests.Limit, 0)
    {
        public ManualResetEventSlim Gate { get; } = new(true);

        public bool Failing { get; set; }

        public int Opened { get; private set; }

        protected override DeviceReport? Open()
        {
            Opened++;
            return null;
        }

        protected override DeviceReport? Work()
        {
            if (Outbox.TryTake(Limit))
            {
                Outbox.Release();
                Begin(LateSide.Sender);
                Gate.Wait(TimeSpan.FromSeconds(30));
                End();
            }

            return Failing ? new DeviceReport(DeviceState.Failed, "broken") : null;
        }

        protected override void Close()
        {
        }
    }
}
