using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class BackoffTests
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(10);

    private static BackoffOptions OnStop(TestKitBase kit) => Backoff.OnStop(Script.Obedient(kit.TestActor), "kid", Min, Max, 0);

    private static IActorRef? ChildOf(TestKitBase kit, IActorRef supervisor) =>
        kit.Await(supervisor.Ask<BackoffSupervisor.CurrentChild>(BackoffSupervisor.GetCurrentChild.Instance)).Ref;

    private static int CountOf(TestKitBase kit, IActorRef supervisor) =>
        kit.Await(supervisor.Ask<BackoffSupervisor.RestartCount>(BackoffSupervisor.GetRestartCount.Instance)).Count;

    // R-SV9: the delay
    [Theory]
    [InlineData(0, 100, 10_000, 0.0, 0.0, 100)]
    [InlineData(1, 100, 10_000, 0.0, 0.0, 200)]
    [InlineData(5, 100, 10_000, 0.0, 0.0, 3200)]
    [InlineData(9, 100, 10_000, 0.0, 0.0, 10_000)]
    [InlineData(0, 100, 10_000, 0.2, 1.0, 120)]
    [InlineData(9, 100, 10_000, 0.2, 0.5, 11_000)]
    [InlineData(int.MaxValue, 100, 10_000, 0.2, 1.0, 10_000)]
    public void Delay_must_double_up_to_the_maximum(int count, int min, int max, double factor, double random, int expected) =>
        Assert.Equal(expected, BackoffSupervisor.CalculateDelay(count, TimeSpan.FromMilliseconds(min), TimeSpan.FromMilliseconds(max), factor, random).TotalMilliseconds);

    // R-SV9: on stop; growing delays; auto reset
    [Fact]
    public void Child_must_come_back_after_growing_delays_and_the_count_reset_when_it_stays_well()
    {
        using var kit = new TestKitBase();
        var supervisor = kit.ActorOf(BackoffSupervisor.Props(OnStop(kit).WithAutoReset(TimeSpan.FromSeconds(5))));
        kit.Settle();
        foreach (var delay in new[] { 100, 200, 400 })
        {
            ChildOf(kit, supervisor)!.Tell(PoisonPill.Instance);
            kit.Settle();
            kit.Advance(TimeSpan.FromMilliseconds(delay - 1));
            Assert.Null(ChildOf(kit, supervisor));
            kit.Advance(TimeSpan.FromMilliseconds(1));
            Assert.NotNull(ChildOf(kit, supervisor));
        }
        Assert.Equal(3, CountOf(kit, supervisor));
        kit.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, CountOf(kit, supervisor));
    }

    // R-SV9: on failure the child is stopped and made again
    [Fact]
    public void Failing_child_must_be_made_again_after_the_delay()
    {
        using var kit = new TestKitBase();
        var supervisor = kit.ActorOf(BackoffSupervisor.Props(Backoff.OnFailure(Script.Obedient(kit.TestActor), "kid", Min, Max, 0)));
        kit.Settle();
        var first = ChildOf(kit, supervisor)!;
        kit.Watch(first);
        supervisor.Tell(new InvalidOperationException("x"));
        kit.ExpectTerminated(first);
        kit.Advance(Min);
        Assert.NotEqual(first, ChildOf(kit, supervisor));
    }

    // R-SV9
    [Fact]
    public void Messages_while_stopped_must_be_answered_when_an_answer_is_set_and_else_be_dead_letters()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var answering = kit.ActorOf(BackoffSupervisor.Props(OnStop(kit).WithReplyWhileStopped("later")));
        var silent = kit.ActorOf(BackoffSupervisor.Props(OnStop(kit)));
        answering.Tell(PoisonPillForChild(kit, answering));
        silent.Tell(PoisonPillForChild(kit, silent));
        kit.Settle();
        kit.Probe.Send(answering, "hello");
        kit.ExpectMsg("later");
        kit.Probe.Send(silent, "hello");
        Assert.Equal(("hello", DeadLetterReasons.NoChild), lost.ExpectMsg<DeadLetter>() is var letter ? (letter.Message, letter.Reason) : default);
    }

    // R-SV9: manual reset
    [Fact]
    public void Count_must_stay_until_reset_in_manual_mode()
    {
        using var kit = new TestKitBase();
        var supervisor = kit.ActorOf(BackoffSupervisor.Props(OnStop(kit).WithManualReset()));
        supervisor.Tell(PoisonPillForChild(kit, supervisor));
        kit.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, CountOf(kit, supervisor));
        supervisor.Tell(BackoffSupervisor.Reset.Instance);
        Assert.Equal(0, CountOf(kit, supervisor));
    }

    // R-SV9: limit, final stop message, child to parent
    [Fact]
    public void Supervisor_must_stop_when_the_limit_is_reached()
    {
        using var kit = new TestKitBase();
        var supervisor = kit.ActorOf(BackoffSupervisor.Props(OnStop(kit).WithManualReset().WithMaxNrOfRetries(2)));
        kit.Watch(supervisor);
        for (var i = 0; i < 3; i++)
        {
            supervisor.Tell(PoisonPillForChild(kit, supervisor));
            kit.Advance(TimeSpan.FromSeconds(1));
        }
        kit.ExpectTerminated(supervisor);
    }

    // R-SV9
    [Fact]
    public void Supervisor_must_stop_with_its_child_after_the_final_stop_message()
    {
        using var kit = new TestKitBase();
        var supervisor = kit.ActorOf(BackoffSupervisor.Props(OnStop(kit).WithFinalStopMessage(message => message is "enough")));
        kit.Watch(supervisor);
        supervisor.Tell("enough");
        kit.ExpectMsg("enough");
        supervisor.Tell(PoisonPillForChild(kit, supervisor));
        kit.ExpectTerminated(supervisor);
    }

    // R-SV9
    [Fact]
    public void What_the_child_tells_its_parent_must_reach_the_supervisors_parent()
    {
        using var kit = new TestKitBase();
        var supervisor = kit.Probe.ChildActorOf(BackoffSupervisor.Props(OnStop(kit)));
        supervisor.Tell(Script.Do(context => context.Parent.Tell("news", context.Self)));
        kit.ExpectMsg("news");
        Assert.Equal(supervisor, kit.Probe.LastSender);
    }

    private static Action<IActorContext> PoisonPillForChild(TestKitBase kit, IActorRef supervisor)
    {
        kit.Settle();
        Assert.NotNull(ChildOf(kit, supervisor));
        return Script.Do(context => context.Stop(context.Self));
    }
}
