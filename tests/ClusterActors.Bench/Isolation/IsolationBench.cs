using System.Diagnostics;
using System.Text.Json;
using ClusterActors.Bench.Failover;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Isolation;

/// <summary>
/// The active server's links stay up while its guardian and daemon are dead, or everything on it is frozen: only the kernel's fence can
/// silence the addresses there. Captures on the client, which gets every frame of the network, tell, by MAC, when each server used the IPv4 and the IPv6 address (ARP and
/// neighbour messages, packets). A row for each profile, each containment of the program, and with or without a flush of the packet filter
/// in between. Fails when the old server used an address after the new one began, and when its program outlived the takeover.
/// </summary>
internal abstract class IsolationBench : IBench
{
    private static readonly string[] Profiles = ["default", "fast", "instant"];
    private static readonly string[] Containments = ["cgroup", "pid-namespace"];
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
            foreach (var contain in Containments)
            {
                await using var pair = await Pair.StartAsync(
                    profile, $"groups.web.resources.program.contain = {contain}",
                    $"groups.web.resources.address6 {{ type = fip, ip = \"{Pair.FloatingIp6}/64\", device = eth1 }}");
                await pair.Lab.MakeHubAsync();
                foreach (var isFlushed in new[] { false, true })
                    results.AddRange(await MeasureAsync(pair, $"{profile}.{contain}.{(isFlushed ? "nft-flushed" : "untouched")}", isFlushed, options, cancellation));
            }
        }

        return results;
    }

    /// <summary>Does the harm; returns its instant.</summary>
    protected abstract Task<long> HarmAsync(Pair pair, string active);

    /// <summary>Brings the server back as far as it can come back by itself.</summary>
    protected abstract Task ReturnAsync(Pair pair, string active);

    private async Task<IReadOnlyList<BenchResult>> MeasureAsync(Pair pair, string row, bool isFlushed, BenchOptions options, CancellationToken cancellation)
    {
        var runs = new List<(Isolation V4, Isolation V6)>();
        for (var run = 1; run <= (options.Runs ?? 3); run++)
        {
            cancellation.ThrowIfCancellationRequested();
            runs.Add(await OneAsync(pair, isFlushed));
            var (v4, v6) = runs[^1];
            options.Log($"{row} {run}: last frame of the old server {v4.LastFrame:F1} ms (IPv6 {v6.LastFrame:F1} ms) from the new one's first, outage {v4.Outage:F1} ms ({v6.Outage:F1} ms)");
        }

        return
        [
            .. Results($"{Name}.{row}.ip4", runs.Select(run => run.V4)),
            .. Results($"{Name}.{row}.ip6", runs.Select(run => run.V6)),
        ];
    }

    private static IEnumerable<BenchResult> Results(string name, IEnumerable<Isolation> of)
    {
        var all = of.ToList();
        yield return BenchResult.Of($"{name}.last-frame", "ms", all.Select(one => one.LastFrame));
        yield return BenchResult.Of($"{name}.outage", "ms", all.Select(one => one.Outage));
        yield return BenchResult.Of($"{name}.frames-afterwards", "frames", all.Select(one => (double)one.FramesAfterwards));
    }

    private async Task<(Isolation V4, Isolation V6)> OneAsync(Pair pair, bool isFlushed)
    {
        var active = await pair.ReadyAsync();
        var other = Pair.Other(active);
        await using var capture4 = await CaptureAsync(pair, Pair.FloatingIp);
        await using var capture6 = await CaptureAsync(pair, Pair.FloatingIp6);
        await using var client = await Client.StartAsync(pair, active, LongestRun);
        await using var ping6 = pair.Lab.Start(
            "client1", "chrt", "-r", "30", Repository.BenchProgram, "probe", "--target", Pair.FloatingIp6, "--interval", "2ms", "--seconds", $"{LongestRun.TotalSeconds:F0}", "--json", "--until-eof");
        await Said(ping6, pair, active);

        var harm = await HarmAsync(pair, active);
        // What an administrator or another program might do to the packet filter must not open the fence.
        if (isFlushed)
            await pair.Lab.OutputAsync(active, "nft", "flush", "ruleset");
        await client.AnsweredByAsync(other);
        await Said(ping6, pair, other);
        if (await pair.Lab.PidsAsync(active, Pair.Program) is { Length: > 0 } alive)
            throw new BenchFailedException($"the program of {active} outlived the takeover: process {alive[0]}\n{await pair.Lab.LogsAsync()}");
        await ReturnAsync(pair, active);
        await Task.Delay(Watch);

        (await client.FinishAsync()).DemandOwners(active, other);
        return (await JudgeAsync(pair, capture4, active, harm), await JudgeAsync(pair, capture6, active, harm));
    }

    private static async Task<RunningCommand> CaptureAsync(Pair pair, string address)
    {
        var capture = pair.Lab.Start(
            "client1", "chrt", "-r", "30", Repository.BenchProgram, "capture", "--target", address, "--seconds", $"{LongestRun.TotalSeconds:F0}");
        await capture.LineAsync($"the capture of {address} listens", line => line == "capturing", LabCluster.CommandLimit);
        return capture;
    }

    private static Task<string> Said(RunningCommand probe, Pair pair, string server) => probe.LineAsync(
        $"IPv6 is answered by {server}", line => line.StartsWith($"answered-by {pair.MacOf(server)} ", StringComparison.Ordinal), LongestRun);

    private static async Task<Isolation> JudgeAsync(Pair pair, RunningCommand capture, string active, long harm)
    {
        capture.EndInput();
        var line = await capture.LineAsync("the capture's report", text => text.StartsWith("report ", StringComparison.Ordinal), LabCluster.CommandLimit);
        var spans = JsonSerializer.Deserialize<CaptureReport>(line["report ".Length..])!.Spans;
        var (old, other) = (pair.MacOf(active), Pair.Other(active));
        var afterwards = spans.Skip(1).Where(span => span.Mac == old).Sum(span => span.Arp + span.Ip);
        if (afterwards > 0 || !spans.Select(span => pair.ServerOf(span.Mac)).SequenceEqual([active, other]))
            throw new BenchFailedException(
                $"the address must be used by {active}, then by {other} alone; {active} sent {afterwards} frames with it afterwards: "
                + string.Join("; ", spans.Select(span => $"{pair.ServerOf(span.Mac)} = {span}")));
        if (spans.Any(span => span.Arp == 0 || span.Ip == 0))
            throw new BenchFailedException($"the capture saw no neighbour message or no packet of a server, so it proves nothing: {string.Join("; ", spans)}");
        return new Isolation((spans[0].LastAt - spans[1].FirstAt) / 1e6, (spans[1].FirstAt - harm) / 1e6, afterwards);
    }

    /// <param name="LastFrame">Old server's last frame, from the new one's first; milliseconds, negative = before.</param>
    private sealed record Isolation(double LastFrame, double Outage, int FramesAfterwards);
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
