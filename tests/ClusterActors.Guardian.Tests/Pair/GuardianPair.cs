using System.Diagnostics;
using System.Net;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Pair;

/// <summary>Two real clpmonp processes in two network namespaces joined by one cable. Everything is removed at the end, whatever happens.</summary>
internal sealed class GuardianPair : IDisposable
{
    private static int s_count;
    private readonly string _name = $"clpg{Environment.ProcessId}x{Interlocked.Increment(ref s_count)}";
    private readonly string _folder;

    public GuardianPair(int intervalMs = 50, int timeoutMs = 600, int grantMs = 500)
    {
        (IntervalMs, TimeoutMs, GrantMs) = (intervalMs, timeoutMs, grantMs);
        _folder = Directory.CreateTempSubdirectory("clp-pair-").FullName;
        Sh($"ip netns add {_name}a && ip netns add {_name}b && ip link add {_name}a type veth peer name {_name}b"
            + $" && ip link set {_name}a netns {_name}a name eth0 && ip link set {_name}b netns {_name}b name eth0");
        for (int i = 0; i < 2; i++)
        {
            Sh($"ip -n {Namespace(i)} link set lo up && ip -n {Namespace(i)} link set eth0 up && ip -n {Namespace(i)} addr add 10.99.0.{i + 1}/24 dev eth0"
                + $" && ip -n {Namespace(i)} addr add fd99::{i + 1}/64 dev eth0 nodad");
            Servers[i] = new Server(this, i);
        }
    }

    public int IntervalMs { get; }

    public int TimeoutMs { get; }

    public int GrantMs { get; }

    public FenceChoice Fence { get; init; }

    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the product's: a stand-in that a loaded machine starves must not be dropped as hung in stories about something else.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromSeconds(10);

    public Server[] Servers { get; } = new Server[2];

    public Server A => Servers[0];

    public Server B => Servers[1];

    public static void Until(string what, Func<bool> condition, double seconds = 10)
    {
        var watch = Stopwatch.StartNew();
        using var pause = new ManualResetEventSlim();
        while (!condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
                Assert.Fail($"not within {seconds} s: {what}");
            pause.Wait(5);
        }
    }

    public static (int Code, string Output) TrySh(string script)
    {
        var info = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add(script);
        using var process = Process.Start(info)!;
        string output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public static string Sh(string script)
    {
        (int code, string output) = TrySh(script);
        Assert.True(code == 0, $"{script}\n{output}");
        return output;
    }

    /// <summary>False also for a zombie, which a test machine without a real init may keep for a while.</summary>
    public static bool Lives(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public string Namespace(int index) => $"{_name}{(index == 0 ? 'a' : 'b')}";

    public void Cut() => Sh($"ip -n {Namespace(1)} link set eth0 down");

    public void Heal() => Sh($"ip -n {Namespace(1)} link set eth0 up && ip -n {Namespace(1)} addr replace fd99::2/64 dev eth0 nodad");

    /// <summary>Starts both, hands over settings, and has A raise the first term.</summary>
    public GuardianPair Formed()
    {
        try
        {
            Form();
            return this;
        }
        catch (Exception e)
        {
            // The caller has nothing to dispose of yet.
            string logs = string.Join('\n', Servers.Select(server => server.Story));
            Dispose();
            throw new InvalidOperationException($"the pair was not formed: {e.Message}\n{logs}", e);
        }
    }

    private void Form()
    {
        foreach (Server server in Servers)
        {
            server.Start();
            server.Connect();
            server.Daemon.Done(new ApplySettings(server.Settings));
        }

        Until("both up and clean", () => Servers.All(s => s.Daemon.Table() is { Flags: GuardianFlags.DownAndClean } t && t.Peers[0] is { State: PeerState.Up, Flags: GuardianFlags.DownAndClean }));
        Until("A may exclude B by its word", () => A.Daemon.Table().Peers[0].MayExclude);
        A.Raise(0b10);
        Until("both hold the grant", () => Servers.All(s => s.Daemon.Table() is { Grant: GrantState.Held, Term.Number: 1 }));
    }

    public void Dispose()
    {
        foreach (Server server in Servers)
            server?.End();
        TrySh($"ip netns del {_name}a; ip netns del {_name}b");
        foreach (Server server in Servers)
        {
            // The fence outlives the guardian on purpose; its interfaces have just gone.
            if (server is not null)
                TrySh($"rm -rf /sys/fs/bpf/clp/{server.Name}");

            // The control groups are empty now; the guardian keeps its own for the next life, which this one does not have.
            if (server is not null && Linux.Process.Cgroup2Hierarchy.Find() is { } hierarchy)
                TrySh($"find {hierarchy} -maxdepth 4 -depth -type d -path '*clp.{server.Name}*' -exec rmdir {{}} +");
        }

        // One that was not formed is disposed of there, and again by a caller that has it in a using.
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    internal sealed class Server(GuardianPair pair, int index)
    {
        private readonly List<string> _errors = [];
        private Process? _process;
        private StandInDaemon? _daemon;

        public string Root => $"{pair._folder}/{index}";

        /// <summary>None is the beginning of another: what is left is removed by name, while other pairs live.</summary>
        public string Name => $"{pair._name}{(index == 0 ? 'a' : 'b')}";

        public StandInDaemon Daemon => _daemon ?? throw new InvalidOperationException("not connected");

        public Process Process => _process ?? throw new InvalidOperationException("not started");

        public string Log => File.Exists($"{Root}/var/log/clp/clpmonp.log") ? File.ReadAllText($"{Root}/var/log/clp/clpmonp.log") : "";

        /// <summary>The log, what the process wrote to its standard error, and how it ended if it did.</summary>
        public string Story
        {
            get
            {
                lock (_errors)
                    return $"{Log}{string.Join('\n', _errors)}\n{(_process is { HasExited: true } ended ? $"ended with {ended.ExitCode}" : "runs")}";
            }
        }

        public GuardianSettings Settings => new()
        {
            ClusterName = "pair",
            ClusterId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
            Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)],
            OwnIndex = (byte)index,
            Servers = [new GuardianServer(0, "server1"), new GuardianServer(1, "server2")],
            Networks = [new GuardianNetwork(0, "lan", IPAddress.Parse($"10.99.0.{index + 1}"), 29002, [new GuardianPeerAddress((byte)(1 - index), IPAddress.Parse($"10.99.0.{2 - index}"))])],
            Interval = TimeSpan.FromMilliseconds(pair.IntervalMs),
            Timeout = TimeSpan.FromMilliseconds(pair.TimeoutMs),
            Grant = TimeSpan.FromMilliseconds(pair.GrantMs),
            Policy = PartitionPolicy.TakeOver,
            DaemonRestartLimit = TimeSpan.FromSeconds(60),
            StopLimit = pair.StopLimit,
            HangLimit = pair.HangLimit,
            Fence = pair.Fence,
        };

        /// <summary>As a guardian that may not have real-time scheduling, as in an unprivileged container.</summary>
        public void StartWithoutRealTimeRights() => Start(before: "/usr/bin/prlimit --rtprio=0 /usr/bin/setpriv --bounding-set=-sys_nice ");

        public void Start(string arguments = "", string before = "")
        {
            string program = Path.Combine(AppContext.BaseDirectory, "clpmonp");
            var info = new ProcessStartInfo("/usr/bin/nsenter", $"--net=/run/netns/{pair.Namespace(index)} {before}{program} run --root {Root} --instance {Name} {arguments}")
            {
                RedirectStandardError = true,
            };
            _process = Process.Start(info)!;
            _process.ErrorDataReceived += (_, line) =>
            {
                lock (_errors)
                    _errors.Add(line.Data ?? "");
            };
            _process.BeginErrorReadLine();
            Until($"socket of server {index}", () => File.Exists($"{Root}/run/clp/guardian.sock") && TryConnect());
        }

        public void Connect()
        {
            _daemon?.Dispose();
            _daemon = new StandInDaemon($"{Root}/run/clp/guardian.sock", $"{Root}/run/clp/clpd.sign");
        }

        public void Disconnect()
        {
            _daemon?.Dispose();
            _daemon = null;
        }

        public Term Raise(uint excluded)
        {
            Reply reply = Daemon.Done(new RaiseTerm(Daemon.Table().Term, excluded, 0, "test"));
            return reply.Term;
        }

        public StartProgram Program(string ticket, params string[] arguments) => new(
            ticket, Daemon.Table().Term, "g", "program", false, arguments, ["PATH=/usr/bin:/bin"], "/", "", Model.Resources.Containment.Cgroup, $"{Root}/program.log", 0);

        public AddAddress Address(string ticket, string address = "10.99.0.100", byte prefix = 24, string resource = "fip", bool probe = false) => new(
            ticket, Daemon.Table().Term, "g", resource, IPAddress.Parse(address), prefix, "", probe, true, true);

        public bool HasAddress(string address) => Sh($"ip -n {pair.Namespace(index)} -o addr show").Contains($" {address}/", StringComparison.Ordinal);

        public void Signal(string signal) => Sh($"kill -{signal} {Process.Id}");

        public bool WaitForExit(double seconds = 10) => Process.WaitForExit(TimeSpan.FromSeconds(seconds));

        public void End()
        {
            Disconnect();
            if (_process is null)
                return;
            if (!_process.HasExited)
                _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _process = null;
        }

        private bool TryConnect()
        {
            try
            {
                using var probe = Linux.Sockets.SeqPacketConnection.Connect($"{Root}/run/clp/guardian.sock");
                return true;
            }
            catch (Linux.LinuxException)
            {
                return false;
            }
        }
    }
}
