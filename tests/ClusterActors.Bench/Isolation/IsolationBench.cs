using System.Diagnostics;
using System.Text.Json;
using ClusterActors.Bench.Failover;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Isolation;

/// <summary>
/// The active server's links stay up while its guardian and daemon are dead, or everything on it is frozen: only the kernel's fence can
/// silence the address there. A capture on the client tells, by MAC, when each server used the address (ARP and IPv4). Fails when the
/// old server used it after the new one began, and when its program outlived the takeover.
/// </summary>
internal abstract class IsolationBench : IBench
{
    private static readonly string[] Profiles = ["default", "fast", "instant"];
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(120);

    /// <summary>How long the old server is watched after its return.</summary>
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(2);

    public abstract string Name { get; }

    public abstract string Summary { get; }

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var results = new List<BenchResult>();
        foreach (var profile in options.Profile is { } one ? [one] : Profiles)
        {
            var runs = new List<(double LastReply, double Outage, double FramesAfterwards)>();
            await using var pair = await Pair.StartAsync(profile);
            for (var run = 1; run <= (options.Runs ?? 5); run++)
            {
                cancellation.ThrowIfCancellationRequested();
                runs.Add(await OneAsync(pair));
                options.Log($"{profile} {run}: last reply of the old server {runs[^1].LastReply:F1} ms from the new one's first frame, outage {runs[^1].Outage:F1} ms");
            }

            results.Add(BenchResult.Of($"{Name}.{profile}.last-reply", "ms", runs.Select(run => run.LastReply)));
            results.Add(BenchResult.Of($"{Name}.{profile}.outage", "ms", runs.Select(run => run.Outage)));
            results.Add(BenchResult.Of($"{Name}.{profile}.frames-afterwards", "frames", runs.Select(run => run.FramesAfterwards)));
        }

        return results;
    }

    /// <summary>Does the harm; returns its instant.</summary>
    protected abstract Task<long> HarmAsync(Pair pair, string active);

    /// <summary>Brings the server back as far as it can come back by itself.</summary>
    protected abstract Task ReturnAsync(Pair pair, string active);

    private async Task<(double LastReply, double Outage, double FramesAfterwards)> OneAsync(Pair pair)
    {
        var active = await pair.ReadyAsync();
        var other = Pair.Other(active);
        await using var capture = pair.Lab.Start(
            "client1", "chrt", "-r", "30", Repository.BenchProgram, "capture", "--target", Pair.FloatingIp, "--seconds", $"{LongestRun.TotalSeconds:F0}");
        await capture.LineAsync("the capture listens", line => line == "capturing", LabCluster.CommandLimit);
        await using var client = await Client.StartAsync(pair, active, LongestRun);

        var harm = await HarmAsync(pair, active);
        // What an administrator or another program might do to the packet filter must not open the fence.
        await pair.Lab.OutputAsync(active, "nft", "flush", "ruleset");
        await client.AnsweredByAsync(other);
        if (await pair.Lab.PidsAsync(active, "exe:clpbench") is { Length: > 0 } alive)
            throw new BenchFailedException($"the program of {active} outlived the takeover: process {alive[0]}\n{await pair.Lab.LogsAsync()}");
        await ReturnAsync(pair, active);
        await Task.Delay(Watch);

        (await client.FinishAsync()).DemandOwners(active, other);
        capture.EndInput();
        var line = await capture.LineAsync("the capture's report", text => text.StartsWith("report ", StringComparison.Ordinal), LabCluster.CommandLimit);
        var spans = JsonSerializer.Deserialize<CaptureReport>(line["report ".Length..])!.Spans;
        var old = pair.MacOf(active);
        var afterwards = spans.Skip(1).Where(span => span.Mac == old).Sum(span => span.Arp + span.Ip);
        if (afterwards > 0 || !spans.Select(span => pair.ServerOf(span.Mac)).SequenceEqual([active, other]))
            throw new BenchFailedException(
                $"the address must be used by {active}, then by {other} alone; {active} sent {afterwards} frames with it afterwards: "
                + string.Join("; ", spans.Select(span => $"{pair.ServerOf(span.Mac)} = {span}")));
        if (spans.Any(span => span.Arp == 0 || span.Ip == 0))
            throw new BenchFailedException($"the capture saw no ARP or no IP frame of a server, so it proves nothing: {string.Join("; ", spans)}");
        return ((spans[0].LastAt - spans[1].FirstAt) / 1e6, (spans[1].FirstAt - harm) / 1e6, afterwards);
    }
}

/// <summary>Guardian and daemon killed at once, and not started again before the takeover.</summary>
internal sealed class IsolationDeadBench : IsolationBench
{
    public override string Name => "isolation.dead";

    public override string Summary => "guardian and daemon killed: old server's last frame with the address, from the new one's first (ms, negative)";

    protected override async Task<long> HarmAsync(Pair pair, string active)
    {
        File.Delete(Path.Combine(pair.Lab.Directory, "hosts", active, "init", "service.enabled"));
        int[] pids = [.. await pair.Lab.PidsAsync(active, "guardian"), .. await pair.Lab.PidsAsync(active, "daemon")];
        var processes = pids.Select(Process.GetProcessById).ToArray();
        var at = Stopwatch.GetTimestamp();
        foreach (var process in processes)
        {
            process.Kill();
            process.Dispose();
        }

        return at;
    }

    protected override Task ReturnAsync(Pair pair, string active) => pair.Lab.StartServiceAsync(active);
}

/// <summary>Every process of the server stopped, and continued after the takeover.</summary>
internal sealed class IsolationFrozenBench : IsolationBench
{
    public override string Name => "isolation.frozen";

    public override string Summary => "every process frozen, later thawed: old server's last frame with the address, from the new one's first (ms, negative)";

    protected override async Task<long> HarmAsync(Pair pair, string active) => (await pair.Lab.FreezeAsync(active)).At;

    protected override Task ReturnAsync(Pair pair, string active) => pair.Lab.ThawAsync(active);
}
