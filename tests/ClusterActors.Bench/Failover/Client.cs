using ClusterActors.Bench.Probing;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Failover;

/// <summary>
/// The client of a measurement: two probes at once, each every 2 ms. The address is probed by ICMP, which the owner's kernel answers, so its
/// outage is the product's own; the program is probed by UDP, so its outage includes how long the program takes to start.
/// </summary>
internal sealed class Client : IAsyncDisposable
{
    /// <summary>Above the load, and below every thread of the guardians: what a probe has to do at its end would keep their beats waiting.</summary>
    private const string Priority = "5";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private readonly Pair _pair;
    private readonly RunningCommand _ping;
    private readonly RunningCommand _program;

    private Client(Pair pair, RunningCommand ping, RunningCommand program) => (_pair, _ping, _program) = (pair, ping, program);

    /// <summary>Starts both probes and waits until both are answered by this server.</summary>
    public static async Task<Client> StartAsync(Pair pair, string active, TimeSpan limit)
    {
        var client = new Client(pair, Start(pair, limit), Start(pair, limit, "--port", Pair.Port));
        await client.AnsweredByAsync(active);
        return client;
    }

    /// <summary>Waits until the address, and then the program, answers from this server.</summary>
    public async Task AnsweredByAsync(string server)
    {
        await Said(_ping, _pair.MacOf(server), server);
        await Said(_program, server, server);
    }

    /// <summary>Ends both probes; two servers that answered, or ran the program, at the same time fail the benchmark.</summary>
    public async Task<ClientReport> FinishAsync()
    {
        _ping.EndInput();
        _program.EndInput();
        var address = (await ReadAsync(_ping)).Named(_pair.ServerOf);
        var program = await ReadAsync(_program);
        foreach (var (report, what) in new[] { (address, "ICMP"), (program, "UDP") })
        {
            if (report.AnsweredByTwo > 0)
                throw new BenchFailedException($"{report.AnsweredByTwo} {what} probes were answered by both servers\n{await _pair.Lab.LogsAsync()}");
        }

        var oracle = OracleFile.Read(Path.Combine(_pair.Lab.Directory, "shared", "oracle"));
        if (oracle.TwoAtOnce() is { } overlap)
            throw new BenchFailedException($"the group's program ran twice: {overlap}\n{await _pair.Lab.LogsAsync()}");
        return new ClientReport(address, program);
    }

    public async ValueTask DisposeAsync()
    {
        await _ping.DisposeAsync();
        await _program.DisposeAsync();
    }

    // Real-time, so that the client's own gaps stay below the ones to be measured.
    private static RunningCommand Start(Pair pair, TimeSpan limit, params string[] more) => pair.Lab.Start(
        "client1", ["chrt", "-r", Priority, Repository.BenchProgram, "probe", "--target", Pair.FloatingIp, "--interval", "2ms",
        "--seconds", $"{limit.TotalSeconds:F0}", "--json", "--until-eof", .. more]);

    private static Task<string> Said(RunningCommand probe, string name, string server) => probe.LineAsync(
        $"the client is answered by {server}", line => line.StartsWith($"answered-by {name} ", StringComparison.Ordinal), AnswerLimit);

    private static async Task<ProbeReport> ReadAsync(RunningCommand probe) => ProbeReport.Parse(
        (await probe.LineAsync("the probe's report", line => line.StartsWith("report ", StringComparison.Ordinal), LabCluster.CommandLimit))["report ".Length..]);
}

/// <summary>What both probes saw; servers by name.</summary>
internal sealed record ClientReport(ProbeReport Address, ProbeReport Program)
{
    /// <summary>Both must have been answered by exactly these servers, one after the other.</summary>
    public void DemandOwners(params string[] servers)
    {
        foreach (var (report, what) in new[] { (Address, "address"), (Program, "program") })
        {
            if (!report.Owners.Select(span => span.Server).SequenceEqual(servers))
                throw new BenchFailedException($"{what}: it must be answered by {string.Join(", then ", servers)}; seen: {string.Join(", ", report.Owners)}");
        }
    }
}
