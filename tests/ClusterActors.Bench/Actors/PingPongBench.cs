using System.Diagnostics;
using ClusterActors.Actors;

namespace ClusterActors.Bench.Actors;

/// <summary>Pairs of actors that send one ball to and fro.</summary>
internal sealed class PingPongBench : IBench
{
    private const int MessagesPerRun = 6_000_000;

    public string Name => "actors.ping-pong";

    public string Summary => "messages per second of 1, 8 and 32 pairs with one ball each";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var results = new List<BenchResult>();
        foreach (var pairs in new[] { 1, 8, 32 })
            results.AddRange(await ActorBench.Repeat(options, $"{Name}.{pairs}", "msg/s", system => Play(system, pairs), cancellation));
        return results;
    }

    private static async Task<double> Play(ActorSystem system, int pairs)
    {
        var perPlayer = MessagesPerRun / pairs / 2;
        var latches = new List<Task>();
        var servers = new List<(IActorRef From, IActorRef To)>();
        for (var i = 0; i < pairs; i++)
        {
            var (one, other) = (ActorBench.NewLatch(), ActorBench.NewLatch());
            latches.AddRange([one.Task, other.Task]);
            servers.Add((system.ActorOf(Props.Create(() => new Player(perPlayer, one))), system.ActorOf(Props.Create(() => new Player(perPlayer, other)))));
        }
        var ball = new object();
        var start = Stopwatch.GetTimestamp();
        foreach (var (from, to) in servers) to.Tell(ball, from);
        await Task.WhenAll(latches);
        return ActorBench.PerSecond((long)perPlayer * 2 * pairs, start);
    }

    private sealed class Player(int count, TaskCompletionSource done) : UntypedActor
    {
        private int _left = count;

        protected override void OnReceive(object message)
        {
            if (_left == 0) return;
            Sender.Tell(message, Self);
            if (--_left == 0) done.TrySetResult();
        }
    }
}
