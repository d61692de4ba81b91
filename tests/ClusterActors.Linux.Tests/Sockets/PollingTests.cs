using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Tests.Sockets;

public sealed class PollingTests
{
    [Fact]
    public void Event_must_wake_a_poll_and_be_taken_once()
    {
        using var signal = new EventFd();
        using var poll = new PollSet(2);
        var slot = poll.Add(signal.FileDescriptor);
        Assert.Equal(0, poll.WaitUntil(0));
        Assert.Equal(PollEvents.None, poll[slot]);

        signal.Signal();
        signal.Signal();

        Assert.Equal(1, poll.WaitUntil(BootClock.NowNanoseconds() + 5_000_000_000));
        Assert.Equal(PollEvents.Readable, poll[slot]);
        Assert.Equal(2UL, signal.Take());
        Assert.Equal(0UL, signal.Take());
        Assert.Equal(0, poll.WaitUntil(0));
    }

    [Fact]
    public void Poll_must_end_at_its_instant()
    {
        using var poll = new PollSet(1);
        var instant = BootClock.NowNanoseconds() + 20_000_000;

        Assert.Equal(0, poll.WaitUntil(instant));

        Assert.True(BootClock.NowNanoseconds() >= instant);
    }

    [Fact]
    public void Emptied_slot_must_not_be_asked_any_more()
    {
        using var signal = new EventFd();
        using var poll = new PollSet(1);
        var slot = poll.Add(signal.FileDescriptor);
        signal.Signal();

        poll.Set(slot, -1);

        Assert.Equal(0, poll.WaitUntil(0));
        Assert.Throws<InvalidOperationException>(() => poll.Add(signal.FileDescriptor));
    }

    [Fact]
    public void Timer_must_fire_at_its_instant_and_not_after_disarming()
    {
        using var timer = new TimerFd();
        using var poll = new PollSet(1);
        poll.Add(timer.FileDescriptor);
        timer.Arm(BootClock.NowNanoseconds() + 10_000_000);
        Assert.Equal(1, poll.WaitUntil(BootClock.NowNanoseconds() + 5_000_000_000));
        Assert.True(timer.Take());

        timer.Arm(BootClock.NowNanoseconds() + 10_000_000);
        timer.Disarm();

        Assert.Equal(0, poll.WaitUntil(BootClock.NowNanoseconds() + 30_000_000));
        Assert.False(timer.Take());
    }

    /// <summary>Armed for the same instant in each round, as by one whose work is not done when its time has come.</summary>
    [Fact]
    public void Timer_armed_again_for_the_instant_at_which_it_fired_must_fire_again()
    {
        using var timer = new TimerFd();
        using var poll = new PollSet(1);
        poll.Add(timer.FileDescriptor);
        var passed = BootClock.NowNanoseconds();
        for (var round = 0; round < 3; round++)
        {
            timer.Arm(passed);
            timer.Arm(passed);
            Assert.Equal(1, poll.WaitUntil(BootClock.NowNanoseconds() + 5_000_000_000));
            Assert.True(timer.Take());
            Assert.False(timer.Take());
        }
    }

    [Fact]
    public void Set_of_many_must_name_the_ready_ones_and_be_pollable_itself()
    {
        using var first = new EventFd();
        using var second = new EventFd();
        using var many = new EpollSet();
        using var poll = new PollSet(1);
        poll.Add(many.FileDescriptor);
        many.Add(first.FileDescriptor, PollEvents.Readable, 7_000_000_001);
        many.Add(second.FileDescriptor, PollEvents.Readable, -3);
        var tokens = new long[8];
        Assert.Equal(0, many.Poll(tokens));

        second.Signal();
        Assert.Equal(1, poll.WaitUntil(BootClock.NowNanoseconds() + 5_000_000_000));
        Assert.Equal([-3L], tokens[..many.Poll(tokens)]);
        first.Signal();
        Assert.Equal([-3L, 7_000_000_001L], tokens[..many.Poll(tokens)].Order());
        many.Remove(second.FileDescriptor);
        Assert.Equal([7_000_000_001L], tokens[..many.Poll(tokens)]);
    }
}
