using System.Text.Json;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Beats;

/// <summary>
/// Two guardians that do nothing but beat at each other: how late their passes are and how many beats are lost on this machine. What
/// <c>scheduling-error</c> may be lowered to is read from the maximum.
/// </summary>
internal sealed class BeatsBench : IBench
{
    private static readonly (string Profile, int IntervalMilliseconds)[] Profiles = [("default", 200), ("fast", 50), ("instant", 10)];

    public string Name => "beats";

    public string Summary => "lateness (p99.9, maximum; ms) and loss of heartbeats between two servers, by profile";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        if (LabCluster.MissingReason is { } reason)
            throw new BenchFailedException(reason);
        var seconds = (int)(options.Duration ?? TimeSpan.FromSeconds(20)).TotalSeconds;
        var results = new List<BenchResult>();
        await using var lab = await LabCluster.StartAsync();
        foreach (var (profile, interval) in Profiles.Where(profile => options.Profile is null || options.Profile == profile.Profile))
        {
            cancellation.ThrowIfCancellationRequested();
            var sides = await MeasureAsync(lab, interval, seconds);
            options.Log($"{profile}: {string.Join("; ", sides.Select(side => $"{side.Passes} passes, {side.Sent} sent, {side.Accepted} accepted, {side.Missed} missed, {side.Collections} collections"))}");
            results.Add(BenchResult.Of($"{Name}.{profile}.late.p999", "ms", sides.Select(side => side.LateMs.P999)));
            results.Add(BenchResult.Of($"{Name}.{profile}.late.max", "ms", sides.Select(side => side.LateMs.Max)));
            // By gaps in the sequence: what one side sent before the other listened is no loss.
            results.Add(BenchResult.Of($"{Name}.{profile}.lost", "%", sides.Select(side => 100.0 * side.Missed / Math.Max(1, side.Accepted + side.Missed))));
        }

        return results.Count > 0 ? results : throw new BenchFailedException($"profile '{options.Profile}' has no beats here; there are {string.Join(", ", Profiles.Select(profile => profile.Profile))}");
    }

    private static async Task<BeatReport[]> MeasureAsync(LabCluster lab, int interval, int seconds)
    {
        await using var first = Start(lab, "server1", "10.77.1.1", "10.77.1.2", 0, interval, seconds);
        await using var second = Start(lab, "server2", "10.77.1.2", "10.77.1.1", 1, interval, seconds);
        return [await ReadAsync(first, seconds), await ReadAsync(second, seconds)];
    }

    private static RunningCommand Start(LabCluster lab, string server, string self, string peer, int index, int interval, int seconds) => lab.Start(
        server, Repository.Program("clpmonp"), "beat-test", "--self", self, "--peer", peer, "--index", $"{index}", "--interval", $"{interval}", "--seconds", $"{seconds}");

    private static async Task<BeatReport> ReadAsync(RunningCommand beats, int seconds)
    {
        var line = await beats.LineAsync("the report of clpmonp beat-test", text => text.StartsWith('{'), TimeSpan.FromSeconds(seconds) + LabCluster.CommandLimit);
        var report = JsonSerializer.Deserialize<BeatReport>(line, JsonSerializerOptions.Web)!;
        return report.RealTime ? report : throw new BenchFailedException("clpmonp got no real-time priority: its lateness would be this machine's ordinary scheduling");
    }

    private sealed record BeatReport(long Passes, long Sent, long Accepted, long Missed, bool RealTime, Lateness LateMs, int Collections);

    private sealed record Lateness(double P50, double P99, double P999, double Max);
}
