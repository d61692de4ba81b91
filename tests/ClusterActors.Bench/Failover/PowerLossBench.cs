using ClusterActors.Bench.Probing;

namespace ClusterActors.Bench.Failover;

/// <summary>
/// The active server loses its power: links down and every process dead at one instant, as the lab script notes it. Both outages count
/// from that instant to the first answer of the other server; a client probes every 2 ms. Start instants are spread over the beat
/// interval, since the outage depends on where in it the power goes.
/// </summary>
internal abstract class PowerLossRuns : IBench
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(120);

    public abstract string Name { get; }

    public abstract string Summary { get; }

    /// <summary>Measured when none is named.</summary>
    protected virtual IReadOnlyList<string> Profiles => ["default", "fast", "instant"];

    protected abstract bool WithWitness { get; }

    /// <summary>Milliseconds beyond the timeout that the median of the address may reach.</summary>
    protected abstract int MedianAllowance { get; }

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var results = new List<BenchResult>();
        foreach (var profile in options.Profile is { } one ? [one] : Profiles)
        {
            var losses = new List<PowerLoss>();
            await using var pair = await Pair.StartAsync(profile, WithWitness);
            for (var run = 1; run <= (options.Runs ?? 20); run++)
            {
                cancellation.ThrowIfCancellationRequested();
                losses.Add(await OneLossAsync(pair, spread: run * 37 % 200));
                options.Log($"{profile} {run}: {losses[^1]}");
                if (losses[^1].Address > LatestOf(profile))
                    options.Log($"{profile} {run} was later than {LatestOf(profile)} ms; what the servers wrote:\n{await pair.Lab.LogsAsync()}");
            }

            results.Add(BenchResult.Of($"{Name}.{profile}.outage", "ms", losses.Select(loss => loss.Address)) with { Limit = new(TimeoutOf(profile) + MedianAllowance, LatestOf(profile)) });
            results.Add(BenchResult.Of($"{Name}.{profile}.program-outage", "ms", losses.Select(loss => loss.Program)));
        }

        return results;
    }

    /// <summary>The timeout and 100 ms. Why a run is later only the servers' own words of that moment can tell.</summary>
    private static int LatestOf(string profile) => 100 + TimeoutOf(profile);

    private static int TimeoutOf(string profile) => profile switch
    {
        "default" => 2000,
        "fast" => 300,
        "instant" => 80,
        Pair.Instant40 => 40,
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "has no timeout here"),
    };

    private static async Task<PowerLoss> OneLossAsync(Pair pair, int spread)
    {
        var active = await pair.SettledAsync();
        var other = Pair.Other(active);
        await using var client = await Client.StartAsync(pair, active, LongestRun);
        await Task.Delay(TimeSpan.FromMilliseconds(100 + spread));

        var loss = await pair.Lab.PowerOffAsync(active);
        await client.AnsweredByAsync(other);
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        var report = await client.FinishAsync();
        report.DemandOwners(active, other);
        await pair.Lab.PowerOnAsync(active);
        double Since(long instant) => Clock.ToMilliseconds(instant - loss.At);
        return new(
            Since(report.Address.Owners[1].FirstAt), Since(report.Program.Owners[1].FirstAt), Since(loss.Done),
            Since(Math.Max(report.Address.Owners[0].LastAt, report.Program.Owners[0].LastAt)), Math.Max(report.Address.WorstLateness, report.Program.WorstLateness));
    }

    /// <summary>All in ms; outages and instants count from the power-off.</summary>
    /// <param name="Cut">When the lab had cut the last link and killed the last process: what is longer than some ms is the lab's, not the product's.</param>
    /// <param name="LastAnswer">Of the server that lost its power.</param>
    /// <param name="ClientLate">By how much the client itself was late at worst.</param>
    private sealed record PowerLoss(double Address, double Program, double Cut, double LastAnswer, double ClientLate)
    {
        public override string ToString() =>
            $"address {Address:F1} ms, program {Program:F1} ms (off after {Cut:F1} ms, last answer at {LastAnswer:F1} ms, client at most {ClientLate:F1} ms late)";
    }
}

/// <summary>Under the policy take-over: nobody is asked.</summary>
internal sealed class PowerLossBench : PowerLossRuns
{
    public override string Name => "failover.power-loss";

    public override string Summary => "outage of address (ICMP) and program (UDP) for a client when the active server loses its power, by profile (ms)";

    /// <summary>Not with a witness, for whose answer A2 would leave less than a millisecond there.</summary>
    protected override IReadOnlyList<string> Profiles => [.. base.Profiles, Pair.Instant40];

    protected override bool WithWitness => false;

    protected override int MedianAllowance => 50;
}

/// <summary>Under ask-arbiters: the same, and the vote of a witness on a third machine.</summary>
internal sealed class PowerLossWitnessBench : PowerLossRuns
{
    public override string Name => "failover.power-loss-witness";

    public override string Summary => "the same when a witness has to vote for the takeover: what its answer costs (ms)";

    protected override bool WithWitness => true;

    protected override int MedianAllowance => 20;
}
