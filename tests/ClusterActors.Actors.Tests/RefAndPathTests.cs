using ClusterActors.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterActors.Actors.Tests;

public sealed class RefAndPathTests
{
    // R-RF1
    [Fact]
    public void Props_must_refuse_a_null_factory_and_have_no_strategy_unless_set()
    {
        Assert.Throws<ArgumentNullException>(() => Props.Create<Script>(null!));
        Assert.Null(Script.Props((_, _) => { }).SupervisorStrategy);
    }

    // R-RF1: a new instance each time
    [Fact]
    public void Props_that_return_the_same_instance_twice_must_fail_the_second_start()
    {
        using var kit = new TestKitBase();
        Script? only = null;
        var props = Props.Create(() => only ??= new Script((_, _) => { }));
        kit.ActorOf(props);
        kit.EventFilter(LogLevel.Error, "built before").ExpectOne(() => kit.ActorOf(props));
    }

    // R-RF2
    [Fact]
    public void Actor_must_not_be_built_outside_ActorOf() =>
        Assert.Throws<ActorInitializationException>(() => new Script((_, _) => { }));

    // R-RF3
    [Fact]
    public void Ref_of_an_old_incarnation_must_differ_and_never_reach_the_new_one()
    {
        using var kit = new TestKitBase();
        var old = kit.Obedient("same");
        kit.Watch(old);
        old.Tell(PoisonPill.Instance);
        kit.ExpectTerminated(old);
        var fresh = kit.Obedient("same");
        Assert.Equal(old.Path, fresh.Path);
        Assert.NotEqual(old, fresh);
        old.Tell("for the old one");
        kit.ExpectNoMsg();
        var resolvedOld = kit.Sys.Provider.ResolveActorRef(old.Path);
        Assert.NotEqual(fresh, resolvedOld);
        Assert.Same(fresh, kit.Sys.Provider.ResolveActorRef(fresh.Path));
        Assert.Same(fresh, kit.Sys.Provider.ResolveActorRef(fresh.Path.WithUid(ActorPath.UndefinedUid)));
    }

    // R-RF4
    [Theory]
    [InlineData("clp://sys/")]
    [InlineData("clp://sys/user")]
    [InlineData("clp://sys/user/a/b")]
    [InlineData("clp://sys@server1/user/a/b")]
    [InlineData("clp://sys@server1:29001/user/$a")]
    [InlineData("clp://sys@[::1]:1/user/a#1234567890123")]
    public void Path_must_come_back_from_its_text(string text)
    {
        var path = ActorPath.Parse(text);
        Assert.Equal(text, path.Depth == 0 ? path.ToSerializationFormat() : path.ToSerializationFormat());
        Assert.Equal(path, ActorPath.Parse(path.ToString()));
    }

    // R-RF4
    [Theory]
    [InlineData("")]
    [InlineData("user/a")]
    [InlineData("akka://sys/user")]
    [InlineData("clp:///user")]
    [InlineData("clp://sys/user//a")]
    [InlineData("clp://sys/user/a#x")]
    [InlineData("clp://sys/user/a b")]
    [InlineData("clp://sys/user/..")]
    [InlineData("clp://sys@/user")]
    [InlineData("clp://sys/user/\u00e4")]
    public void Path_must_refuse_other_text(string text)
    {
        Assert.False(ActorPath.TryParse(text, out _));
        Assert.Throws<FormatException>(() => ActorPath.Parse(text));
    }

    // R-RF4 as a property
    [Fact]
    public void Path_must_round_trip_for_any_valid_elements()
    {
        var element = Gen.NonEmptyListOf(Gen.Elements("abcXYZ019-_.:$()+@=!,;'~&".ToCharArray()))
            .Select(chars => string.Concat(chars)).Where(ActorPath.IsValidElement);
        var paths =
            from elements in Gen.ListOf(element)
            from uid in Gen.Choose(0, int.MaxValue)
            from server in Gen.Elements<string?>(null, "s1", "s1:29001")
            select elements.Aggregate(ActorPath.Root(new Address("sys", server)), (path, name) => path / name) is { Depth: > 0 } made
                ? made.WithUid(uid) : ActorPath.Root(new Address("sys", server)) / "x";
        Prop.ForAll(paths.ToArbitrary(), path =>
        {
            var back = ActorPath.Parse(path.ToSerializationFormat());
            return back == path && back.Uid == path.Uid && back.GetHashCode() == path.GetHashCode();
        }).QuickCheckThrowOnFailure();
    }

    // R-RF5
    [Theory]
    [InlineData("")]
    [InlineData("$a")]
    [InlineData("a/b")]
    [InlineData("a#b")]
    public void Name_must_be_refused_when_it_is_not_allowed(string name)
    {
        using var kit = new TestKitBase();
        Assert.Throws<InvalidActorNameException>(() => kit.Obedient(name));
    }

    // R-RF5
    [Fact]
    public void Name_must_be_given_to_exactly_one_of_racing_creators()
    {
        using var kit = new TestKitBase(new RealDriver());
        for (var round = 0; round < 50; round++)
        {
            var name = $"n{round}";
            using var gate = new Barrier(4);
            var successes = 0;
            var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
            {
                gate.SignalAndWait();
                try
                {
                    kit.Sys.ActorOf(Script.Props((_, _) => { }), name);
                    Interlocked.Increment(ref successes);
                }
                catch (InvalidActorNameException)
                {
                    // The losers.
                }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            Assert.Equal(1, successes);
        }
    }

    // R-RF5: auto names
    [Fact]
    public void Unnamed_actors_must_get_names_one_after_the_other()
    {
        using var kit = new TestKitBase();
        var names = Enumerable.Range(0, 70).Select(_ => kit.Sys.ActorOf(Script.Props((_, _) => { })).Path.Name).ToList();
        Assert.Equal(["$a", "$b", "$c"], names.Take(3));
        Assert.Equal(70, names.Distinct().Count());
    }

    // R-RF5, DeathWatch: free again on Terminated
    [Fact]
    public void Name_must_be_free_when_the_parent_sees_Terminated()
    {
        using var kit = new TestKitBase();
        var props = Script.Obedient(kit.TestActor);
        var parent = kit.ActorOf(Script.Props((message, context) =>
        {
            if (message is Terminated) kit.TestActor.Tell(context.ActorOf(props, "kid"), context.Self);
            else context.Stop(context.Watch(context.ActorOf(props, "kid")));
        }));
        parent.Tell("go");
        Assert.Equal("kid", kit.ExpectMsg<IActorRef>().Path.Name);
    }

    // R-RF6
    [Fact]
    public void Sender_must_be_dead_letters_when_told_from_outside()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient();
        actor.Tell(Script.Do(context => kit.TestActor.Tell(context.Sender, context.Self)));
        Assert.Equal(kit.Sys.DeadLetters, kit.ExpectMsg<IActorRef>());
    }

    // R-RF6
    [Fact]
    public void Forward_must_keep_the_sender()
    {
        using var kit = new TestKitBase();
        var target = kit.CreateTestProbe();
        var forwarder = kit.ActorOf(Script.Props((message, _) => target.Ref.Forward(message)));
        kit.Probe.Send(forwarder, "x");
        target.ExpectMsg("x");
        Assert.Equal(kit.TestActor, target.LastSender);
    }

    // R-RF7
    [Fact]
    public void Message_told_before_the_constructor_ran_must_be_handled()
    {
        using var kit = new TestKitBase();
        kit.Obedient().Tell("early");
        kit.ExpectMsg("early");
    }

    // R-RF7
    [Fact]
    public void Creation_must_be_refused_while_the_system_stops()
    {
        using var kit = new TestKitBase();
        kit.Await(kit.Sys.Terminate());
        Assert.Throws<InvalidOperationException>(() => kit.Obedient());
    }

    // R-RF8
    [Fact]
    public void Identify_must_be_answered_by_the_cell_and_with_null_for_a_missing_path()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient("here");
        kit.Probe.Send(actor, new Identify(1));
        kit.ExpectMsg(new ActorIdentity(1, actor));
        kit.Probe.Send(kit.Sys.ActorSelection("/user/nowhere"), new Identify(2));
        kit.ExpectMsg(new ActorIdentity(2, null));
    }

    // R-RF9
    [Fact]
    public void Selection_must_be_looked_up_at_each_Tell_and_lose_with_the_target_path()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var selection = kit.Sys.ActorSelection("/user/late");
        kit.Probe.Send(selection, "before");
        var letter = lost.ExpectMsg<DeadLetter>();
        Assert.Equal(("before", kit.TestActor, "/user/late"), (letter.Message, letter.Sender, letter.Recipient.Path.ToStringWithoutAddress()));
        kit.Obedient("late");
        kit.Probe.Send(selection, "after");
        kit.ExpectMsg("after");
    }

    // R-RF9: relative paths and .. above the root
    [Fact]
    public void Selection_must_walk_relative_steps_and_stay_at_the_root()
    {
        using var kit = new TestKitBase();
        kit.Obedient("sibling");
        var actor = kit.Obedient("here");
        actor.Tell(Script.Do(context => context.ActorSelection("../sibling").Tell("hi", context.Self)));
        kit.ExpectMsg("hi");
        actor.Tell(Script.Do(context => context.ActorSelection("../../../../user/sibling").Tell("again", context.Self)));
        kit.ExpectMsg("again");
    }

    // R-RF9
    [Fact]
    public void ResolveOne_must_give_the_ref_or_ActorNotFound()
    {
        using var kit = new TestKitBase();
        var actor = kit.Obedient("here");
        Assert.Equal(actor, kit.Await(kit.Sys.ActorSelection("/user/here").ResolveOne(KitExtensions.Second)));
        Assert.Throws<ActorNotFoundException>(() => kit.Await(kit.Sys.ActorSelection("/user/gone").ResolveOne(KitExtensions.Second)));
        Assert.Equal(actor, kit.Await(kit.Sys.ActorSelection(actor.Path.ToString()).ResolveOne(KitExtensions.Second)));
    }
}
