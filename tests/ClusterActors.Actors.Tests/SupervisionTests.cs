using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class SupervisionTests
{
    private static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(5);

    /// <summary>A parent named "parent" with the strategy, and an obedient child "child" below it.</summary>
    private static (IActorRef Parent, IActorRef Child) Family(TestKitBase kit, SupervisorStrategy strategy, Script.Hooks? childHooks = null)
    {
        var parent = kit.Obedient("parent", new Script.Hooks { Strategy = strategy });
        IActorRef child = ActorRefs.Nobody;
        parent.Tell(Script.Do(context => child = context.ActorOf(Script.Obedient(kit.TestActor, childHooks), "child")));
        kit.Settle();
        return (parent, child);
    }

    // R-SV2, R-SV10: resume keeps the instance, drops the message, logs a warning
    [Fact]
    public void Resume_must_keep_the_instance_and_log_a_warning()
    {
        using var kit = new TestKitBase();
        var starts = 0;
        var (_, child) = Family(kit, KitExtensions.Always(Directive.Resume), new Script.Hooks { PreStart = _ => starts++ });
        kit.EventFilter(LogLevel.Warning, "is resumed").ExpectOne(() => child.Tell(new InvalidOperationException("x")));
        child.Tell("alive");
        kit.ExpectMsg("alive");
        Assert.Equal(1, starts);
    }

    // R-SV1, R-SV2: descendants wait until the verdict
    [Fact]
    public void Descendants_must_wait_while_the_supervisor_decides_and_go_on_after_Resume()
    {
        using var kit = new TestKitBase();
        IActorRef grandchild = ActorRefs.Nobody;
        var handledWhileDeciding = true;
        var strategy = new OneForOneStrategy(_ =>
        {
            // The verdict is being made now; what was told to the grandchild meanwhile must still wait.
            grandchild.Tell("ping", kit.TestActor);
            handledWhileDeciding = kit.Probe.HasMessages;
            return Directive.Resume;
        });
        var (_, child) = Family(kit, strategy);
        child.Tell(Script.Do(context => grandchild = context.ActorOf(Script.Obedient(kit.TestActor), "grandchild")));
        kit.Settle();
        child.Tell(new InvalidOperationException("x"));
        kit.ExpectMsg("ping");
        Assert.False(handledWhileDeciding);
    }

    // R-SV2: stop
    [Fact]
    public void Stop_must_end_the_child()
    {
        using var kit = new TestKitBase();
        var (_, child) = Family(kit, KitExtensions.Always(Directive.Stop));
        kit.Watch(child);
        child.Tell(new InvalidOperationException("x"));
        kit.ExpectTerminated(child);
    }

    // R-SV2, R-SV10: escalate fails the parent with the same exception, and only the one who decides logs
    [Fact]
    public void Escalate_must_make_the_parent_fail_with_the_childs_exception()
    {
        using var kit = new TestKitBase(configure: o => o with { GuardianStrategy = KitExtensions.Always(Directive.Restart) });
        var (parent, child) = Family(kit, KitExtensions.Always(Directive.Escalate));
        kit.Watch(child);
        kit.EventFilter(cause: typeof(FormatException)).ExpectOne(() => child.Tell(new FormatException("from below")));
        kit.ExpectTerminated(child);
        parent.Tell("restarted and well");
        kit.ExpectMsg("restarted and well");
    }

    // R-SV2, R-MB6: escalation answered with Resume must leave no suspension behind
    [Fact]
    public void Everyone_must_work_on_when_an_escalated_failure_is_resumed()
    {
        using var kit = new TestKitBase(configure: o => o with { GuardianStrategy = KitExtensions.Always(Directive.Resume) });
        var (parent, child) = Family(kit, KitExtensions.Always(Directive.Escalate));
        for (var round = 0; round < 3; round++)
        {
            child.Tell(new InvalidOperationException("x"));
            child.Tell("child");
            parent.Tell("parent");
            kit.Probe.ExpectMsgAllOf("child", "parent");
        }
    }

    // R-SV3
    [Fact]
    public void Default_decider_must_stop_what_cannot_start_and_restart_the_rest()
    {
        using var kit = new TestKitBase();
        Assert.Equal(Directive.Stop, SupervisorStrategy.DefaultDecider(new ActorInitializationException(null, "x")));
        Assert.Equal(Directive.Stop, SupervisorStrategy.DefaultDecider(new ActorKilledException(kit.TestActor)));
        Assert.Equal(Directive.Stop, SupervisorStrategy.DefaultDecider(new DeathPactException(kit.TestActor, kit.TestActor)));
        Assert.Equal(Directive.Restart, SupervisorStrategy.DefaultDecider(new InvalidOperationException()));
    }

    // R-SV4: limit inside a window, window tumbles
    [Fact]
    public void Restart_must_become_stop_beyond_the_limit_and_the_window_must_tumble()
    {
        using var kit = new TestKitBase();
        var (_, child) = Family(kit, new OneForOneStrategy(2, FiveSeconds, _ => Directive.Restart));
        kit.Watch(child);
        for (var burst = 0; burst < 3; burst++)
        {
            child.Tell(new InvalidOperationException("1"));
            child.Tell(new InvalidOperationException("2"));
            child.Tell("alive");
            kit.ExpectMsg("alive");
            kit.Advance(FiveSeconds + TimeSpan.FromMilliseconds(1));
        }
        for (var i = 0; i < 3; i++) child.Tell(new InvalidOperationException("x"));
        kit.ExpectTerminated(child);
    }

    // R-SV4: corner values
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(-1, 5000, 1)]
    [InlineData(3, 0, 3)]
    [InlineData(1, 5000, 1)]
    public void Restarts_allowed_in_a_row_must_follow_the_limits(int maxRetries, int windowMs, int allowed)
    {
        using var kit = new TestKitBase();
        var restarts = 0;
        var (_, child) = Family(
            kit, new OneForOneStrategy(maxRetries, TimeSpan.FromMilliseconds(windowMs), _ => Directive.Restart),
            new Script.Hooks { PostRestart = (_, _) => restarts++ });
        kit.Watch(child);
        for (var i = 0; i < 10; i++) child.Tell(new InvalidOperationException("x"));
        kit.ExpectTerminated(child);
        Assert.Equal(allowed, restarts);
    }

    // R-SV7
    [Fact]
    public void Failure_while_stopping_must_be_logged_and_not_escalated()
    {
        using var kit = new TestKitBase();
        var (parent, child) = Family(
            kit, KitExtensions.Always(Directive.Escalate), new Script.Hooks { PostStop = _ => throw new InvalidOperationException("late") });
        kit.Watch(child);
        kit.EventFilter(LogLevel.Error, "PostStop failed").ExpectOne(() => child.Tell(PoisonPill.Instance));
        kit.ExpectTerminated(child);
        parent.Tell("alive");
        kit.ExpectMsg("alive");
    }

    // R-SV8
    [Fact]
    public void System_must_end_when_the_user_guardian_escalates()
    {
        var kit = new TestKitBase(configure: options => options with { GuardianStrategy = KitExtensions.Always(Directive.Escalate) });
        kit.Obedient().Tell(new InvalidOperationException("beyond help"));
        kit.Await(kit.Sys.WhenTerminated);
        Assert.True(kit.Sys.WhenTerminated.IsCompletedSuccessfully);
    }

    // R-LC7, R-LC8: failed creation, Resume and Restart both build again
    [Fact]
    public void Failed_creation_must_be_tried_again_on_Resume_and_on_Restart()
    {
        using var kit = new TestKitBase();
        var constructions = 0;
        var preStarts = 0;
        var postRestarts = 0;
        var failures = 0;
        var strategy = new OneForOneStrategy(failure =>
        {
            Assert.IsType<ActorInitializationException>(failure);
            return failures++ % 2 == 0 ? Directive.Resume : Directive.Restart;
        });
        var parent = kit.Obedient("parent", new Script.Hooks { Strategy = strategy });
        var props = Props.Create(() => ++constructions < 6
            ? throw new InvalidOperationException("not yet")
            : new Script((m, c) => kit.TestActor.Tell(m, c.Self), new Script.Hooks { PreStart = _ => preStarts++, PostRestart = (_, _) => postRestarts++ }));
        IActorRef child = ActorRefs.Nobody;
        parent.Tell(Script.Do(context => child = context.ActorOf(props)));
        kit.Settle();
        child.Tell("alive");
        kit.ExpectMsg("alive");
        Assert.Equal((6, 1, 0), (constructions, preStarts, postRestarts));
    }

    // R-LC7: constructor failure in a restart is a PostRestartException; default is stop
    [Fact]
    public void Failure_in_PostRestart_must_be_a_new_failure()
    {
        using var kit = new TestKitBase();
        var seen = new List<Exception>();
        var strategy = new OneForOneStrategy(failure =>
        {
            seen.Add(failure);
            return SupervisorStrategy.DefaultDecider(failure);
        });
        var (_, child) = Family(kit, strategy, new Script.Hooks { PostRestart = (_, _) => throw new FormatException("again") });
        kit.Watch(child);
        child.Tell(new InvalidOperationException("first"));
        kit.ExpectTerminated(child);
        Assert.Equal(2, seen.Count);
        var second = Assert.IsType<PostRestartException>(seen[1]);
        Assert.Equal(("again", "first"), (second.InnerException!.Message, second.OriginalCause.Message));
    }

    // R-LC7
    [Fact]
    public void Failure_in_PreRestart_must_be_logged_and_the_restart_go_on()
    {
        using var kit = new TestKitBase();
        var (_, child) = Family(
            kit, KitExtensions.Always(Directive.Restart),
            new Script.Hooks { PreRestart = (_, _, _) => throw new InvalidOperationException("hook"), PostRestart = (_, _) => { } });
        kit.EventFilter(LogLevel.Error, "PreRestart failed").ExpectOne(() => child.Tell(new FormatException("x")));
        child.Tell("alive");
        kit.ExpectMsg("alive");
    }

    // R-LC3: watchers, queue, ref stay; failing message is not delivered again
    [Fact]
    public void Restart_must_keep_ref_queue_and_watchers_and_not_deliver_the_failing_message_again()
    {
        using var kit = new TestKitBase();
        var failures = 0;
        var actor = kit.ActorOf(Script.Props((message, context) =>
        {
            if (message is "fail")
            {
                failures++;
                throw new InvalidOperationException("x");
            }
            kit.TestActor.Tell(message, context.Self);
        }));
        kit.Watch(actor);
        foreach (var message in new[] { "one", "fail", "two", "three" }) actor.Tell(message, null);
        kit.ExpectMsg("one");
        kit.ExpectMsg("two");
        kit.ExpectMsg("three");
        Assert.Equal(1, failures);
        Assert.Equal(actor, kit.Probe.LastSender);
        actor.Tell(PoisonPill.Instance);
        kit.ExpectTerminated(actor);
    }

    // R-LC2: default PreRestart stops children; kept ones are restarted with the parent
    [Fact]
    public void Restart_must_wait_for_stopped_children_and_restart_kept_ones()
    {
        using var kit = new TestKitBase();
        var parent = kit.Obedient("p", new Script.Hooks
        {
            PreRestart = (_, _, context) => context.Stop(context.Child("stopped")),
            PostRestart = (_, context) => kit.TestActor.Tell($"parent back, children: {string.Join(",", context.GetChildren().Select(c => c.Path.Name))}", null),
        });
        parent.Tell(Script.Do(context =>
        {
            context.ActorOf(Script.Obedient(kit.TestActor, new Script.Hooks { PostStop = _ => kit.TestActor.Tell("child gone", null) }), "stopped");
            context.ActorOf(Script.Obedient(kit.TestActor, new Script.Hooks { PostRestart = (_, _) => kit.TestActor.Tell("child restarted", null) }), "kept");
        }));
        parent.Tell(new InvalidOperationException("x"));
        kit.ExpectMsg("child gone");
        kit.ExpectMsg("parent back, children: kept");
        kit.ExpectMsg("child restarted");
        kit.Sys.ActorSelection("/user/p/kept").Tell("still there", null);
        kit.ExpectMsg("still there");
    }

    // R-LC4
    [Fact]
    public void Stop_must_end_children_before_their_parents()
    {
        using var kit = new TestKitBase();
        Script.Hooks Note(string name) => new() { PostStop = _ => kit.TestActor.Tell(name, null) };
        var top = kit.Obedient("top", Note("top"));
        top.Tell(Script.Do(context =>
        {
            var middle = context.ActorOf(Script.Obedient(kit.TestActor, Note("middle")), "middle");
            middle.Tell(Script.Do(inner => inner.ActorOf(Script.Obedient(kit.TestActor, Note("bottom")), "bottom")));
        }));
        kit.Settle();
        kit.Watch(top);
        kit.Sys.Stop(top);
        foreach (var expected in new[] { "bottom", "middle", "top" }) kit.ExpectMsg(expected);
        kit.ExpectTerminated(top);
    }

    // R-LC5
    [Fact]
    public void Kill_must_go_to_the_supervisor_who_may_restart()
    {
        using var kit = new TestKitBase(configure: options => options with { GuardianStrategy = KitExtensions.Always(Directive.Restart) });
        var starts = 0;
        var actor = kit.Obedient(hooks: new Script.Hooks { PreStart = _ => starts++ });
        actor.Tell(Kill.Instance);
        actor.Tell("alive");
        kit.ExpectMsg("alive");
        Assert.Equal(2, starts);
    }

    // R-LC6
    [Fact]
    public void GracefulStop_must_say_whether_the_actor_ended_in_time()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        Assert.True(kit.Await(actor.GracefulStop(FiveSeconds)));
        Assert.True(kit.Await(actor.GracefulStop(FiveSeconds)));
        var deaf = kit.ActorOf(Script.Props((_, _) => { }));
        Assert.False(kit.Await(deaf.GracefulStop(FiveSeconds, "please")));
    }

    // R-LC9
    [Fact]
    public void Ended_child_must_leave_the_parents_children()
    {
        using var kit = new TestKitBase();
        var (parent, child) = Family(kit, KitExtensions.Always(Directive.Stop));
        child.Tell(PoisonPill.Instance);
        kit.Settle();
        parent.Tell(Script.Do(context => kit.TestActor.Tell(context.GetChildren().Count, null)));
        kit.ExpectMsg(0);
    }
}
