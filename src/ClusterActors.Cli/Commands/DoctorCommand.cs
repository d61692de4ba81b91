using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Identity;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cli.Commands;

/// <summary>One finding of the doctor.</summary>
/// <param name="Grave">The cluster does not work well without it; otherwise the sentence only informs.</param>
internal sealed record Finding(string Subject, bool Good, bool Grave, string Sentence);

/// <summary><c>clp doctor</c>: asks this machine for what the guardian will ask it for. The rights it takes end with this process.</summary>
internal static class DoctorCommand
{
    /// <summary>Default of cluster.heartbeat.scheduling-error, which the profiles are made for.</summary>
    private const double WorstLatenessMilliseconds = 10;

    private static readonly TimeSpan StarterLimit = TimeSpan.FromSeconds(2);
    private static readonly Version OldestKernel = new(4, 14);

    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        var findings = new List<Finding> { Kernel() };
        var rights = RealtimeReport.Acquire(new RealtimeWish());
        findings.AddRange(rights.Rights.Select(right => new Finding(right.Name, right.Granted, right.Name != RealtimeReport.OomRight, right.Sentence)));
        var config = ConfigCheckCommand.Check(invocation.Host.PathOf("/etc/clp/cluster.conf"), null).Config;
        if (config is not null)
            findings.Add(Beats(config.Heartbeat, rights.HasRealtimeScheduling));
        findings.AddRange(Fences());
        findings.AddRange(ControlGroups());
        var ports = config?.Ports ?? PortsConfig.Defaults;
        findings.AddRange(Ports(invocation, ports));
        findings.Add(await StarterAsync(invocation, ports.Starter).ConfigureAwait(false));
        if (File.Exists(invocation.Host.PathOf("/run/clp/control.sock")))
            findings.Add(await LatenessAsync(invocation).ConfigureAwait(false));
        findings.AddRange(Identity(invocation));
        findings.AddRange(DeviceFindings.Of(invocation, config, File.Exists(invocation.Host.PathOf("/run/clp/control.sock"))));
        await invocation.Host.Out.WriteAsync(invocation.Has("json") ? Json(findings) : Text(findings)).ConfigureAwait(false);
        return findings.Any(finding => finding is { Good: false, Grave: true }) ? ExitCode.Partial : ExitCode.Done;
    }

    private static Finding Kernel()
    {
        var version = Environment.OSVersion.Version;
        return new Finding("kernel", version >= OldestKernel, true, $"Linux {version}, {Environment.ProcessorCount} processors; needed is {OldestKernel} or newer");
    }

    /// <summary>What the guardian will say of the configured beats, before it is asked.</summary>
    internal static Finding Beats(HeartbeatConfig heartbeat, bool hasRealTime)
    {
        var refusal = hasRealTime ? null : RealTimeNeed.WhyNot(heartbeat.Interval);
        return new Finding(
            "heartbeat profile", refusal is null, true,
            refusal is null ? string.Create(CultureInfo.InvariantCulture, $"{heartbeat.Profile}: beats every {heartbeat.Interval.TotalMilliseconds} ms") : $"{heartbeat.Profile}: {refusal}");
    }

    /// <summary>One kind that loads is enough; the first one that does is taken.</summary>
    private static IEnumerable<Finding> Fences()
    {
        var probes = AddressFences.Probe();
        var any = probes.Any(probe => probe.Loads);
        foreach (var probe in probes)
            yield return new Finding($"address fence {probe.Kind.ToString().ToLowerInvariant()}", probe.Loads, !any, probe.Detail);
    }

    private static IEnumerable<Finding> ControlGroups()
    {
        var tree = Cgroup2Hierarchy.Find();
        yield return new Finding(
            "control groups", tree is not null, true,
            tree is not null ? $"version 2 at {tree}" : "no usable version 2 tree is mounted here; the guardian tries to mount one, else programs are contained by process namespaces");
        var group = CpuCgroup.Read();
        yield return new Finding(
            "cpu control group", true, false,
            group.Version == 0 ? "the kernel has no cpu controller" : $"version {group.Version}, this process is in {group.Path}");
    }

    private static IEnumerable<Finding> Ports(Invocation invocation, PortsConfig ports)
    {
        var ours = File.Exists(invocation.Host.PathOf("/run/clp/control.sock"));
        yield return Port(ports.NodeLink, SocketType.Stream, "node link", ours);
        yield return Port(ports.Heartbeat, SocketType.Dgram, "heartbeat", ours);
        yield return Port(ports.Manager, SocketType.Stream, "manager", ours);
    }

    private static Finding Port(int port, SocketType type, string purpose, bool ours)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"port {port}/{(type == SocketType.Stream ? "tcp" : "udp")}");
        using var socket = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return new Finding(name, true, false, $"free for the {purpose}");
        }
        catch (SocketException failure)
        {
            return ours
                ? new Finding(name, true, false, $"in use; the cluster runs on this server, so it will be the {purpose}")
                : new Finding(name, false, true, $"{failure.Message}; the {purpose} needs it: stop what listens there, or choose another port in cluster.conf");
        }
    }

    /// <summary>Something has to listen there before anybody needs it: when the daemon is stopped it is too late to tell.</summary>
    private static async Task<Finding> StarterAsync(Invocation invocation, int port)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"port {port}/tcp");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(StarterLimit, invocation.Host.Time);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token).ConfigureAwait(false);
            return new Finding(name, true, false, "the starter listens: clpcl -s -a on another server reaches this one");
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            return new Finding(name, false, false, "no starter listens, so clpcl -s -a on another server does not reach this one: systemctl enable --now clp-starter.socket");
        }
    }

    /// <summary>What the running guardian has measured itself; it says more than any try in this process.</summary>
    private static async Task<Finding> LatenessAsync(Invocation invocation)
    {
        const string subject = "beat lateness";
        try
        {
            using var api = Api.Open(invocation);
            return Lateness((await api.GetAsync(Routes.Guardian).ConfigureAwait(false)).Read(ControlJson.Default.GuardianFigures));
        }
        catch (ControlException failure)
        {
            return new Finding(subject, false, false, failure.Message);
        }
    }

    internal static Finding Lateness(GuardianFigures figures) => new(
        "beat lateness", figures.BeatLateness.MaxMilliseconds <= WorstLatenessMilliseconds, false,
        string.Create(CultureInfo.InvariantCulture, $"{Screens.BeatScreen.Durations(figures.BeatLateness, "rounds")} since the guardian started; the timeouts leave room for {WorstLatenessMilliseconds} ms (cluster.heartbeat.scheduling-error)"));

    private static IEnumerable<Finding> Identity(Invocation invocation)
    {
        try
        {
            using var identity = ClusterIdentity.Load(invocation.Host.Root);
            return
            [
                new Finding("identity", true, false, $"server {identity.ServerName} of cluster {identity.ClusterId}"),
                .. CertificateEnd.Of(identity).Select(end => Certificate(end, invocation.Host.Time.GetUtcNow())),
            ];
        }
        catch (IdentityException missing)
        {
            return [new Finding("identity", false, missing.Code != ExitCode.NotFound, missing.Message)];
        }
    }

    /// <summary>A month is time to plan, which is no failure; a week is not.</summary>
    internal static Finding Certificate(CertificateEnd end, DateTimeOffset now)
    {
        var stage = end.StageAt(now);
        return new Finding("certificate", stage == CertificateStage.Good, stage >= CertificateStage.EndsInAWeek, end.SentenceAt(now));
    }

    private static string Text(IReadOnlyList<Finding> findings)
    {
        var text = new StringBuilder();
        foreach (var finding in findings)
            text.Append(finding.Good ? "ok      " : finding.Grave ? "FAILED  " : "note    ").Append(finding.Subject.PadRight(26)).Append(finding.Sentence).Append('\n');
        return text.ToString();
    }

    private static string Json(IReadOnlyList<Finding> findings)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            foreach (var finding in findings)
            {
                json.WriteStartObject();
                json.WriteString("subject", finding.Subject);
                json.WriteBoolean("good", finding.Good);
                json.WriteBoolean("grave", finding.Grave);
                json.WriteString("sentence", finding.Sentence);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }
}
