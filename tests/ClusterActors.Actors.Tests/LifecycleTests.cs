using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class LifecycleTests
{
    private sealed class Recorder : UntypedActor
    {
        private readonly IActorRef _to;
        private readonly int _generation;

        public Recorder(IActorRef to, Func<int> generation)
        {
            _to = to;
            _generation = generation();
            _to.Tell($"ctor-{_generation}");
        }

        protected override void PreStart() => _to.Tell($"preStart-{_generation}");

        protected override void PostStop() => _to.Tell($"postStop-{_generation}");

        protected override void OnReceive(object message)
        {
            if (message is Exception failure) throw failure;
            _to.Tell($"{message}-{_generation}");
        }
    }

    private sealed class ExplicitRecorder(IActorRef to, Func<int> generation) : UntypedActor
    {
        private readonly int _generation = generation();

        protected override void PreStart() => to.Tell($"preStart-{_generation}");

        protected override void PostStop() => to.Tell($"postStop-{_generation}");

        protected override void PreRestart(Exception reason, object? message) => to.Tell($"preRestart-{_generation}:{message}:{Sender.Path.Name}");

        protected override void PostRestart(Exception reason) => to.Tell($"postRestart-{_generation}:{reason.Message}");

        protected override void OnReceive(object message)
        {
            if (message is "boom") throw new InvalidOperationException("boom");
            to.Tell($"{message}-{_generation}");
        }
    }

    private static Func<int> Counter()
    {
        var count = 0;
        return () => Interlocked.Increment(ref count) - 1;
    }

    // R-LC1
    [Fact]
    public void Actor_must_run_constructor_then_PreStart_then_messages_then_PostStop()
    {
        using var kit = new TestKitBase();
        var generation = Counter();
        var actor = kit.ActorOf(() => new Recorder(kit.TestActor, generation));
        actor.Tell("hello");
        actor.Tell(PoisonPill.Instance);
        foreach (var expected in new[] { "ctor-0", "preStart-0", "hello-0", "postStop-0" }) kit.ExpectMsg(expected);
        kit.ExpectNoMsg();
    }

    // R-LC2: defaults
    [Fact]
    public void Restart_must_call_PostStop_constructor_and_PreStart_when_hooks_are_not_overridden()
    {
        using var kit = new TestKitBase();
        var generation = Counter();
        var actor = kit.ActorOf(() => new Recorder(kit.TestActor, generation));
        actor.Tell(new InvalidOperationException("fail"));
        actor.Tell("after");
        foreach (var expected in new[] { "ctor-0", "preStart-0", "postStop-0", "ctor-1", "preStart-1", "after-1" }) kit.ExpectMsg(expected);
    }

    // R-LC2, R-SV4: explicit hooks, generations, the limit stops
    [Fact]
    public void Restart_must_go_through_generations_until_the_limit_stops_the_actor()
    {
        using var kit = new TestKitBase(configure: options => options with
        {
            GuardianStrategy = new OneForOneStrategy(3, TimeSpan.FromSeconds(1000), _ => Directive.Restart),
        });
        var generation = Counter();
        var actor = kit.ActorOf(() => new ExplicitRecorder(kit.TestActor, generation));
        kit.ExpectMsg("preStart-0");
        for (var round = 0; round < 3; round++)
        {
            kit.Probe.Send(actor, "boom");
            kit.ExpectMsg($"preRestart-{round}:boom:testActor");
            kit.ExpectMsg($"postRestart-{round + 1}:boom");
            actor.Tell("status");
            kit.ExpectMsg($"status-{round + 1}");
        }
        actor.Tell("boom");
        kit.ExpectMsg("postStop-3");
        kit.ExpectNoMsg();
    }
}
