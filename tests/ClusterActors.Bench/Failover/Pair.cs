using System.Text.Json;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Failover;

/// <summary>A running pair in a lab, as the failover benchmarks need it.</summary>
internal sealed class Pair : IAsyncDisposable
{
    public const string FloatingIp = "10.77.1.50";
    /// <summary>Free for floating addresses on the clients' network of every lab.</summary>
    public const string FloatingIp6 = "fd77:1::50";

    public const string Port = "7000";
    public const string Group = "web";

    /// <summary>The group's program for <see cref="LabCluster.PidsAsync"/>: deploy/lab/responder is a script of this interpreter.</summary>
    public const string Program = "exe:perl";

    /// <summary>Not a profile of the product: the shortest timeout for which the safety inequalities hold, on a machine whose beats are under 2 ms late.</summary>
    public const string Instant40 = "instant-40";

    public static readonly IReadOnlyList<string> Servers = ["server1", "server2"];

    // Own numbers exclude a profile, so the one that the lab's pair script wrote is taken back.
    private static readonly string[] Instant40Settings =
    [
        "cluster.heartbeat.profile = null",
        "cluster.heartbeat { interval = 10ms, timeout = 40ms, scheduling-error = 2ms, tolerated-losses = 1 }",
    ];

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, string> _macs = [];

    private Pair(LabCluster lab) => Lab = lab;

    public LabCluster Lab { get; }

    /// <summary>Starts a pair with one of the product's profiles, or with <see cref="Instant40"/>.</summary>
    /// <param name="settings">Lines added to cluster.conf.</param>
    public static Task<Pair> StartAsync(string profile, params string[] settings) => StartAsync(profile, withWitness: false, settings);

    /// <summary>As above; with a witness the policy is ask-arbiters.</summary>
    public static async Task<Pair> StartAsync(string profile, bool withWitness, params string[] settings)
    {
        if (LabCluster.MissingReason is { } reason)
            throw new BenchFailedException(reason);
        try
        {
            var pair = new Pair(await LabCluster.StartPairAsync(new PairOptions
            {
                Profile = profile == Instant40 ? "instant" : profile,
                Witness = withWitness,
                Settings = profile == Instant40 ? [.. Instant40Settings, .. settings] : settings,
            }));
            foreach (var server in Servers)
                pair._macs[server] = await pair.Lab.OutputAsync(server, "cat", "/sys/class/net/eth1/address");
            return pair;
        }
        catch (LabException problem)
        {
            throw new BenchFailedException($"the pair did not start: {problem.Message}");
        }
    }

    /// <summary>
    /// Ready, and the daemons have finished their starts (`StartGarbage`): a server that takes over in a benchmark may have booted a second ago, which it
    /// has not when it matters.
    /// </summary>
    public async Task<string> SettledAsync()
    {
        var server = await ReadyAsync();
        await Task.Delay(Settling);
        return server;
    }

    /// <summary>Waits until both servers see each other on every heartbeat, the group runs and no promise forbids a takeover; returns the group's server.</summary>
    public async Task<string> ReadyAsync()
    {
        var server = "";
        await Lab.UntilAsync("both servers are online and the group runs", async () =>
        {
            foreach (var asked in Servers)
            {
                if (await StatusAsync(asked) is not { } status)
                    return $"the daemon of {asked} does not answer";
                if (NotReady(status) is { } reason)
                    return $"{asked} says: {reason}";
                server = status.Groups.Single(group => group.Name == Group).CurrentServer!;
            }

            return null;
        }, StartLimit);
        return server;
    }

    public static string Other(string server) => server == "server1" ? "server2" : "server1";

    /// <summary>MAC of a server on the clients' network; it stays the same after a power-on.</summary>
    public string MacOf(string server) => _macs[server];

    /// <summary>The server with this MAC; the MAC itself when it is none of the pair's.</summary>
    public string ServerOf(string mac) => Servers.FirstOrDefault(server => _macs[server] == mac) ?? mac;

    /// <summary>
    /// What a server's daemon shows; null while it does not answer. Asked on its own socket, through the view that the server's first
    /// process has of the files: a command started there would add its start to what is measured.
    /// </summary>
    public async Task<ClusterStatus?> StatusAsync(string server)
    {
        try
        {
            return (await AskAsync(server, Routes.Status)).ReadStatus();
        }
        catch (Exception problem) when (problem is ControlException or FileNotFoundException)
        {
            // Powered off, just ending or just starting: asked again by whoever waits for it.
            return null;
        }
    }

    /// <summary>The figures of a server's guardian, from its daemon, which may just be coming back.</summary>
    public async Task<GuardianFigures> GuardianAsync(string server)
    {
        GuardianFigures? figures = null;
        await Lab.UntilAsync($"the daemon of {server} tells its guardian's figures", async () =>
        {
            try
            {
                figures = (await AskAsync(server, Routes.Guardian)).Read(ControlJson.Default.GuardianFigures);
                return null;
            }
            catch (Exception problem) when (problem is ControlException or FileNotFoundException)
            {
                return problem.Message;
            }
        }, StartLimit);
        return figures!;
    }

    /// <summary>Runs one of the product's commands on a server, by any of its names.</summary>
    public Task<CommandResult> CommandAsync(string server, string command, params string[] arguments) =>
        Lab.ExecAsync(server, [Path.Combine(Path.GetDirectoryName(Repository.Program("clp"))!, command), .. arguments]);

    /// <summary>How often a server has raised an event, by its journal's file.</summary>
    public int CountEvents(string server, string module, int id)
    {
        using var stream = new FileStream(Lab.PathOf(server, "/var/log/clp/events.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        var count = 0;
        // What follows the last line end is still being written.
        foreach (var line in reader.ReadToEnd().Split('\n')[..^1])
        {
            using var entry = JsonDocument.Parse(line);
            if (entry.RootElement.GetProperty("module").GetString() == module && entry.RootElement.GetProperty("id").GetInt32() == id)
                count++;
        }

        return count;
    }

    public ValueTask DisposeAsync() => Lab.DisposeAsync();

    private async Task<ControlAnswer> AskAsync(string server, string route)
    {
        var root = $"/proc/{(await File.ReadAllTextAsync(Path.Combine(Lab.Directory, "hosts", server, "pid"))).Split(' ')[0]}/root";
        return await new ControlClient(ControlAddress.Local(root), null, TimeProvider.System).GetAsync(route, AnswerLimit, CancellationToken.None);
    }

    private static string? NotReady(ClusterStatus status) =>
        status.Phase != "Running" ? $"phase {status.Phase} {status.WaitingFor}"
        : status.Servers.FirstOrDefault(server => server.State != "Online" || server.Heartbeats.Any(beat => beat.State != "Normal")) is { } server
            ? $"{server.Name} is {server.State}, {string.Join(", ", server.Heartbeats.Select(beat => $"{beat.Name} {beat.State}"))}"
        : status.Groups.FirstOrDefault(group => group.Name == Group) is not { State: "Online", CurrentServer: not null } ? "the group is not online"
        : status.Hold;
}
