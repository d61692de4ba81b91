using System.Diagnostics;

namespace ClusterActors.Lab;

/// <summary>
/// Servers, clients and networks on this machine for one test or benchmark: a thin driver of <c>deploy/lab/lab</c>. Several may run
/// beside each other. Everything is removed when it is disposed.
/// </summary>
public sealed class LabCluster : IAsyncDisposable
{
    /// <summary>Longest time that any single command may take unless the caller says otherwise.</summary>
    public static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    private LabCluster(string name, string directory) => (Name, Directory) = (name, directory);

    /// <summary>Name for <c>lab --name</c>.</summary>
    public string Name { get; }

    /// <summary>The lab's files; <c>shared</c> below it is <see cref="SharedOnHosts"/> on every host.</summary>
    public string Directory { get; }

    /// <summary>Directory that every host sees and that is outside all of them: for oracle files.</summary>
    public static string SharedOnHosts => "/run/clp-lab/shared";

    /// <summary>Why no lab can be made here; null when one can. For tests: <c>Assert.SkipWhen(reason is not null, reason)</c>.</summary>
    public static string? MissingReason { get; } =
        !OperatingSystem.IsLinux() ? "a lab is made of Linux namespaces"
        : Environment.UserName != "root" ? "a lab needs root: it makes namespaces, links and control groups"
        : new[] { "ip", "nft", "nsenter", "unshare", "setsid" }.FirstOrDefault(tool => !IsInstalled(tool)) is { } missing
            ? $"'{missing}' is not installed; ./dev test installs what a lab needs"
        : null;

    /// <summary>Makes a lab with all hosts powered on.</summary>
    public static async Task<LabCluster> StartAsync(LabOptions? options = null)
    {
        options ??= new LabOptions();
        var name = NewName();
        List<string> arguments =
        [
            "--name", name, "up", "--servers", $"{options.Servers}", "--networks", $"{options.Networks}", "--clients", $"{options.Clients}",
            "--share", Repository.Root,
        ];
        if (options.Witness)
            arguments.Add("--witness");
        (await RunAsync(Repository.LabScript, arguments, CommandLimit)).Demanded();
        return await OfNameAsync(name);
    }

    /// <summary>
    /// Makes a lab with a configured and started pair (group <c>web</c> with 10.77.1.50 and a responder on port 7000; see
    /// <c>deploy/lab/pair</c>). <paramref name="settings"/> are lines added to cluster.conf.
    /// </summary>
    public static Task<LabCluster> StartPairAsync(string profile = "default", params string[] settings) =>
        StartPairAsync(new PairOptions { Profile = profile, Settings = settings });

    /// <summary>As above, with a witness or with more servers than two.</summary>
    public static async Task<LabCluster> StartPairAsync(PairOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var tree = Environment.GetEnvironmentVariable("CLP_BIN")
            ?? throw new LabException("a pair runs the published programs: set CLP_BIN to out/clp/bin (./dev publish makes it; ./dev test and ./dev bench set it)");
        var name = NewName();
        List<string> arguments =
        [
            "--name", name, "--profile", options.Profile, "--bin", tree, "--servers", $"{options.Servers}",
        ];
        if (options.Witness)
            arguments.Add("--witness");
        if (options.HeartbeatPartition is { } partition)
            arguments.AddRange(["--partition", partition]);
        foreach (var setting in options.Settings)
            arguments.AddRange(["--set", setting]);
        (await RunAsync(Repository.PairScript, arguments, 4 * CommandLimit)).Demanded();
        return await OfNameAsync(name);
    }

    /// <summary>Runs a story in a lab of its own; when it fails, the hosts' logs are part of the message.</summary>
    public static async Task RunAsync(LabOptions options, Func<LabCluster, Task> story)
    {
        await using var lab = await StartAsync(options);
        await lab.TellAsync(story);
    }

    /// <summary>Runs a story in this lab; when it fails, the hosts' logs are part of the message.</summary>
    public async Task TellAsync(Func<LabCluster, Task> story)
    {
        try
        {
            await story(this);
        }
        catch (Exception failure) when (failure is not LabException { InnerException: not null })
        {
            throw new LabException($"{failure.Message}\n{await LogsAsync()}", failure);
        }
    }

    // ---- hosts

    /// <summary>Runs a command on a host and returns how it ended.</summary>
    public Task<CommandResult> ExecAsync(string host, params string[] command) => LabAsync(CommandLimit, ["exec", host, .. command]);

    /// <summary>Runs a command on a host that must succeed; returns its output without the trailing line end.</summary>
    public async Task<string> OutputAsync(string host, params string[] command) => (await ExecAsync(host, command)).Demanded().TrimEnd('\n');

    /// <summary>Starts a command on a host that runs beside the story.</summary>
    public RunningCommand Start(string host, params string[] command) => new(Repository.LabScript, ["--name", Name, "exec", host, .. command]);

    /// <summary>Writes a file below a host's /etc/clp, /var/lib or /var/log; these survive a power-off, so it may be off.</summary>
    public async Task WriteFileAsync(string host, string path, string text)
    {
        var file = PathOf(host, path);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, text);
    }

    /// <summary>Where a host's persistent file is on this machine.</summary>
    public string PathOf(string host, string path)
    {
        foreach (var (seen, kept) in new[] { ("/etc/clp", "etc-clp"), ("/var/lib", "var-lib"), ("/var/log", "var-log") })
        {
            if (path == seen || path.StartsWith(seen + "/", StringComparison.Ordinal))
                return Path.Combine(Directory, "hosts", host, kept, path[seen.Length..].TrimStart('/'));
        }

        throw new LabException($"{path} is not kept by a host: only /etc/clp, /var/lib and /var/log are");
    }

    /// <summary>Lets the host's init run a program, restart it when it ends, and start it again after a power-on.</summary>
    public Task StartServiceAsync(string host, params string[] command) => DemandAsync(["service", host, "start", .. command]);

    /// <summary>SIGTERM to the service, SIGKILL when it has not ended within the limit.</summary>
    public async Task StopServiceAsync(string host, int seconds = 30) =>
        (await LabAsync(TimeSpan.FromSeconds(seconds) + CommandLimit, ["service", host, "stop", $"{seconds}"])).Demanded();

    /// <summary>Process ids, on this machine, of what runs on a host; <paramref name="who"/> as in <see cref="KillAsync"/>, null for all.</summary>
    public async Task<int[]> PidsAsync(string host, string? who = null) =>
        [.. (await DemandAsync(who is null ? ["pids", host] : ["pids", host, who])).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    /// <summary>Signals processes by id. Who: service, guardian, daemon, exe:NAME, pidfile:FILE, pid:N.</summary>
    public async Task<Instants> KillAsync(string host, string who, string signal = "KILL") => Instants.Parse(await DemandAsync(["kill", host, who, signal]));

    // ---- faults

    /// <summary>Drops what A sends to B and, unless one way, what B sends to A. B may be "all" or "gateway". No network: all.</summary>
    public Task CutAsync(string a, string b, int? network = null, bool oneWay = false) => DemandAsync(["cut", a, b, .. Where(network, oneWay)]);

    /// <summary>Undoes one cut.</summary>
    public Task HealAsync(string a, string b, int? network = null, bool oneWay = false) => DemandAsync(["heal", a, b, .. Where(network, oneWay)]);

    /// <summary>Undoes all cuts.</summary>
    public Task HealAsync() => DemandAsync(["heal"]);

    /// <summary>From now on every frame reaches every host.</summary>
    public Task MakeHubAsync() => DemandAsync(["hub"]);

    /// <summary>SIGSTOP to every process of the host.</summary>
    public async Task<Instants> FreezeAsync(string host) => Instants.Parse(await DemandAsync(["freeze", host]));

    /// <summary>SIGCONT to every process of the host.</summary>
    public async Task<Instants> ThawAsync(string host) => Instants.Parse(await DemandAsync(["thaw", host]));

    /// <summary>Links down and every process dead; the outage of a power loss counts from <see cref="Instants.At"/>.</summary>
    public async Task<Instants> PowerOffAsync(string host) => Instants.Parse(await DemandAsync(["power-off", host]));

    /// <summary>Boots the host again with the same disk.</summary>
    public Task PowerOnAsync(string host) => DemandAsync(["power-on", host]);

    // ---- waiting and telling

    /// <summary>Waits until something holds, looking every 20 ms; fails with the reason, the last thing seen and the hosts' logs.</summary>
    /// <param name="what">What is waited for, as a sentence: "web runs on server2".</param>
    /// <param name="holds">Null when it holds, else what was seen instead.</param>
    /// <param name="limit">Longest wait; default <see cref="CommandLimit"/>.</param>
    public async Task UntilAsync(string what, Func<Task<string?>> holds, TimeSpan? limit = null)
    {
        var allowed = limit ?? CommandLimit;
        var start = Stopwatch.GetTimestamp();
        for (var asked = start; await holds() is { } seen; asked = Stopwatch.GetTimestamp())
        {
            if (Stopwatch.GetElapsedTime(start) > allowed)
                throw new LabException($"not within {allowed.TotalSeconds:F1} s: {what}; last seen: {seen}\n{await LogsAsync()}", new TimeoutException(what));

            // A question of a server is four processes; asked without a pause, the questions would take the cores from the servers that they wait for.
            var pause = Stopwatch.GetElapsedTime(asked);
            await Task.Delay(pause > ShortestPause ? pause : ShortestPause);
        }
    }

    /// <summary>As above for a plain condition.</summary>
    public Task UntilAsync(string what, Func<Task<bool>> holds, TimeSpan? limit = null) =>
        UntilAsync(what, async () => await holds() ? null : "it does not hold", limit);

    /// <summary>State of the lab and the ends of the logs of every host.</summary>
    public async Task<string> LogsAsync()
    {
        var parts = new List<string> { $"== lab {Name}\n{(await LabAsync(CommandLimit, ["status"])).Output}" };
        foreach (var host in System.IO.Directory.GetDirectories(Path.Combine(Directory, "hosts")).Order())
        {
            var logs = System.IO.Directory.GetFiles(Path.Combine(host, "var-log"), "*", SearchOption.AllDirectories);
            foreach (var log in logs.Append(Path.Combine(host, "init", "boot.log")).Where(File.Exists))
                parts.Add($"== {Path.GetRelativePath(Directory, log)}\n{Tail(log)}");
        }

        return string.Join('\n', parts);
    }

    public async ValueTask DisposeAsync() => (await LabAsync(CommandLimit, ["down"])).Demanded();

    private static string NewName() => $"t{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}";

    private static async Task<LabCluster> OfNameAsync(string name) =>
        new(name, (await RunAsync(Repository.LabScript, ["--name", name, "path"], CommandLimit)).Demanded().Trim());

    private static IEnumerable<string> Where(int? network, bool oneWay)
    {
        if (network is { } number)
        {
            yield return "--network";
            yield return $"{number}";
        }

        if (oneWay)
            yield return "--one-way";
    }

    private static string Tail(string file)
    {
        const int Longest = 6000;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(-Math.Min(Longest, stream.Length), SeekOrigin.End);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, tool)));

    private async Task<string> DemandAsync(string[] arguments) => (await LabAsync(CommandLimit, arguments)).Demanded();

    private Task<CommandResult> LabAsync(TimeSpan limit, string[] arguments) => RunAsync(Repository.LabScript, ["--name", Name, .. arguments], limit);

    private static async Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan limit)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        var command = $"{Path.GetFileName(program)} {string.Join(' ', arguments)}";
        using var late = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new LabException($"'{command}' did not end within {limit.TotalSeconds:F0} s");
        }

        return new CommandResult(command, process.ExitCode, await output, await errors);
    }
}
