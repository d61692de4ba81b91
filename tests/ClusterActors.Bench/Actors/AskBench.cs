using System.Diagnostics;
using ClusterActors.Actors;

namespace ClusterActors.Bench.Actors;

/// <summary>Asks that wait together in groups, as an API under load has them.</summary>
internal sealed class AskBench : IBench
{
    private const int Asks = 500_000;
    private const int Together = 100;

    public string Name => "actors.ask";

    public string Summary => "asks per second of one caller, 100 at a time, answered by one actor";

    public Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation) =>
        ActorBench.Repeat(options, Name, "ask/s", Ask, cancellation);

    private static async Task<double> Ask(ActorSystem system)
    {
        var echo = system.ActorOf(Props.Create(() => new Echo()));
        var question = new object();
        var answers = new Task<object>[Together];
        var start = Stopwatch.GetTimestamp();
        for (var done = 0; done < Asks; done += Together)
        {
            for (var i = 0; i < Together; i++) answers[i] = echo.Ask<object>(question);
            await Task.WhenAll(answers);
        }
        return ActorBench.PerSecond(Asks, start);
    }

    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message, Self);
    }
}
