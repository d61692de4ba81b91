using ClusterActors.Actors;
using ClusterActors.Node.Composition;

namespace ClusterActors.Node.Tests;

public sealed class StartFailuresTests
{
    [Fact]
    public async Task End_by_a_failed_actor_must_be_fatal_and_an_ordered_end_not()
    {
        await using var failing = ActorSystem.Create("failing", new ActorSystemOptions { GuardianStrategy = new OneForOneStrategy(static _ => Directive.Escalate) });
        failing.ActorOf(Props.Create(() => new Fragile()), "fragile").Tell("fail", ActorRefs.NoSender);
        await failing.WhenTerminated;
        Assert.True(StartFailures.IsFatal(failing));

        await using var ordered = ActorSystem.Create("ordered");
        await ordered.Terminate();
        Assert.False(StartFailures.IsFatal(ordered));
    }

    private sealed class Fragile : ReceiveActor
    {
        public Fragile() => Receive<string>(text => throw new InvalidOperationException(text));
    }
}
