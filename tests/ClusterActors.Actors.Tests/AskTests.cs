using System.Runtime.CompilerServices;
using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class AskTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static Props Echo(params object[] answers) => Script.Props((message, context) =>
    {
        if (answers.Length == 0) context.Sender.Tell(message, context.Self);
        foreach (var answer in answers) context.Sender.Tell(answer, context.Self);
    });

    private static Props Silent() => Script.Props((_, _) => { });

    // R-AK1
    [Fact]
    public void First_answer_must_count_and_further_ones_be_dead_letters()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        Assert.Equal("one", kit.Await(kit.ActorOf(Echo("one", "two")).Ask<string>("q")));
        Assert.Equal(("two", DeadLetterReasons.AskOver), lost.ExpectMsg<DeadLetter>() is var letter ? (letter.Message, letter.Reason) : default);
    }

    // R-AK2, D1: the default is 5 s
    [Fact]
    public void Ask_must_time_out_after_five_seconds_unless_told_otherwise()
    {
        using var kit = new TestKitBase();
        var silent = kit.ActorOf(Silent());
        Assert.Throws<AskTimeoutException>(() => kit.Await(silent.Ask<string>("q")));
        Assert.Equal(TimeSpan.FromSeconds(5), kit.Clock.Elapsed);
        Assert.Throws<AskTimeoutException>(() => kit.Await(silent.Ask<string>("q", Second)));
        Assert.Equal(TimeSpan.FromSeconds(6), kit.Clock.Elapsed);
        var endless = silent.Ask<string>("q", Timeout.InfiniteTimeSpan);
        kit.Advance(TimeSpan.FromDays(2));
        Assert.False(endless.IsCompleted);
    }

    // R-AK2
    [Fact]
    public void Late_answer_must_be_a_dead_letter()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var ask = kit.TestActor.Ask<string>("q", Second);
        kit.ExpectMsg("q");
        kit.Advance(Second);
        kit.Probe.Reply("late");
        Assert.Equal("late", lost.ExpectMsg<DeadLetter>().Message);
        Assert.Throws<AskTimeoutException>(() => kit.Await(ask));
    }

    // R-AK3
    [Fact]
    public void Cancelled_ask_must_end_at_once_and_its_late_answer_vanish()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        using var cancel = new CancellationTokenSource();
        var ask = kit.TestActor.Ask<string>("q", null, cancel.Token);
        kit.ExpectMsg("q");
        cancel.Cancel();
        Assert.Throws<TaskCanceledException>(() => kit.Await(ask));
        kit.Probe.Reply("late");
        lost.ExpectNoMsg();
    }

    // R-AK4
    [Fact]
    public void Answer_of_another_type_must_fail_the_ask_and_be_a_dead_letter()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        Assert.Throws<ArgumentException>(() => kit.Await(kit.ActorOf(Echo(42)).Ask<string>("q")));
        Assert.Equal((42, DeadLetterReasons.AskWrongType), lost.ExpectMsg<DeadLetter>() is var letter ? (letter.Message, letter.Reason) : default);
        Assert.Throws<FormatException>(() => kit.Await(kit.ActorOf(Echo(new Status.Failure(new FormatException("x")))).Ask<string>("q")));
        Assert.Null(kit.Await(kit.ActorOf(Echo(new Status.Success(null))).Ask<string?>("q")));
    }

    // R-AK5
    [Fact]
    public void Ask_must_leave_nothing_behind_however_it_ends()
    {
        using var kit = new TestKitBase();
        var silent = kit.ActorOf(Script.Props((_, context) => Assert.NotNull(context.Sender.Path.Name)));
        using var cancel = new CancellationTokenSource();
        for (var i = 0; i < 10_000; i++)
        {
            _ = silent.Ask<string>("q", Second, i % 2 == 0 ? cancel.Token : default).ContinueWith(ended => ended.Exception, TaskScheduler.Default);
        }
        kit.Settle();
        Assert.Equal(10_000, kit.Sys.Provider.TempCount);
        cancel.Cancel();
        Assert.Equal(5_000, kit.Sys.Provider.TempCount);
        kit.Advance(Second);
        Assert.Equal((0, 0), (kit.Sys.Provider.TempCount, kit.Sys.Scheduler.Count));
    }

    // R-AK5: an answered ask goes from the deadlines only when they are looked through, which must not wait for the limit
    [Fact]
    public void Answered_asks_must_not_pile_up_until_their_limits()
    {
        using var kit = new TestKitBase();
        var silent = kit.ActorOf(Silent());
        var waiting = Enumerable.Range(0, 100).Select(_ => silent.Ask<string>("q", TimeSpan.FromHours(1))).ToList();
        var echo = kit.ActorOf(Echo());
        for (var i = 0; i < 5_000; i++)
        {
            var ask = echo.Ask<string>("q", TimeSpan.FromHours(2));
            kit.Settle();
            Assert.True(ask.IsCompletedSuccessfully);
            Assert.InRange(kit.Sys.AskDeadlines.Count, 100, 256);
        }
        Assert.Equal(1, kit.Sys.Scheduler.Count);
        kit.Advance(TimeSpan.FromHours(1));
        Assert.All(waiting, ask => Assert.IsType<AskTimeoutException>(ask.Exception?.InnerException));
        Assert.Equal((0, 0), (kit.Sys.AskDeadlines.Count, kit.Sys.Scheduler.Count));
    }

    // R-AK2: each at its own time, whatever the order in which they were asked
    [Fact]
    public void Asks_must_time_out_in_the_order_of_their_limits()
    {
        using var kit = new TestKitBase();
        var silent = kit.ActorOf(Silent());
        var ended = new List<(int Seconds, TimeSpan At)>();
        int[] limits = [3, 1, 4, 1, 5, 9, 2, 6];
        foreach (var seconds in limits)
        {
            _ = silent.Ask<string>("q", Second * seconds).ContinueWith(
                _ => ended.Add((seconds, kit.Clock.Elapsed)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        kit.Advance(Second * 10);
        Assert.Equal(limits.Order().Select(seconds => (seconds, Second * seconds)), ended);
    }

    // R-AK5: the deadlines keep an answered ask for a while, but not what it was about
    [Fact]
    public void Answered_ask_must_let_go_of_its_target_and_answer()
    {
        using var kit = new TestKitBase();
        var (target, answer) = AskOnce(kit);
        Assert.Equal(1, kit.Sys.AskDeadlines.Count);
        GC.Collect();
        Assert.False(target.IsAlive);
        Assert.False(answer.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Target, WeakReference Answer) AskOnce(TestKitBase kit)
    {
        var target = kit.ActorOf(Props.Create(() => new Replier()));
        var answer = kit.Await(target.Ask<object>("q", TimeSpan.FromHours(1)));
        target.Tell(PoisonPill.Instance, null);
        kit.Settle();
        return (new WeakReference(target), new WeakReference(answer));
    }

    // Not a Script: the last one of those is kept for looking at.
    private sealed class Replier : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(new object(), Self);
    }

    // R-AK6 on real threads: blocking the asking thread must not block the answer
    [Fact]
    public void Continuation_must_not_run_inside_the_repliers_turn()
    {
        using var kit = new TestKitBase(new RealDriver());
        var echo = kit.ActorOf(Echo());
        var inTurn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = echo.Ask<string>("q").ContinueWith(_ => inTurn.SetResult(ActorCell.Current is not null), TaskContinuationOptions.ExecuteSynchronously);
        Assert.False(kit.Await(inTurn.Task, TimeSpan.FromSeconds(20)));
    }

    // D2
    [Fact]
    public void Ask_of_a_dead_actor_must_fail_at_once()
    {
        using var kit = new TestKitBase();
        var dead = kit.ActorOf(Silent());
        dead.Tell(PoisonPill.Instance);
        kit.Settle();
        Assert.Throws<AskTargetTerminatedException>(() => kit.Await(dead.Ask<string>("q")));
        Assert.Throws<AskTargetTerminatedException>(() => kit.Await(kit.Sys.ActorSelection("/user/none").Ask<string>("q")));
        Assert.Equal(TimeSpan.Zero, kit.Clock.Elapsed);
    }

    // D2: dies with the question queued, and after having taken it
    [Fact]
    public void Ask_must_fail_at_once_when_the_target_ends_before_it_answers()
    {
        using var kit = new TestKitBase();
        var queued = kit.ActorOf(Silent());
        queued.Tell(PoisonPill.Instance);
        Assert.Throws<AskTargetTerminatedException>(() => kit.Await(queued.Ask<string>("q")));
        var taken = kit.ActorOf(Silent());
        var ask = taken.Ask<string>("q");
        kit.Settle();
        Assert.False(ask.IsCompleted);
        kit.Sys.Stop(taken);
        Assert.Throws<AskTargetTerminatedException>(() => kit.Await(ask));
        Assert.Equal(TimeSpan.Zero, kit.Clock.Elapsed);
    }

    // D2: a question passed on is not lost with the one who passed it on
    [Fact]
    public void Ask_must_go_on_when_one_of_two_holders_ends()
    {
        using var kit = new TestKitBase();
        var worker = kit.CreateTestProbe();
        var front = kit.ActorOf(Script.Props((message, _) => worker.Ref.Forward(message)));
        var ask = front.Ask<string>("q");
        worker.ExpectMsg("q");
        kit.Sys.Stop(front);
        kit.Settle();
        worker.Reply("answer");
        Assert.Equal("answer", kit.Await(ask));
    }

    // D3
    [Fact]
    public void Temporary_ref_must_be_watchable_and_found_by_path()
    {
        using var kit = new TestKitBase();
        var ask = kit.TestActor.Ask<string>("q");
        kit.ExpectMsg("q");
        var temp = kit.Probe.LastSender;
        Assert.Same(temp, kit.Sys.Provider.ResolveActorRef(kit.Sys.Provider.ToText(temp)));
        kit.Watch(temp);
        kit.Settle();
        kit.Probe.Reply("a");
        kit.ExpectTerminated(temp);
        kit.Watch(temp);
        kit.ExpectTerminated(temp);
        Assert.Equal("a", kit.Await(ask));
    }

    // R-PT1
    [Fact]
    public void PipeTo_must_tell_result_or_failure_with_the_actor_as_sender()
    {
        using var kit = new TestKitBase();
        var work = new TaskCompletionSource<string>();
        var actor = kit.ActorOf(Script.Props((message, _) => ((Task<string>)message).PipeTo(kit.TestActor)));
        actor.Tell(work.Task);
        kit.Settle();
        work.SetResult("done");
        kit.ExpectMsg("done");
        Assert.Equal(actor, kit.Probe.LastSender);
        actor.Tell(Task.FromException<string>(new FormatException("x")));
        Assert.IsType<FormatException>(kit.ExpectMsg<Status.Failure>().Cause);
        Task.FromResult(1).PipeTo(kit.TestActor, success: number => number + 1);
        kit.ExpectMsg(2);
        Task.FromException(new FormatException("y")).PipeTo(kit.TestActor, failure: failure => failure.Message);
        kit.ExpectMsg("y");
        Task.CompletedTask.PipeTo(kit.TestActor);
        new ValueTask<string>("value").PipeTo(kit.TestActor);
        kit.ExpectMsg("value");
        Task.FromResult(1).PipeTo(kit.TestActor, success: _ => throw new FormatException("mapper"));
        Assert.Equal("mapper", kit.ExpectMsg<Status.Failure>().Cause.Message);
    }
}
