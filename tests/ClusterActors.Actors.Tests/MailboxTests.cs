using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class MailboxTests
{
    // R-MB1, R-MB2: many senders on real threads; no two handlers at once, order per sender kept, nothing lost
    [Fact]
    public void Actor_must_handle_one_message_at_a_time_in_order_per_sender_when_told_from_many_threads()
    {
        const int senders = 8, each = 5_000;
        using var kit = new TestKitBase(new RealDriver());
        var inside = 0;
        var overlaps = 0;
        var outOfOrder = 0;
        var last = new int[senders];
        var left = senders * each;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = kit.ActorOf(Script.Props((message, _) =>
        {
            if (Interlocked.Increment(ref inside) != 1) overlaps++;
            var (sender, number) = ((int, int))message;
            if (number != last[sender] + 1) outOfOrder++;
            last[sender] = number;
            Interlocked.Decrement(ref inside);
            if (--left == 0) done.SetResult();
        }));
        var threads = Enumerable.Range(0, senders).Select(sender => new Thread(() =>
        {
            for (var number = 1; number <= each; number++) actor.Tell((sender, number), null);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        kit.Await(done.Task, TimeSpan.FromSeconds(30));
        Assert.Equal((0, 0), (overlaps, outOfOrder));
    }

    // R-MB1 for the queue itself: one consumer, blocks of all sizes, nothing lost or doubled
    [Fact]
    public void Queue_must_keep_every_message_once_and_in_order_when_producers_race_with_the_consumer()
    {
        const int producers = 4, each = 20_000;
        var queue = new MessageQueue(int.MaxValue);
        var next = new int[producers];
        var threads = Enumerable.Range(0, producers).Select(producer => new Thread(() =>
        {
            for (var i = 0; i < each; i++) Assert.True(queue.TryEnqueue((producer, i), null, force: false));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        for (var taken = 0; taken < producers * each;)
        {
            if (!queue.TryDequeue(out var envelope))
            {
                Thread.Yield();
                continue;
            }
            var (producer, number) = ((int, int))envelope.Message;
            Assert.Equal(next[producer]++, number);
            taken++;
        }
        queue.PublishConsumed();
        Assert.Equal(0, queue.Count);
        Assert.False(queue.TryDequeue(out _));
    }

    // R-MB4
    [Fact]
    public void Stop_must_overtake_a_message_told_before_it_in_the_same_handler()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var actor = kit.Obedient();
        actor.Tell(Script.Do(context =>
        {
            context.Self.Tell("never");
            context.Stop(context.Self);
        }));
        Assert.Equal("never", lost.ExpectMsg<DeadLetter>().Message);
        kit.ExpectNoMsg();
    }

    // R-MB5
    [Fact]
    public void Actor_must_give_others_a_turn_after_its_throughput()
    {
        using var kit = new TestKitBase(configure: options => options with { Throughput = 3 });
        var one = kit.ActorOf(Script.Props((message, _) => kit.TestActor.Tell($"one {message}", null)));
        var two = kit.ActorOf(Script.Props((message, _) => kit.TestActor.Tell($"two {message}", null)));
        kit.Settle();
        for (var i = 0; i < 4; i++) one.Tell(i);
        two.Tell(0);
        Assert.Equal(["one 0", "one 1", "one 2", "two 0", "one 3"], kit.Probe.ReceiveN(5).Cast<string>());
    }

    // R-MB7
    [Fact]
    public void Messages_after_the_end_must_become_dead_letters_with_the_reason()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var actor = kit.Obedient();
        actor.Tell(PoisonPill.Instance);
        actor.Tell("queued behind");
        kit.Settle();
        kit.Probe.Send(actor, "told later");
        var first = lost.ExpectMsg<DeadLetter>();
        var second = lost.ExpectMsg<DeadLetter>();
        Assert.Equal(("queued behind", DeadLetterReasons.Terminated), (first.Message, first.Reason));
        Assert.Equal(("told later", actor, kit.TestActor), (second.Message, second.Recipient, second.Sender));
    }

    // R-MB8, D9: the limit
    [Fact]
    public void Message_beyond_the_limit_must_become_a_dead_letter_that_says_so()
    {
        using var kit = new TestKitBase(configure: options => options with { MailboxLimit = 100 });
        var full = new List<object>();
        kit.Sys.EventStream.Subscribe<DeadLetter>(kit.TestActor);
        var handled = 0;
        var actor = kit.ActorOf(Script.Props((_, _) => handled++));
        for (var i = 0; i < 150; i++) actor.Tell(i, null);
        kit.Settle();
        full.AddRange(kit.Probe.ReceiveWhile<DeadLetter>(max: TimeSpan.FromMilliseconds(1)));
        Assert.Equal((100, 50), (handled, full.Count));
        Assert.All(full, letter => Assert.Equal(DeadLetterReasons.MailboxFull, ((DeadLetter)letter).Reason));
    }

    // D9: kernel notices are never refused
    [Fact]
    public void Timer_tick_and_stop_must_get_through_when_the_mailbox_is_full()
    {
        using var kit = new TestKitBase(configure: options => options with { MailboxLimit = 16 });
        var ticks = 0;
        var hooks = new Script.Hooks { PreStart = _ => Script.Instance!.Timers.StartPeriodicTimer("t", "tick", KitExtensions.Second) };
        IActorRef? self = null;
        self = kit.ActorOf(Script.Props((message, _) => { if (message is "tick") ticks++; }, hooks));
        kit.Settle();
        for (var second = 0; second < 3; second++)
        {
            for (var i = 0; i < 500; i++) self.Tell(i, null);
            kit.Advance(KitExtensions.Second);
        }
        Assert.Equal(3, ticks);
    }

    // D9: warning threshold
    [Fact]
    public void Growing_mailbox_must_be_warned_about_once_per_doubling()
    {
        using var kit = new TestKitBase(configure: options => options with { MailboxWarnLength = 100 });
        var actor = kit.ActorOf(Script.Props((_, _) => { }), "busy");
        kit.EventFilter(LogLevel.Warning, "wait in the mailbox", source: "clp://test/user/busy").Expect(3, () =>
        {
            for (var i = 0; i < 1000; i++) actor.Tell(i, null);
        });
    }

    // D9: control lane
    [Fact]
    public void Control_message_must_overtake_waiting_messages()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        actor.Tell("one");
        actor.Tell("two");
        actor.Tell(new Control("first"));
        kit.ExpectMsg(new Control("first"));
        kit.ExpectMsg("one");
        kit.ExpectMsg("two");
    }

    // D9: length and age
    [Fact]
    public void Samples_must_show_length_and_least_age_of_what_waits()
    {
        using var kit = new TestKitBase();
        var actor = kit.ActorOf(Script.Props((_, _) => { }), "slow");
        kit.Settle();
        actor.Tell("a", null);
        actor.Tell("b", null);
        var first = Assert.Single(kit.Sys.SampleMailboxes(), sample => sample.Path.Name == "slow");
        Assert.Equal((2, TimeSpan.Zero), (first.Length, first.OldestAtLeast));
        var driver = (VirtualDriver)kit.Driver;
        Assert.True(((DeterministicDispatcher)driver.Dispatcher).HasWork);
        kit.Settle();
        Assert.DoesNotContain(kit.Sys.SampleMailboxes(), sample => sample.Path.Name == "slow");
    }

    // R-MB9
    [Fact]
    public void Exception_in_a_handler_must_not_stop_others()
    {
        using var kit = new TestKitBase();
        var failing = kit.Obedient();
        var other = kit.Obedient();
        failing.Tell(new InvalidOperationException("one"));
        other.Tell("fine");
        failing.Tell("fine too");
        kit.Probe.ExpectMsgAllOf("fine", "fine too");
    }

    // D14
    [Fact]
    public void Tell_must_refuse_null_at_the_caller()
    {
        using var kit = new TestKitBase();
        Assert.Throws<ArgumentNullException>(() => kit.TestActor.Tell(null!));
        Assert.Throws<ArgumentNullException>(() => kit.Sys.DeadLetters.Tell(null!));
    }

    // The watchdog behind kept mailboxes: a handler that blocks must not hold back what it told before
    [Fact]
    public void Message_told_before_a_blocking_call_must_be_handled_meanwhile()
    {
        using var kit = new TestKitBase(new RealDriver());
        using var answered = new ManualResetEventSlim();
        var other = kit.ActorOf(Script.Props((_, _) => answered.Set()));
        var inTime = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var blocking = kit.ActorOf(Script.Props((_, _) =>
        {
            other.Tell("go");
            inTime.SetResult(answered.Wait(TimeSpan.FromSeconds(20)));
        }));
        blocking.Tell("block", null);
        Assert.True(kit.Await(inTime.Task, TimeSpan.FromSeconds(30)));
    }

    // Same, for every interleaving a seed gives: deterministic dispatcher repeats itself
    [Fact]
    public void Deterministic_dispatcher_must_give_the_same_order_for_the_same_seed()
    {
        List<object> Run(int seed)
        {
            using var kit = new TestKitBase(new VirtualDriver(seed));
            var actors = Enumerable.Range(0, 10).Select(n => kit.ActorOf(Script.Props((m, _) => kit.TestActor.Tell($"{n}:{m}", null)))).ToList();
            kit.Settle();
            foreach (var actor in actors) actor.Tell("x", null);
            return [.. kit.Probe.ReceiveN(10)];
        }
        Assert.Equal(Run(7), Run(7));
        Assert.NotEqual(Run(7), Run(8));
    }
}
