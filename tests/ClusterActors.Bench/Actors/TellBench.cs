using System.Diagnostics;
using ClusterActors.Actors;

namespace ClusterActors.Bench.Actors;

/// <summary>One thread tells one actor, never more ahead than the mailbox allows.</summary>
internal sealed class TellBench : IBench
{
    private const int Messages = 5_000_000;
    private const int Burst = 50_000;

    public string Name => "actors.tell";

    public string Summary => "messages per second one way, from one thread to one actor, in bursts of 50,000";

    public Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation) =>
        ActorBench.Repeat(options, Name, "msg/s", Tell, cancellation);

    private static async Task<double> Tell(ActorSystem system)
    {
        using var room = new SemaphoreSlim(2);
        var done = ActorBench.NewLatch();
        var actor = system.ActorOf(Props.Create(() => new Sink(Messages, room, done)));
        var message = new object();
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < Messages; sent += Burst)
        {
            await room.WaitAsync();
            for (var i = 0; i < Burst; i++) actor.Tell(message, null);
        }
        await done.Task;
        return ActorBench.PerSecond(Messages, start);
    }

    private sealed class Sink(int count, SemaphoreSlim room, TaskCompletionSource done) : UntypedActor
    {
        private int _seen;

        protected override void OnReceive(object message)
        {
            if (++_seen % Burst == 0) room.Release();
            if (_seen == count) done.TrySetResult();
        }
    }
}
