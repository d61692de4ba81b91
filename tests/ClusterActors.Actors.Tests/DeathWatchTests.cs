using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class DeathWatchTests
{
    private static Props Reporting(IActorRef to) => Script.Props((message, context) =>
    {
        switch (message)
        {
            case Action<IActorContext> order: order(context); break;
            case Terminated terminated: to.Tell($"terminated {terminated.ActorRef.Path.Name}", context.Self); break;
            default: to.Tell(message, context.Self); break;
        }
    });

    // R-DW1, R-DW4: one notice to every present watcher
    [Fact]
    public void Every_present_watcher_must_get_exactly_one_notice()
    {
        using var kit = new TestKitBase();
        var probes = Enumerable.Range(0, 3).Select(_ => kit.CreateTestProbe()).ToList();
        var gone = kit.CreateTestProbe();
        var actor = kit.Obedient();
        foreach (var probe in probes.Append(gone)) probe.Watch(actor);
        kit.Settle();
        gone.Unwatch(actor);
        actor.Tell(PoisonPill.Instance);
        foreach (var probe in probes)
        {
            probe.ExpectTerminated(actor);
            probe.ExpectNoMsg();
        }
        gone.ExpectNoMsg();
    }

    // R-DW2
    [Fact]
    public void Watching_a_dead_or_unknown_actor_must_give_the_notice_at_once()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        actor.Tell(PoisonPill.Instance);
        kit.Settle();
        kit.Watch(actor);
        kit.ExpectTerminated(actor);
        var never = kit.Sys.Provider.ResolveActorRef("clp://test/user/never");
        kit.Watch(never);
        Assert.False(kit.ExpectMsg<Terminated>().ExistenceConfirmed);
    }

    // R-MB7, R-DW2 on real threads: a watch that races with the end is always answered
    [Fact]
    public void Watch_that_races_with_the_end_must_always_be_answered()
    {
        using var kit = new TestKitBase(new RealDriver());
        for (var round = 0; round < 500; round++)
        {
            var actor = kit.Sys.ActorOf(Script.Props((_, _) => { }));
            kit.Watch(actor);
            kit.Sys.Stop(actor);
            kit.ExpectTerminated(actor, TimeSpan.FromSeconds(20));
        }
    }

    // R-DW3
    [Fact]
    public void Restart_must_not_be_taken_for_death()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        kit.Watch(actor);
        actor.Tell(new InvalidOperationException("x"));
        kit.ExpectNoMsg();
        actor.Tell(PoisonPill.Instance);
        kit.ExpectTerminated(actor);
    }

    // R-DW4: what was told before comes before
    [Fact]
    public void Notice_must_come_after_what_the_actor_told_before_its_end()
    {
        using var kit = new TestKitBase(new VirtualDriver(seed: 3));
        var actor = kit.Obedient();
        kit.Watch(actor);
        kit.Settle();
        for (var i = 0; i < 100; i++) actor.Tell(i);
        actor.Tell(PoisonPill.Instance);
        Assert.Equal(Enumerable.Range(0, 100), kit.Probe.ReceiveN(100).Cast<int>());
        kit.ExpectTerminated(actor);
    }

    // R-DW4
    [Fact]
    public void Unwatch_must_discard_a_notice_that_already_waits()
    {
        using var kit = new TestKitBase();
        var dying = kit.Obedient("dying");
        var watcher = kit.ActorOf(Reporting(kit.TestActor));
        watcher.Tell(Script.Do(context => context.Watch(dying)));
        kit.Settle();
        watcher.Tell(Script.Do(context =>
        {
            kit.Sys.Stop(dying);
            // Runs the end of the other actor and its notice into this mailbox before going on.
            kit.Settle();
            context.Unwatch(dying);
        }));
        watcher.Tell("after");
        kit.ExpectMsg("after");
        kit.ExpectNoMsg();
    }

    // R-DW5
    [Fact]
    public void Watcher_that_does_not_handle_the_notice_must_fail()
    {
        using var kit = new TestKitBase();
        var dying = kit.Obedient();
        var watcher = kit.ActorOf(() => new Deaf(dying));
        kit.Watch(watcher);
        kit.Settle();
        kit.EventFilter(cause: typeof(DeathPactException)).ExpectOne(() => dying.Tell(PoisonPill.Instance));
        kit.ExpectTerminated(watcher);
    }

    private sealed class Deaf : ReceiveActor
    {
        public Deaf(IActorRef watched)
        {
            Context.Watch(watched);
            Receive<string>(_ => { });
        }
    }

    // R-DW6
    [Fact]
    public void WatchWith_must_deliver_the_message_instead_and_leave_nothing_behind()
    {
        using var kit = new TestKitBase();
        var watcher = kit.ActorOf(Reporting(kit.TestActor));
        for (var round = 0; round < 1000; round++)
        {
            var number = round;
            watcher.Tell(Script.Do(context =>
            {
                var child = context.ActorOf(Script.Props((_, _) => { }));
                context.WatchWith(child, number);
                context.Stop(child);
            }));
            kit.ExpectMsg(number);
        }
        watcher.Tell(Script.Do(context => kit.TestActor.Tell(((ActorCell)context).WatchBookkeeping, null)));
        kit.ExpectMsg(0);
    }

    // R-DW7, D10
    [Fact]
    public void Watching_twice_must_be_one_watch_and_a_conflicting_one_must_throw()
    {
        using var kit = new TestKitBase();
        var dying = kit.Obedient("dying");
        var watcher = kit.ActorOf(Reporting(kit.TestActor));
        watcher.Tell(Script.Do(context =>
        {
            context.Watch(context.Self);
            context.Watch(dying);
            context.Watch(dying);
            try
            {
                context.WatchWith(dying, "other");
            }
            catch (InvalidOperationException)
            {
                kit.TestActor.Tell("refused", null);
            }
        }));
        kit.ExpectMsg("refused");
        dying.Tell(PoisonPill.Instance);
        kit.ExpectMsg("terminated dying");
        kit.ExpectNoMsg();
    }
}
