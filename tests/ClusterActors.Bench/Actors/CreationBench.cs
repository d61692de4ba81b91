using System.Diagnostics;
using ClusterActors.Actors;

namespace ClusterActors.Bench.Actors;

/// <summary>Creation of many actors, the memory each keeps, and restarts.</summary>
internal sealed class CreationBench : IBench
{
    private const int Count = 100_000;
    private const int Restarts = 20_000;

    public string Name => "actors.creation";

    public string Summary => "actors created and started per second, bytes kept by each, restarts per second";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var kept = new List<double>();
        var created = await ActorBench.Repeat(options, Name, "actor/s", system => Create(system, kept), cancellation);
        var restarted = await ActorBench.Repeat(options, "actors.creation.restart", "restart/s", Restart, cancellation);
        return [.. created, BenchResult.Of("actors.creation.kept", "B/actor", kept), .. restarted];
    }

    private static async Task<double> Create(ActorSystem system, List<double> kept)
    {
        var started = ActorBench.NewLatch();
        var left = new Countdown(Count, started);
        var props = Props.Create(() => new Starter(left));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Count; i++) system.ActorOf(props);
        await started.Task;
        var rate = ActorBench.PerSecond(Count, start);
        kept.Add((GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count);
        return rate;
    }

    private static async Task<double> Restart(ActorSystem system)
    {
        var done = ActorBench.NewLatch();
        var left = new Countdown(Restarts, done);
        var parent = system.ActorOf(Props.Create(() => new Failing(left), new OneForOneStrategy(static _ => Directive.Restart)));
        var start = Stopwatch.GetTimestamp();
        parent.Tell("go", null);
        await done.Task;
        return ActorBench.PerSecond(Restarts, start);
    }

    private sealed class Countdown(int count, TaskCompletionSource done)
    {
        private int _left = count;

        public void Step()
        {
            if (Interlocked.Decrement(ref _left) == 0) done.TrySetResult();
        }
    }

    private sealed class Starter(Countdown started) : ReceiveActor
    {
        protected override void PreStart() => started.Step();
    }

    /// <summary>Its child throws at each message and sends itself the next one when it is back.</summary>
    private sealed class Failing(Countdown restarts) : UntypedActor
    {
        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Restart);

        protected override void OnReceive(object message) => Context.ActorOf(Props.Create(() => new Child(restarts))).Tell(message, Self);

        private sealed class Child(Countdown restarts) : UntypedActor
        {
            private static readonly InvalidOperationException Failure = new("restart me");

            protected override void PostRestart(Exception reason)
            {
                restarts.Step();
                Self.Tell("again", Self);
            }

            protected override void OnReceive(object message) => throw Failure;
        }
    }
}
