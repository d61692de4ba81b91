using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class TestKitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // R-TK4: steps, order, dating of what is scheduled on the way
    [Fact]
    public void Virtual_time_must_step_through_due_times_in_order()
    {
        var clock = new VirtualTime();
        var log = new List<string>();
        ITimer? inner = null;
        using var periodic = clock.CreateTimer(_ => log.Add($"p{clock.Elapsed.TotalSeconds}"), null, Second, Second);
        using var once = clock.CreateTimer(
            _ => inner = clock.CreateTimer(_ => log.Add($"inner{clock.Elapsed.TotalSeconds}"), null, Second, Timeout.InfiniteTimeSpan),
            null, Second * 1.5, Timeout.InfiniteTimeSpan);
        using var never = clock.CreateTimer(_ => log.Add("never"), null, Second, Second);
        never.Dispose();
        clock.Advance(Second * 3);
        inner!.Dispose();
        Assert.Equal(["p1", "p2", "inner2.5", "p3"], log);
        Assert.Equal(Second * 3, clock.Elapsed);
        Assert.Equal(Second, clock.UntilNext);
    }

    // D6: all clocks of the runtime follow
    [Fact]
    public void Virtual_time_must_drive_delays_tokens_and_timestamps()
    {
        var clock = new VirtualTime();
        var delay = Task.Delay(Second, clock);
        using var source = new CancellationTokenSource(Second, clock);
        var start = clock.GetTimestamp();
        var wall = clock.GetUtcNow();
        clock.Advance(Second);
        Assert.True(delay.IsCompleted && source.IsCancellationRequested);
        Assert.Equal(Second, clock.GetElapsedTime(start));
        clock.JumpWallClock(TimeSpan.FromHours(-1));
        Assert.Equal(wall + Second - TimeSpan.FromHours(1), clock.GetUtcNow());
        Assert.Equal(Second, clock.GetElapsedTime(start));
    }

    // R-TK1
    [Fact]
    public void Probe_must_fail_on_the_wrong_message_and_on_silence()
    {
        using var kit = new TestKitBase();
        kit.TestActor.Tell(1);
        Assert.Throws<TestKitException>(() => kit.ExpectMsg<string>());
        Assert.Throws<TestKitException>(() => kit.ExpectMsg<int>());
        Assert.Equal(TimeSpan.FromSeconds(3), kit.Clock.Elapsed);
        kit.TestActor.Tell(1);
        Assert.Throws<TestKitException>(() => kit.ExpectNoMsg());
        Assert.Throws<TestKitException>(() => kit.ExpectMsg(2));
    }

    // R-TK1
    [Fact]
    public void Probe_must_leave_the_first_other_message_in_the_queue()
    {
        using var kit = new TestKitBase();
        foreach (var message in new object[] { 1, 2, "other", 3, "wanted" }) kit.TestActor.Tell(message, null);
        Assert.Equal([1, 2], kit.Probe.ReceiveWhile<int>());
        kit.ExpectMsg("other");
        Assert.Equal("wanted", kit.Probe.FishForMessage<string>());
        Assert.Throws<TestKitException>(() => kit.Probe.ReceiveN(1));
        kit.TestActor.Tell(1);
        Assert.Throws<TestKitException>(() => kit.Probe.ExpectMsgAllOf(1, 2));
    }

    // R-TK1
    [Fact]
    public void Probe_must_reply_forward_and_end_like_any_actor()
    {
        using var kit = new TestKitBase();
        var other = kit.CreateTestProbe();
        other.Send(kit.TestActor, "q");
        kit.ExpectMsg("q");
        kit.Probe.Reply("a");
        other.ExpectMsg("a");
        kit.Probe.Forward(other.Ref);
        other.ExpectMsg("q");
        Assert.Equal(other.Ref, other.LastSender);
        kit.Watch(other.Ref);
        kit.Sys.Stop(other.Ref);
        kit.ExpectTerminated(other.Ref);
    }

    // R-TK2
    [Fact]
    public void Within_must_bound_waits_inside_and_fail_when_too_fast_or_too_slow()
    {
        using var kit = new TestKitBase();
        Assert.Throws<TestKitException>(() => kit.Within(Second, () => kit.ExpectMsg<string>()));
        Assert.Equal(Second, kit.Clock.Elapsed);
        Assert.Throws<TestKitException>(() => kit.Within(Second, Second * 2, () => 1));
        Assert.Throws<TestKitException>(() => kit.Within(Second, () => kit.Advance(Second * 2)));
        kit.Within(Second * 5, () => Assert.Throws<TestKitException>(() => kit.Within(Second * 60, () => kit.ExpectMsg<string>(Second * 4.9))));
    }

    // R-TK2
    [Fact]
    public void Task_of_another_thread_must_be_given_real_time_when_the_virtual_one_is_over()
    {
        var driver = new VirtualDriver();
        var done = new TaskCompletionSource();
        var other = new Thread(() =>
        {
            SpinWait.SpinUntil(() => driver.Clock.Elapsed >= Second, Second * 10);
            done.SetResult();
        });
        other.Start();
        driver.Await(done.Task, Second);
        other.Join();
    }

    // R-TK2
    [Fact]
    public void AwaitAssert_must_retry_while_time_passes_and_show_the_last_failure()
    {
        using var kit = new TestKitBase();
        var ticks = 0;
        kit.Sys.Scheduler.ScheduleOnceCancelable(Second, () => ticks++);
        kit.AwaitAssert(() => Assert.Equal(1, ticks));
        var failure = Assert.Throws<TestKitException>(() => kit.AwaitAssert(() => throw new FormatException("why")));
        Assert.IsType<FormatException>(failure.InnerException);
    }

    // R-TK3
    [Fact]
    public void EventFilter_must_count_only_what_matches()
    {
        using var kit = new TestKitBase();
        var log = kit.Sys.LogFor(kit.TestActor.Path);
        kit.EventFilter(LogLevel.Warning, "disk").Expect(2, () =>
        {
            log.Warning("disk {Name} is late", "sda");
            log.Info("disk is fine");
            log.Warning("disk again");
        });
        Assert.Throws<TestKitException>(() => kit.EventFilter(LogLevel.Error).ExpectOne(() => log.Warning("x")));
        Assert.Throws<TestKitException>(() => kit.EventFilter(LogLevel.Error).Expect(0, () => log.Error("x")));
    }

    // D6, architecture 12: two systems on one driver are one repeatable cluster
    [Fact]
    public void Two_systems_on_one_driver_must_share_clock_and_turns()
    {
        List<string> Run(int seed)
        {
            var driver = new VirtualDriver(seed);
            using var one = new TestKitBase(driver, "one");
            using var two = new TestKitBase(driver, "two");
            var log = new List<string>();
            foreach (var kit in new[] { one, two })
            {
                for (var i = 0; i < 5; i++)
                {
                    var name = $"{kit.Sys.Name}{i}";
                    kit.Sys.Scheduler.ScheduleTellOnce(
                        Second, kit.ActorOf(Script.Props((_, _) => log.Add($"{name}@{driver.Clock.Elapsed.TotalSeconds}"))), "tick", null);
                }
            }
            driver.Pass(Second * 2);
            return log;
        }
        Assert.Equal(Run(1), Run(1));
        Assert.Equal(10, Run(1).Count(line => line.EndsWith("@1", StringComparison.Ordinal)));
    }
}
