using System.Diagnostics;
using ClusterActors.Bench.Failover;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Soak;

/// <summary>
/// The links between the servers of a pair with a witness fail and come back all the time, for times around the timeout. Both see the
/// witness, so its vows keep the group where it is: a move fails it, and so does a program that ran twice.
/// </summary>
internal sealed class LinkFlappingSoak : IBench
{
    /// <summary>Lengths of the failures, one after the other: below, at and above the timeout of the default profile.</summary>
    private static readonly TimeSpan[] Failures = [.. new[] { 0.3, 1.0, 1.9, 2.0, 2.1, 3.0 }.Select(TimeSpan.FromSeconds)];

    private static readonly TimeSpan Healed = TimeSpan.FromMilliseconds(500);

    public string Name => "soak.link-flapping";

    public string Summary => "links between two servers with a witness fail and heal for 2 minutes: no move of the group; lost probes";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var profile = options.Profile ?? "default";
        var duration = options.Duration ?? TimeSpan.FromMinutes(2);
        await using var pair = await Pair.StartAsync(profile, withWitness: true);
        var active = await pair.ReadyAsync();
        await using var client = await Client.StartAsync(pair, active, duration + TimeSpan.FromMinutes(3));
        var failures = await FlapAsync(pair, duration, cancellation);
        await pair.ReadyAsync();
        var report = await client.FinishAsync();
        options.Log($"{profile}: {failures} failures, {report.Address.LostCount} of {report.Address.Sent} probes lost");
        report.DemandOwners(active);
        return
        [
            BenchResult.Single($"{Name}.{profile}.failures", "cuts", failures),
            BenchResult.Single($"{Name}.{profile}.lost", "probes", report.Address.LostCount),
        ];
    }

    /// <summary>By turns all that joins the two servers, and one direction of it.</summary>
    private static async Task<int> FlapAsync(Pair pair, TimeSpan duration, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var failures = 0;
        for (; Stopwatch.GetElapsedTime(start) < duration; failures++)
        {
            await pair.Lab.CutAsync(Pair.Servers[failures % 2], Pair.Servers[(failures + 1) % 2], oneWay: failures % 3 == 2);
            await Task.Delay(Failures[failures % Failures.Length], cancellation);
            await pair.Lab.HealAsync();
            await Task.Delay(Healed, cancellation);
        }

        return failures;
    }
}
