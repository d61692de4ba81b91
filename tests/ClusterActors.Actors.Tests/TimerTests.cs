using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class TimerTests
{
    private static readonly TimeSpan Tenth = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static Action<IActorContext> With(Action<ITimerScheduler> order) => Script.Do(_ => order(Script.Instance!.Timers));

    // R-TM1
    [Fact]
    public void Timer_must_fire_at_its_time_and_not_before()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        actor.Tell(With(timers => timers.StartSingleTimer("k", "tick", Second)));
        kit.Settle();
        kit.Advance(Second - TimeSpan.FromTicks(1));
        Assert.False(kit.Probe.HasMessages);
        kit.Advance(TimeSpan.FromTicks(1));
        kit.ExpectMsg("tick");
        kit.ExpectNoMsg(TimeSpan.FromDays(1));
    }

    // R-TM1: a tick of the replaced timer that already waits is thrown away
    [Fact]
    public void Waiting_tick_must_be_discarded_when_its_timer_is_replaced_or_cancelled()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        actor.Tell(With(timers => timers.StartSingleTimer("k", "old", Second)));
        kit.Settle();
        // The handler itself lets the timer fire, so that its tick waits behind when the key is used again.
        actor.Tell(With(timers =>
        {
            kit.Clock.Advance(Second);
            timers.StartSingleTimer("k", "new", Second);
        }));
        kit.Settle();
        kit.Advance(Second);
        kit.ExpectMsg("new");
        actor.Tell(With(timers => timers.StartSingleTimer("k", "never", Second)));
        kit.Settle();
        actor.Tell(With(timers =>
        {
            kit.Clock.Advance(Second);
            timers.Cancel("k");
            Assert.False(timers.IsTimerActive("k"));
        }));
        kit.Settle();
        kit.ExpectNoMsg(Second);
    }

    // R-TM2
    [Fact]
    public void Timers_must_end_with_restart_before_the_hooks_run()
    {
        using var kit = new TestKitBase();
        var active = true;
        var actor = kit.Obedient(hooks: new Script.Hooks { PreRestart = (_, _, _) => active = Script.Instance!.Timers.IsTimerActive("k") });
        actor.Tell(With(timers => timers.StartPeriodicTimer("k", "tick", Second)));
        actor.Tell(new InvalidOperationException("x"));
        kit.Settle();
        Assert.False(active);
        kit.ExpectNoMsg(Second * 5);
        Assert.Equal(0, kit.Sys.Scheduler.Count);
    }

    // R-TM2
    [Fact]
    public void Timers_must_end_with_stop()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var actor = kit.Obedient();
        actor.Tell(With(timers => timers.StartPeriodicTimer("k", "tick", Second)));
        actor.Tell(PoisonPill.Instance);
        kit.Settle();
        lost.ExpectNoMsg(Second * 3);
        Assert.Equal(0, kit.Sys.Scheduler.Count);
    }

    // R-TM3
    [Fact]
    public void Poison_pill_on_a_timer_must_stop_the_actor()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        kit.Watch(actor);
        actor.Tell(With(timers => timers.StartSingleTimer("k", PoisonPill.Instance, Second)));
        kit.ExpectTerminated(actor);
    }

    // R-TM3: stashed ticks come back
    [Fact]
    public void Tick_must_be_stashable()
    {
        using var kit = new TestKitBase();
        var open = false;
        var actor = kit.ActorOf(Script.Props((message, context) =>
        {
            if (message is Action<IActorContext> order) order(context);
            else if (!open) Script.Instance!.Stash.Stash();
            else kit.TestActor.Tell(message, null);
        }));
        actor.Tell(With(timers => timers.StartSingleTimer("k", "tick", Second)));
        kit.Advance(Second);
        actor.Tell(Script.Do(_ =>
        {
            open = true;
            Script.Instance!.Stash.UnstashAll();
        }));
        kit.ExpectMsg("tick");
    }

    // D4: fixed delay, one tick after a stall
    [Fact]
    public void Periodic_timer_must_give_one_tick_after_a_stall_and_then_keep_its_distance()
    {
        using var kit = new TestKitBase();
        var ticks = new List<TimeSpan>();
        var stalled = false;
        var actor = kit.ActorOf(Script.Props((message, context) =>
        {
            switch (message)
            {
                case Action<IActorContext> order: order(context); break;
                default:
                    ticks.Add(kit.Clock.Elapsed);
                    if (!stalled)
                    {
                        stalled = true;
                        kit.Clock.Advance(Second * 3.5);
                    }
                    break;
            }
        }));
        actor.Tell(With(timers => timers.StartPeriodicTimer("k", "tick", Second)));
        kit.Settle();
        kit.Advance(Second * 7);
        Assert.Equal([1, 4.5, 5.5, 6.5], ticks.Take(4).Select(at => at.TotalSeconds));
    }

    // D4: fixed rate stays on its grid and leaves missed ticks out
    [Fact]
    public void Fixed_rate_timer_must_leave_out_missed_ticks_and_stay_on_its_grid()
    {
        using var kit = new TestKitBase();
        var ticks = new List<double>();
        var actor = kit.ActorOf(Script.Props((message, context) =>
        {
            if (message is Action<IActorContext> order)
            {
                order(context);
                return;
            }
            ticks.Add(kit.Clock.Elapsed.TotalSeconds);
        }));
        actor.Tell(With(timers => timers.StartTimerAtFixedRate("k", "tick", Second)));
        kit.Settle();
        kit.Advance(Second * 1.5);
        // A stall of 3.5 s before the tick of second 2 is taken.
        actor.Tell(Script.Do(_ => kit.Clock.Advance(Second * 3.2)));
        kit.Settle();
        kit.Advance(Second * 2);
        Assert.Equal([1, 4.7, 5, 6], ticks);
    }

    // R-TM5
    [Fact]
    public void Scheduler_must_keep_insertion_order_refuse_negative_delays_and_never_fire_cancelled_items()
    {
        using var kit = new TestKitBase();
        var scheduler = kit.Sys.Scheduler;
        scheduler.ScheduleTellOnce(Second, kit.TestActor, "a", null);
        var cancelled = scheduler.ScheduleTellOnceCancelable(Second, kit.TestActor, "never", null);
        scheduler.ScheduleTellOnce(Second, kit.TestActor, "b", null);
        scheduler.ScheduleTellOnce(TimeSpan.Zero, kit.TestActor, "at once", null);
        var repeated = scheduler.ScheduleTellRepeatedlyCancelable(Second * 2, Second, kit.TestActor, "again", null);
        cancelled.Cancel();
        kit.ExpectMsg("at once");
        kit.ExpectMsg("a");
        kit.ExpectMsg("b");
        kit.ExpectMsg("again");
        kit.ExpectMsg("again");
        repeated.Cancel();
        kit.ExpectNoMsg(Second * 5);
        Assert.True(cancelled.IsCancellationRequested);
        Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.ScheduleTellOnce(-Second, kit.TestActor, "x", null));
        Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.ScheduleTellRepeatedlyCancelable(Second, TimeSpan.Zero, kit.TestActor, "x", null));
    }

    // R-TM5: after shutdown
    [Fact]
    public void Scheduler_must_refuse_work_after_the_end_of_the_system()
    {
        using var kit = new TestKitBase();
        kit.Await(kit.Sys.Terminate());
        Assert.Throws<ObjectDisposedException>(() => kit.Sys.Scheduler.ScheduleOnceCancelable(Second, () => { }));
    }

    // R-TM6 on the real clock: all fire, none early
    [Fact]
    public void Real_timers_must_all_fire_and_never_early()
    {
        using var kit = new TestKitBase(new RealDriver());
        var early = 0;
        var left = 200;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < 200; i++)
        {
            var delay = TimeSpan.FromMilliseconds(i % 40);
            var start = TimeProvider.System.GetTimestamp();
            kit.Sys.Scheduler.ScheduleOnceCancelable(delay, () =>
            {
                if (TimeProvider.System.GetElapsedTime(start) < delay) Interlocked.Increment(ref early);
                if (Interlocked.Decrement(ref left) == 0) done.SetResult();
            });
        }
        kit.Await(done.Task, TimeSpan.FromSeconds(20));
        Assert.Equal(0, early);
    }

    // The heap by itself, against a sorted list
    [Fact]
    public void Heap_must_give_items_by_due_time_and_insertion_when_items_are_removed_at_random()
    {
        var random = new Random(1);
        var heap = new DueHeap();
        var expected = new List<Item>();
        for (var step = 0; step < 5000; step++)
        {
            if (random.Next(3) > 0 || expected.Count == 0)
            {
                var item = new Item { Due = random.Next(50) };
                heap.Add(item);
                expected.Add(item);
            }
            else
            {
                var victim = expected[random.Next(expected.Count)];
                expected.Remove(victim);
                Assert.True(heap.Remove(victim));
                Assert.False(heap.Remove(victim));
            }
        }
        foreach (var item in expected.OrderBy(item => item.Due).ThenBy(item => item.Order).ToList())
        {
            Assert.Same(item, heap.First);
            heap.Remove(item);
        }
        Assert.Equal(0, heap.Count);
    }

    private sealed class Item : ScheduledItem
    {
        internal override void Fire() { }
    }

    private sealed record Quiet : INotInfluenceReceiveTimeout;

    // R-RT1
    [Fact]
    public void ReceiveTimeout_must_come_again_and_again_until_it_is_turned_off()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        actor.Tell(Script.Do(context => context.SetReceiveTimeout(Second)));
        for (var i = 0; i < 3; i++) kit.ExpectMsg<ReceiveTimeout>(Second);
        actor.Tell(Script.Do(context => context.SetReceiveTimeout(null)));
        kit.Settle();
        kit.ExpectNoMsg(Second * 5);
    }

    // R-RT1
    [Fact]
    public void ReceiveTimeout_must_be_pushed_back_by_messages_except_transparent_ones()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        actor.Tell(Script.Do(context => context.SetReceiveTimeout(Second)));
        kit.Settle();
        kit.Advance(Second * 0.9);
        actor.Tell("hello", null);
        kit.ExpectMsg("hello");
        kit.ExpectNoMsg(Second * 0.9);
        actor.Tell(new Quiet(), null);
        actor.Tell(new Identify(1), null);
        kit.ExpectMsg<Quiet>();
        kit.ExpectMsg<ReceiveTimeout>(Tenth + TimeSpan.FromMilliseconds(1));
    }

    // R-RT1: nothing afterwards
    [Fact]
    public void ReceiveTimeout_must_end_with_the_actor()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var actor = kit.Obedient();
        actor.Tell(Script.Do(context => context.SetReceiveTimeout(Second)));
        actor.Tell(PoisonPill.Instance);
        kit.Settle();
        lost.ExpectNoMsg(Second * 3);
        Assert.Equal(0, kit.Sys.Scheduler.Count);
    }
}
