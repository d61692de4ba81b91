using System.Diagnostics;
using ClusterActors.Actors;

namespace ClusterActors.Bench.Actors;

/// <summary>How late timers reach their actor, and what a system costs that only waits.</summary>
internal sealed class TimerBench : IBench
{
    private const int Timers = 200;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public string Name => "actors.timer";

    public string Summary => "lateness of 200 periodic 50 ms timers in ms (p50, p99, max); CPU ms per second of an idle system with 1000 actors";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var length = options.Duration ?? TimeSpan.FromSeconds(3);
        var late = await Lateness(length, cancellation);
        late.Sort();
        var idle = await Idle(length, cancellation);
        return
        [
            new BenchResult($"{Name}.late", "ms", late.Count, late[0], late[late.Count / 2], late[^1]),
            BenchResult.Single($"{Name}.late.p99", "ms", late[(int)(late.Count * 0.99)]),
            BenchResult.Single($"{Name}.idle-cpu", "ms/s", idle),
        ];
    }

    private static async Task<List<double>> Lateness(TimeSpan length, CancellationToken cancellation)
    {
        await using var system = ActorSystem.Create("bench");
        var all = new List<List<double>>();
        for (var i = 0; i < Timers; i++)
        {
            var mine = new List<double>();
            all.Add(mine);
            system.ActorOf(Props.Create(() => new Ticker(mine)));
        }
        await Task.Delay(length, TimeProvider.System, cancellation);
        await system.Terminate();
        return [.. all.SelectMany(static mine => mine)];
    }

    private static async Task<double> Idle(TimeSpan length, CancellationToken cancellation)
    {
        await using var system = ActorSystem.Create("bench");
        for (var i = 0; i < 1000; i++) system.ActorOf(Props.Create(() => new Sleeper()));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellation);
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        await Task.Delay(length, TimeProvider.System, cancellation);
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed class Ticker(List<double> late) : UntypedActor, IWithTimers
    {
        private long _due;

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Again();

        protected override void OnReceive(object message)
        {
            late.Add(Stopwatch.GetElapsedTime(_due).TotalMilliseconds);
            Again();
        }

        private void Again()
        {
            _due = Stopwatch.GetTimestamp() + (long)(Interval.TotalSeconds * Stopwatch.Frequency);
            Timers.StartSingleTimer("tick", "tick", Interval);
        }
    }

    private sealed class Sleeper : UntypedActor, IWithTimers
    {
        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer("tick", "tick", TimeSpan.FromHours(1));

        protected override void OnReceive(object message) { }
    }
}
