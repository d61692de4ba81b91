using System.Text.Json;
using ClusterActors.Bench.Probing;
using ClusterActors.Control;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Pairs;

/// <summary>
/// Two real servers that run the published programs, and what the tests ask of them. Limits of waits are generous, since machines that
/// run tests are loaded; that only one server owned the group at any instant is checked strictly at the end of every story.
/// </summary>
public sealed class RunningPair
{
    public const string FloatingIp = "10.77.1.50";
    public const string Port = "7000";
    public const string Group = "web";

    /// <summary>The group's program for <see cref="LabCluster.PidsAsync"/>: deploy/lab/responder is a script of this interpreter.</summary>
    public const string Program = "exe:perl";

    /// <summary>For everything that the cluster has to reach: a start, a takeover, a return.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private RunningPair(LabCluster lab, int servers, DeviceHeartbeats? devices) =>
        (Lab, Servers, Devices) = (lab, [.. Enumerable.Range(1, servers).Select(index => $"server{index}")], devices);

    public LabCluster Lab { get; }

    public IReadOnlyList<string> Servers { get; }

    /// <summary>Heartbeats besides the networks, when the story was told with them.</summary>
    internal DeviceHeartbeats? Devices { get; }

    /// <summary>Who ran the group's program when, by the program's own word.</summary>
    public OracleFile Oracle => OracleFile.Read(Path.Combine(Lab.Directory, "shared", "oracle"));

    /// <summary>Starts a pair, tells the story, and checks that the group's program never ran on both servers at once.</summary>
    public static Task TellAsync(Func<RunningPair, Task> story) => TellAsync(story, RunTwice.Never);

    /// <summary>As above.</summary>
    /// <param name="twice">Whether the story itself brings the one case in which both may run.</param>
    /// <param name="settings">Lines added to cluster.conf.</param>
    public static Task TellAsync(Func<RunningPair, Task> story, RunTwice twice, params string[] settings) =>
        TellAsync(story, new PairOptions { Settings = settings }, twice);

    /// <summary>As above, with a disk and a serial line as heartbeats besides the networks.</summary>
    public static async Task TellWithDevicesAsync(Func<RunningPair, Task> story, PairOptions options)
    {
        await using var devices = await DeviceHeartbeats.CreateAsync();
        await TellAsync(story, devices.AddedTo(options), RunTwice.Never, devices);
    }

    /// <summary>As above, with a witness or with more servers than two.</summary>
    public static Task TellAsync(Func<RunningPair, Task> story, PairOptions options, RunTwice twice = RunTwice.Never) => TellAsync(story, options, twice, null);

    private static async Task TellAsync(Func<RunningPair, Task> story, PairOptions options, RunTwice twice, DeviceHeartbeats? devices)
    {
        await using var lab = await LabCluster.StartPairAsync(options);
        await lab.TellAsync(async _ =>
        {
            var pair = new RunningPair(lab, options.Servers, devices);
            await story(pair);
            if (twice == RunTwice.Never)
                Assert.Null(pair.Oracle.TwoAtOnce());
            else
                Assert.NotNull(pair.Oracle.TwoAtOnce());
        });
    }

    /// <summary>Why no pair can be started here; null when one can.</summary>
    public static string? MissingReason =>
        LabCluster.MissingReason ?? (Environment.GetEnvironmentVariable("CLP_BIN") is { Length: > 0 } ? null : "CLP_BIN names no published programs; ./dev test sets it");

    public static string Other(string server) => server == "server1" ? "server2" : "server1";

    // ---- commands

    /// <summary>Runs one of the product's commands on a server, by any of its names (clp, clpstat, clpgrp, clpcl).</summary>
    public Task<CommandResult> RunAsync(string server, string command, params string[] arguments) =>
        Lab.ExecAsync(server, [Path.Combine(Path.GetDirectoryName(Repository.Program("clp"))!, command), .. arguments]);

    /// <summary>As above; it must end with this exit code. Returns all it said.</summary>
    public async Task<string> ExpectAsync(int exitCode, string server, string command, params string[] arguments)
    {
        var result = await RunAsync(server, command, arguments);
        Assert.True(result.ExitCode == exitCode, $"on {server}, exit code {exitCode} was expected: {result}");
        return result.Output + result.Errors;
    }

    /// <summary>The status that a server's daemon shows; null while it does not answer.</summary>
    public async Task<ClusterStatus?> StatusAsync(string server)
    {
        var answer = await RunAsync(server, "clpstat", "--json");
        return answer.ExitCode == 0 ? JsonSerializer.Deserialize(answer.Output, ControlJson.Default.ClusterStatus) : null;
    }

    public IReadOnlyList<EventEntry> Events(string server) => EventFile.Read(Lab, server);

    // ---- waiting

    /// <summary>
    /// Waits until all servers see each other on every heartbeat, the group runs and, unless <paramref name="mayHold"/>, a takeover would be
    /// possible; returns the group's server. A new pair holds until a voter that has just started gives vows, which can come after all else.
    /// </summary>
    public async Task<string> ReadyAsync(bool mayHold = false)
    {
        var owner = "";
        await Lab.UntilAsync("all servers are online and the group runs", async () =>
        {
            foreach (var asked in Servers)
            {
                var status = await StatusAsync(asked);
                if (NotReady(status, mayHold) is { } reason)
                    return $"{asked} says: {reason}";
                owner = status!.Groups.Single(group => group.Name == Group).CurrentServer!;
            }

            return null;
        }, Limit);
        return owner;
    }

    /// <summary>Waits until a server's status has something; fails with what it showed last.</summary>
    public Task UntilStatusAsync(string server, string what, Func<ClusterStatus, bool> holds) => Lab.UntilAsync($"{server} shows: {what}", async () =>
        await StatusAsync(server) is not { } status ? "its daemon does not answer"
        : holds(status) ? null
        : Words(status), Limit);

    /// <summary>Waits until the group is online on a server, as that server itself says.</summary>
    public Task UntilRunsOnAsync(string server) => UntilStatusAsync(server, $"the group is online on {server}", status => RunsOn(status, server));

    /// <summary>Waits for an event of a server's journal after the first <paramref name="skip"/> ones.</summary>
    public Task UntilEventAsync(string server, string module, int id, int skip = 0) => Lab.UntilAsync(
        $"event {module} {id} of {server}",
        () => Task.FromResult(Events(server).Skip(skip).Any(entry => entry.Module == module && entry.Id == id)), Limit);

    public static bool RunsOn(ClusterStatus status, string server) =>
        status.Groups.Single(group => group.Name == Group) is { State: "Online" } group && group.CurrentServer == server;

    // ---- the client

    /// <summary>
    /// A client that asks the floating address every 2 ms until <see cref="FinishAsync"/>. Real-time, so that its own gaps stay below the
    /// ones to be measured. Returns once it is answered by the server that owns the group.
    /// </summary>
    public async Task<RunningCommand> StartProbeAsync(string owner)
    {
        var probe = Lab.Start(
            "client1", "chrt", "-r", "30", Repository.BenchProgram, "probe", "--target", FloatingIp, "--port", Port, "--interval", "2ms",
            "--seconds", "200", "--json", "--until-eof");
        await AnsweredByAsync(probe, owner);
        return probe;
    }

    /// <summary>Waits until the client is answered by this server; returns the instant of its first answer.</summary>
    public static async Task<long> AnsweredByAsync(RunningCommand probe, string server)
    {
        var start = $"answered-by {server} at=";
        return long.Parse((await probe.LineAsync($"the client is answered by {server}", line => line.StartsWith(start, StringComparison.Ordinal), Limit))[start.Length..]);
    }

    /// <summary>
    /// Ends the client and checks that exactly these servers answered it, one after the other: a server that answers once more after its
    /// successor began would be an entry of its own.
    /// </summary>
    internal async Task<ProbeReport> FinishAsync(RunningCommand probe, params string[] owners)
    {
        probe.EndInput();
        var line = await probe.LineAsync("the client's report", said => said.StartsWith("report ", StringComparison.Ordinal), LabCluster.CommandLimit);
        var report = ProbeReport.Parse(line["report ".Length..]);
        Assert.Equal(0, report.AnsweredByTwo);
        Assert.Equal(owners, report.Owners.Select(span => span.Server));
        return report;
    }

    private static string? NotReady(ClusterStatus? status, bool mayHold) =>
        status is null ? "the daemon does not answer"
        : status.Phase != "Running" ? $"phase {status.Phase} {status.WaitingFor}"
        : status.Servers.Any(server => server.State != "Online" || server.Heartbeats.Any(beat => beat.State != "Normal")) ? Words(status)
        : status.Groups.Single(group => group.Name == Group) is not { State: "Online", CurrentServer: not null } ? Words(status)
        : mayHold ? null : status.Hold;

    private static string Words(ClusterStatus status) => string.Join("; ", [
        $"phase {status.Phase} {status.WaitingFor}, term {status.Term}, coordinator {status.Coordinator}",
        .. status.Servers.Select(server => $"{server.Name} {server.State} {server.Detail} ({string.Join(", ", server.Heartbeats.Select(beat => $"{beat.Name} {beat.State}"))})"),
        .. status.Groups.Select(group => $"{group.Name} {group.State} on {group.CurrentServer}: {group.Reason}"),
    ]);
}

/// <summary>Whether the group's program may run on both servers at once in a story.</summary>
public enum RunTwice
{
    /// <summary>Never: the rule.</summary>
    Never,

    /// <summary>Both servers live, do not hear each other, and the policy is <c>take-over</c>: then both must be seen to run.</summary>
    InPartition,
}
