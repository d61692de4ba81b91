using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class BehaviourAndStashTests
{
    private sealed class Switching : ReceiveActor
    {
        private readonly IActorRef _to;

        public Switching(IActorRef to, bool becomeInConstructor = false)
        {
            _to = to;
            Receive<string>(_ => to.Tell("initial"), text => text == "who");
            Common();
            if (becomeInConstructor) Become(Other);
        }

        private void Common()
        {
            Receive<string>(text => text == "become", _ => Become(Other));
            Receive<string>(text => text == "stack", _ => BecomeStacked(Other));
            Receive<string>(text => text == "unstack", _ => UnbecomeStacked());
            Receive<Exception>(failure => throw failure);
            Receive<int>(number =>
            {
                if (number < 0) return false;
                _to.Tell($"natural {number}");
                return true;
            });
            Receive<int>(number => _to.Tell($"negative {number}"));
            Receive<object>(late => Receive<string>(_ => { }), late => late is long);
        }

        private void Other()
        {
            Receive<string>(_ => _to.Tell("other"), text => text == "who");
            Common();
        }
    }

    private static void Tell(IActorRef actor, params object[] messages)
    {
        foreach (var message in messages) actor.Tell(message, null);
    }

    // R-BS1
    [Fact]
    public void Become_must_replace_and_stack_and_unstack_and_never_lose_the_last()
    {
        using var kit = new TestKitBase();
        var actor = kit.ActorOf(() => new Switching(kit.TestActor));
        Tell(actor, "who", "stack", "who", "unstack", "who", "unstack", "unstack", "who", "become", "who", "unstack", "who");
        Assert.Equal(["initial", "other", "initial", "initial", "other", "other"], kit.Probe.ReceiveN(6).Cast<string>());
    }

    // R-BS1: allowed in the constructor; R-LC3: restart returns to the first behaviour
    [Fact]
    public void Become_must_work_in_the_constructor_and_be_forgotten_by_a_restart()
    {
        using var kit = new TestKitBase();
        var early = kit.ActorOf(() => new Switching(kit.TestActor, becomeInConstructor: true));
        Tell(early, "who");
        kit.ExpectMsg("other");
        var actor = kit.ActorOf(() => new Switching(kit.TestActor));
        Tell(actor, "stack", "become", new InvalidOperationException("x"), "who", "unstack", "who");
        kit.ExpectMsg("initial");
        kit.ExpectMsg("initial");
    }

    // R-BS2
    [Fact]
    public void First_matching_handler_must_win_and_a_refusal_pass_on()
    {
        using var kit = new TestKitBase();
        var actor = kit.ActorOf(() => new Switching(kit.TestActor));
        Tell(actor, 1, -1);
        kit.ExpectMsg("natural 1");
        kit.ExpectMsg("negative -1");
    }

    // R-BS2
    [Fact]
    public void Registering_a_handler_inside_a_handler_must_fail_the_actor()
    {
        using var kit = new TestKitBase();
        var actor = kit.ActorOf(() => new Switching(kit.TestActor));
        kit.EventFilter(LogLevel.Error, cause: typeof(InvalidOperationException)).ExpectOne(() => Tell(actor, 1L));
    }

    private sealed class AnyFirst : ReceiveActor
    {
        public AnyFirst()
        {
            ReceiveAny(_ => { });
            Receive<string>(_ => { });
        }
    }

    // R-BS2
    [Fact]
    public void ReceiveAny_must_be_the_last()
    {
        using var kit = new TestKitBase();
        kit.EventFilter(LogLevel.Error, "after ReceiveAny").ExpectOne(() => kit.ActorOf(() => new AnyFirst()));
    }

    // R-BS3
    [Fact]
    public void Unhandled_message_must_be_published()
    {
        using var kit = new TestKitBase();
        kit.Sys.EventStream.Subscribe<UnhandledMessage>(kit.TestActor);
        var actor = kit.ActorOf(() => new Switching(kit.TestActor));
        kit.Probe.Send(actor, 1.5);
        kit.ExpectMsg(new UnhandledMessage(1.5, kit.TestActor, actor));
    }

    /// <summary>Stashes everything until "open".</summary>
    private static Props Gate(IActorRef to, Action<IStash>? onRestart = null)
    {
        var open = false;
        return Script.Props(
            (message, context) =>
            {
                var stash = Script.Instance!.Stash;
                switch (message)
                {
                    case "open":
                        open = true;
                        stash.UnstashAll();
                        break;
                    case "open one": stash.Unstash(); open = true; break;
                    case Exception failure: throw failure;
                    case Action<IActorContext> order: order(context); break;
                    default:
                        if (open) to.Tell(message is Terminated terminated ? terminated.ActorRef : message, context.Sender);
                        else stash.Stash();
                        break;
                }
            },
            new Script.Hooks
            {
                PreRestart = (_, _, _) => { onRestart?.Invoke(Script.Instance!.Stash); open = true; },
            });
    }

    // R-BS4, R-BS5
    [Fact]
    public void Stashed_messages_must_come_back_first_in_order_with_their_senders()
    {
        using var kit = new TestKitBase();
        var other = kit.CreateTestProbe();
        var actor = kit.ActorOf(Gate(kit.TestActor));
        kit.Probe.Send(actor, "a");
        other.Send(actor, "b");
        Tell(actor, "open", "c");
        kit.ExpectMsg("a");
        Assert.Equal(kit.TestActor, kit.Probe.LastSender);
        kit.ExpectMsg("b");
        Assert.Equal(other.Ref, kit.Probe.LastSender);
        kit.ExpectMsg("c");
    }

    // R-BS4
    [Fact]
    public void Same_delivery_must_not_be_stashed_twice_but_equal_messages_may()
    {
        // Stopped, not restarted: the stash would give the message back to each new instance.
        using var kit = new TestKitBase(configure: options => options with { GuardianStrategy = KitExtensions.Always(Directive.Stop) });
        var twice = kit.ActorOf(Script.Props((_, _) =>
        {
            Script.Instance!.Stash.Stash();
            Script.Instance.Stash.Stash();
        }));
        kit.EventFilter(cause: typeof(IllegalActorStateException)).ExpectOne(() => Tell(twice, "x"));
        var actor = kit.ActorOf(Gate(kit.TestActor));
        Tell(actor, "same", "same", "open");
        kit.ExpectMsg("same");
        kit.ExpectMsg("same");
    }

    // R-BS6
    [Fact]
    public void Stash_must_survive_a_restart_unless_PreRestart_cleared_it()
    {
        using var kit = new TestKitBase();
        var keeping = kit.ActorOf(Gate(kit.TestActor));
        Tell(keeping, "kept", new InvalidOperationException("x"));
        kit.ExpectMsg("kept");
        var clearing = kit.ActorOf(Gate(kit.TestActor, stash => stash.ClearStash()));
        Tell(clearing, "dropped", new InvalidOperationException("x"), "after");
        kit.ExpectMsg("after");
    }

    // R-BS6
    [Fact]
    public void Stash_must_become_dead_letters_when_the_actor_stops()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var actor = kit.ActorOf(Gate(kit.TestActor));
        Tell(actor, "a", "b", Script.Do(context => context.Stop(context.Self)));
        Assert.Equal("a", lost.ExpectMsg<DeadLetter>().Message);
        Assert.Equal("b", lost.ExpectMsg<DeadLetter>().Message);
    }

    // R-BS7
    [Fact]
    public void Stashed_Terminated_must_be_received_again()
    {
        using var kit = new TestKitBase();
        var watched = kit.Obedient();
        var actor = kit.ActorOf(Gate(kit.TestActor));
        Tell(actor, Script.Do(context => context.Watch(watched)));
        Tell(watched, PoisonPill.Instance);
        kit.Settle();
        Tell(actor, "open");
        kit.ExpectMsg(watched);
    }

    // D10
    [Fact]
    public void UnstashAll_with_predicate_must_keep_what_does_not_match()
    {
        using var kit = new TestKitBase();
        var actor = kit.ActorOf(Gate(kit.TestActor));
        Tell(actor, "a1", "b1", "a2");
        var counts = new List<int>();
        Tell(actor, Script.Do(_ =>
        {
            counts.Add(Script.Instance!.Stash.Count);
            Script.Instance.Stash.UnstashAll(envelope => envelope.Message is "b1");
            counts.Add(Script.Instance.Stash.Count);
        }));
        Tell(actor, "open");
        // b1 went back to the gate, which was still closed, and was stashed again behind the others.
        Assert.Equal(["a1", "a2", "b1"], kit.Probe.ReceiveN(3).Cast<string>());
        Assert.Equal([3, 2], counts);
        kit.ExpectNoMsg();
    }
}
