using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class EventStreamTests
{
    private interface IMark;

    private record Base(int Number);

    private sealed record Derived(int Number) : Base(Number), IMark;

    private sealed record Tick : IDeadLetterSuppression;

    // R-ES1
    [Fact]
    public void Subscriber_must_get_subtypes_and_interfaces_once_each()
    {
        using var kit = new TestKitBase();
        var stream = kit.Sys.EventStream;
        Assert.True(stream.Subscribe<Base>(kit.TestActor));
        Assert.True(stream.Subscribe<IMark>(kit.TestActor));
        Assert.False(stream.Subscribe<Base>(kit.TestActor));
        stream.Publish(new Derived(1));
        stream.Publish(new Base(2));
        stream.Publish("not wanted");
        kit.ExpectMsg<Base>(new Derived(1));
        kit.ExpectMsg(new Base(2));
        kit.ExpectNoMsg();
        Assert.True(stream.Unsubscribe(kit.TestActor));
        Assert.False(stream.Unsubscribe(kit.TestActor));
        stream.Publish(new Base(3));
        kit.ExpectNoMsg();
    }

    // R-ES1: subscribe the base, take a subclass back
    [Fact]
    public void Unsubscribing_a_subclass_must_leave_the_rest()
    {
        using var kit = new TestKitBase();
        var stream = kit.Sys.EventStream;
        stream.Subscribe<Base>(kit.TestActor);
        Assert.True(stream.Unsubscribe(kit.TestActor, typeof(Derived)));
        stream.Publish(new Derived(1));
        stream.Publish(new Base(2));
        kit.ExpectMsg(new Base(2));
        Assert.True(stream.Subscribe<Derived>(kit.TestActor));
        stream.Publish(new Derived(3));
        kit.ExpectMsg(new Derived(3));
    }

    // R-ES1
    [Fact]
    public void Null_must_be_refused()
    {
        using var kit = new TestKitBase();
        Assert.Throws<ArgumentNullException>(() => kit.Sys.EventStream.Subscribe(null!, typeof(string)));
        Assert.Throws<ArgumentNullException>(() => kit.Sys.EventStream.Subscribe(kit.TestActor, null!));
        Assert.Throws<ArgumentNullException>(() => kit.Sys.EventStream.Publish(null!));
    }

    // R-ES2
    [Fact]
    public void Ended_subscriber_must_be_unsubscribed_by_itself()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var actor = kit.Obedient();
        kit.Sys.EventStream.Subscribe<Base>(actor);
        actor.Tell(PoisonPill.Instance);
        kit.Settle();
        kit.Sys.EventStream.Publish(new Base(1));
        lost.ExpectNoMsg();
        Assert.False(kit.Sys.EventStream.Unsubscribe(actor));
    }

    // R-ES3
    [Fact]
    public void Marked_messages_must_be_suppressed_dead_letters_and_never_logged()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        kit.EventFilter(contains: "dead letter").Expect(0, () => kit.Sys.DeadLetters.Tell(new Tick()));
        lost.ExpectMsg<SuppressedDeadLetter>();
        kit.EventFilter(LogLevel.Info, "dead letter String").ExpectOne(() => kit.Sys.DeadLetters.Tell("plain"));
        Assert.Equal(DeadLetterReasons.NoRecipient, lost.ExpectMsg<DeadLetter>().Reason);
    }

    // R-ES4
    [Fact]
    public void Logging_must_pause_after_ten_and_then_tell_how_many_were_left_out()
    {
        using var kit = new TestKitBase();
        kit.EventFilter(LogLevel.Info, "dead letter String").Expect(10, () =>
        {
            for (var i = 0; i < 25; i++) kit.Sys.DeadLetters.Tell("x");
        });
        kit.Advance(TimeSpan.FromMinutes(5));
        kit.EventFilter(LogLevel.Warning, "15 dead letters were not logged").ExpectOne(() => kit.Sys.DeadLetters.Tell("x"));
    }

    // R-ES5
    [Fact]
    public void Dead_letter_told_to_dead_letters_must_not_be_wrapped()
    {
        using var kit = new TestKitBase();
        var lost = kit.DeadLetterProbe();
        var letter = new DeadLetter("x", kit.TestActor, kit.TestActor, "because");
        kit.Sys.DeadLetters.Tell(letter);
        Assert.Same(letter, lost.ExpectMsg<DeadLetter>());
        kit.Probe.Send(kit.Sys.DeadLetters, new Identify(1));
        kit.ExpectMsg(new ActorIdentity(1, null));
    }

    // A subscriber to dead letters that cannot take one must not be told about that for ever
    [Fact]
    public void Dead_letter_about_a_full_subscriber_must_end_there()
    {
        using var kit = new TestKitBase(configure: options => options with { MailboxLimit = 8 });
        kit.Sys.EventStream.Subscribe<AllDeadLetters>(kit.TestActor);
        for (var i = 0; i < 100; i++) kit.Sys.DeadLetters.Tell(i, null);
        Assert.Equal(8, kit.Probe.ReceiveWhile<DeadLetter>(max: TimeSpan.FromMilliseconds(1)).Count);
    }

    [Fact]
    public void Log_line_must_fill_its_fields_and_never_throw()
    {
        static string Text(string template, params object?[] args) => new LogEvent(default, LogLevel.Info, "s", template, args, null).Message;
        Assert.Equal("group web moved a -> b", Text("group {Group} moved {From} -> {To}", "web", "a", "b"));
        Assert.Equal("one 1 {Two} {", Text("one {One} {Two} {", 1));
    }
}
