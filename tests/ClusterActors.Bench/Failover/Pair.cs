using System.Text.Json;
using ClusterActors.Bench.Probing;
using ClusterActors.Control;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Failover;

/// <summary>A running pair in a lab, as the failover benchmarks need it.</summary>
internal sealed class Pair : IAsyncDisposable
{
    public const string FloatingIp = "10.77.1.50";
    public const string Port = "7000";
    public const string Group = "web";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private Pair(LabCluster lab) => Lab = lab;

    public LabCluster Lab { get; }

    public static async Task<Pair> StartAsync(string profile, params string[] settings)
    {
        if (LabCluster.MissingReason is { } reason)
            throw new BenchFailedException(reason);
        try
        {
            return new Pair(await LabCluster.StartPairAsync(profile, settings));
        }
        catch (LabException problem)
        {
            throw new BenchFailedException($"the pair did not start: {problem.Message}");
        }
    }

    /// <summary>A probe on the client, real-time so that its own gaps stay below the ones to be measured.</summary>
    public RunningCommand StartProbe(TimeSpan limit) => Lab.Start(
        "client1", "chrt", "-r", "30", Repository.BenchProgram, "probe", "--target", FloatingIp, "--port", Port, "--interval", "2ms",
        "--seconds", $"{limit.TotalSeconds:F0}", "--json", "--until-eof");

    /// <summary>Waits until both servers see each other on every heartbeat and the group runs; returns its server.</summary>
    public async Task<string> ReadyAsync()
    {
        var server = "";
        await Lab.UntilAsync("both servers are online and the group runs", async () =>
        {
            foreach (var asked in new[] { "server1", "server2" })
            {
                var answer = await Lab.ExecAsync(asked, Repository.Program("clp"), "stat", "--json");
                if (answer.ExitCode != 0)
                    return answer.ToString();
                var status = JsonSerializer.Deserialize(answer.Output, ControlJson.Default.ClusterStatus)!;
                if (NotReady(status) is { } reason)
                    return $"{asked} says: {reason}";
                server = status.Groups.Single(group => group.Name == Group).CurrentServer!;
            }

            return null;
        }, StartLimit);
        return server;
    }

    public string Other(string server) => server == "server1" ? "server2" : "server1";

    /// <summary>Ends a probe and reads its report; two servers that answered, or ran the program, at the same time fail the benchmark.</summary>
    public async Task<ProbeReport> FinishAsync(RunningCommand probe)
    {
        probe.EndInput();
        var report = ProbeReport.Parse((await probe.LineAsync("the probe's report", line => line.StartsWith("report ", StringComparison.Ordinal), LabCluster.CommandLimit))[7..]);
        if (report.AnsweredByTwo > 0)
            throw new BenchFailedException($"{report.AnsweredByTwo} probes were answered by both servers\n{await Lab.LogsAsync()}");
        if (OracleFile.Read(Path.Combine(Lab.Directory, "shared", "oracle")).TwoAtOnce() is { } overlap)
            throw new BenchFailedException($"the group's program ran twice: {overlap}\n{await Lab.LogsAsync()}");
        return report;
    }

    /// <summary>Waits until the client is answered by this server.</summary>
    public static Task AnsweredByAsync(RunningCommand probe, string server) => probe.LineAsync(
        $"the client is answered by {server}", line => line.StartsWith($"answered-by {server} ", StringComparison.Ordinal), StartLimit);

    public ValueTask DisposeAsync() => Lab.DisposeAsync();

    private static string? NotReady(ClusterStatus status) =>
        status.Phase != "Running" ? $"phase {status.Phase} {status.WaitingFor}"
        : status.Servers.FirstOrDefault(server => server.State != "Online" || server.Heartbeats.Any(beat => beat.State != "Normal")) is { } server
            ? $"{server.Name} is {server.State}, {string.Join(", ", server.Heartbeats.Select(beat => $"{beat.Name} {beat.State}"))}"
        : status.Groups.FirstOrDefault(group => group.Name == Group) is not { State: "Online", CurrentServer: not null } ? "the group is not online"
        : null;
}
