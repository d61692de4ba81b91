using System.Diagnostics;
using ClusterActors.Bench.Failover;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Soak;

/// <summary>
/// The links between the servers of a pair with a witness fail and come back all the time: first once a second, half of it each, then for
/// times around the timeout. Both see the witness, so its vows keep the group where it is: a move fails it, and so does a program that
/// ran twice.
/// </summary>
internal sealed class LinkFlappingSoak : IBench
{
    private static readonly Flap[] OnceASecond = [new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5))];

    /// <summary>Below, at and above the timeout of the default profile.</summary>
    private static readonly Flap[] AroundTheTimeout =
        [.. new[] { 0.3, 1.0, 1.9, 2.0, 2.1, 3.0 }.Select(failed => new Flap(TimeSpan.FromSeconds(failed), TimeSpan.FromSeconds(0.5)))];

    public string Name => "soak.link-flapping";

    public string Summary => "links between two servers with a witness fail and heal, 2 minutes at 1 Hz and 2 minutes around the timeout: no move of the group; lost probes";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var profile = options.Profile ?? "default";
        var duration = options.Duration ?? TimeSpan.FromMinutes(2);
        await using var pair = await Pair.StartAsync(profile, withWitness: true);
        var active = await pair.ReadyAsync();
        await using var client = await Client.StartAsync(pair, active, (duration * 2) + TimeSpan.FromMinutes(3));
        var fast = await FlapAsync(pair, OnceASecond, duration, cancellation);
        var slow = await FlapAsync(pair, AroundTheTimeout, duration, cancellation);
        await pair.ReadyAsync();
        var report = await client.FinishAsync();
        options.Log($"{profile}: {fast} failures at {fast / duration.TotalSeconds:F2} Hz, {slow} around the timeout, {report.Address.LostCount} of {report.Address.Sent} probes lost");
        report.DemandOwners(active);
        return
        [
            BenchResult.Single($"{Name}.{profile}.failures-at-1hz", "cuts", fast),
            BenchResult.Single($"{Name}.{profile}.failures-around-timeout", "cuts", slow),
            BenchResult.Single($"{Name}.{profile}.lost", "probes", report.Address.LostCount),
        ];
    }

    /// <summary>By turns all that joins the two servers, and one direction of it; by a grid of instants, so that the time the lab takes adds nothing.</summary>
    private static async Task<int> FlapAsync(Pair pair, Flap[] flaps, TimeSpan duration, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var failures = 0;
        for (var next = TimeSpan.Zero; next < duration; failures++)
        {
            var flap = flaps[failures % flaps.Length];
            await pair.Lab.CutAsync(Pair.Servers[failures % 2], Pair.Servers[(failures + 1) % 2], oneWay: failures % 3 == 2);
            await UntilAsync(start, next += flap.Failed, cancellation);
            await pair.Lab.HealAsync();
            await UntilAsync(start, next += flap.Healed, cancellation);
        }

        return failures;
    }

    private static Task UntilAsync(long start, TimeSpan due, CancellationToken cancellation) =>
        due - Stopwatch.GetElapsedTime(start) is var left && left > TimeSpan.Zero ? Task.Delay(left, cancellation) : Task.CompletedTask;

    private readonly record struct Flap(TimeSpan Failed, TimeSpan Healed);
}
