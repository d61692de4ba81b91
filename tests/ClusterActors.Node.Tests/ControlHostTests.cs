using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Control.Identity;
using ClusterActors.Node.Control;

namespace ClusterActors.Node.Tests;

/// <summary>Who gets in at the control API, and as what: by certificate at the manager port, by account at the local socket.</summary>
public sealed class ControlHostTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly GroupCommand Command = new(null, new CommandOptions(1, false, "test"));
    private readonly string _root = Directory.CreateTempSubdirectory("clp-control-").FullName;
    private readonly ScriptedBackend _backend = new();
    private readonly PulseTime _time = new();
    private readonly int _port = FreePort();
    private readonly IdentityMaker _own;
    private readonly IdentityMaker _foreign;
    private ControlHost? _host;

    public ControlHostTests()
    {
        // The account of a viewer must reach the socket.
        File.SetUnixFileMode(_root, (UnixFileMode)0x1ED);
        _own = MakerOf("own");
        _foreign = MakerOf("foreign");
    }

    private string SocketPath => Path.Combine(_root, "control.sock");

    public async ValueTask InitializeAsync()
    {
        var endpoints = new ControlEndpoints(SocketPath, [IPAddress.Loopback], _port, _own.Identity.Node, _own.Identity.Authority);
        _host = await ControlHost.StartAsync(endpoints, _backend, _time, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.DisposeAsync();
        _own.Dispose();
        _foreign.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Certificate_of_the_cluster_must_be_served_and_make_an_administrator()
    {
        var status = (await Remote().GetAsync(Routes.Status, Limit, default)).Read(ControlJson.Default.ClusterStatus);
        Assert.Equal("pair", status.Cluster);

        var reply = (await Remote().PostAsync(Routes.GroupStart("web"), Command, ControlJson.Default.GroupCommand, Limit, default)).Read(ControlJson.Default.CommandReply);
        Assert.Equal(ExitCode.Done, reply.Code);
        Assert.Equal(("start web", new Caller("CN=server1", "127.0.0.1", true)), _backend.Calls[^1]);
    }

    [Fact]
    public async Task Certificate_of_another_authority_or_none_must_get_no_answer()
    {
        Assert.StartsWith("HTTP/1.1 200", await TryAsync(_own.Identity.Node), StringComparison.Ordinal);
        var asked = _backend.Calls.Count;
        Assert.Equal("", await TryAsync(_foreign.Identity.Node));
        Assert.Equal("", await TryAsync(null));
        Assert.Equal(asked, _backend.Calls.Count);

        // And it is not kept from answering others by such a visit.
        Assert.StartsWith("HTTP/1.1 200", await TryAsync(_own.Identity.Node), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Root_at_the_local_socket_must_be_an_administrator_and_others_only_look()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can ask as somebody else");
        await new ControlClient(new ControlAddress(SocketPath, null, 0), null, TimeProvider.System)
            .PostAsync(Routes.GroupStop("web"), Command, ControlJson.Default.GroupCommand, Limit, default);
        Assert.Equal(("stop web", new Caller("uid 0", "local socket", true)), _backend.Calls[^1]);

        var body = JsonSerializer.Serialize(Command, ControlJson.Default.GroupCommand);
        Assert.StartsWith("HTTP/1.1 200", await AsViewerAsync($"GET {Routes.Status} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        var asked = _backend.Calls.Count;
        foreach (var path in new[] { Routes.GroupStop("web"), Routes.ClusterStop, Routes.Wishes, Routes.StartupWaitCancel, Routes.FenceTest("server2"), Routes.FenceConfirm("server2") })
        {
            var refused = await AsViewerAsync($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            Assert.StartsWith("HTTP/1.1 403", refused, StringComparison.Ordinal);
            Assert.Contains("uid 65534 may look but not change anything", refused, StringComparison.Ordinal);
        }

        Assert.Equal(asked, _backend.Calls.Count);
    }

    [Fact]
    public async Task Event_stream_must_bring_what_there_is_then_what_comes_and_a_pulse_between()
    {
        _backend.Add(Event(1));
        _backend.Add(Event(2));
        await using var stream = await ConnectAsync(_own.Identity.Node);
        using var late = new CancellationTokenSource(Limit);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {Routes.EventStream}?after=1 HTTP/1.1\r\nHost: x\r\n\r\n"), late.Token);
        using var reader = new StreamReader(stream);
        Assert.Equal(2, await NextEventAsync(reader, late.Token));
        await _backend.IsAwaited.Task.WaitAsync(late.Token);

        // Nothing happens for a while: a comment line shows that the stream lives.
        _time.Fire();
        while (await reader.ReadLineAsync(late.Token) != ":")
        {
        }

        _backend.Add(Event(3));
        Assert.Equal(3, await NextEventAsync(reader, late.Token));
    }

    private static async Task<long> NextEventAsync(StreamReader reader, CancellationToken late)
    {
        while (true)
        {
            var line = await reader.ReadLineAsync(late) ?? throw new EndOfStreamException("the stream has ended");
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return JsonSerializer.Deserialize(line["data: ".Length..], ControlJson.Default.EventDto)!.Sequence;
        }
    }

    private static EventDto Event(long sequence) => new(sequence, "2030-01-01T00:00:00Z", "server1", "rc", 10, "INFO", "text", "3.0", null, $"server1-{sequence}", new Dictionary<string, string>());

    private ControlClient Remote() => new(new ControlAddress(null, "127.0.0.1", _port), _own.Identity, TimeProvider.System);

    private IdentityMaker MakerOf(string cluster) =>
        IdentityMaker.OpenOrCreate(new IdentityPaths(Path.Combine(_root, cluster)), cluster, "server1", [IPAddress.Loopback], TimeProvider.System);

    /// <summary>With TLS 1.3 a client learns of its refusal only when it reads.</summary>
    /// <returns>What was answered to a question for the status; empty when the connection was closed instead.</returns>
    private async Task<string> TryAsync(X509Certificate2? certificate)
    {
        try
        {
            await using var stream = await ConnectAsync(certificate);
            using var late = new CancellationTokenSource(Limit);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {Routes.Status} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), late.Token);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(late.Token);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return "";
        }
    }

    private async Task<SslStream> ConnectAsync(X509Certificate2? certificate)
    {
        using var late = new CancellationTokenSource(Limit);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _port, late.Token);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, (_, shown, _, _) => shown is not null);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                EnabledSslProtocols = SslProtocols.Tls13,
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            },
            late.Token);
        return stream;
    }

    /// <summary>As an account that is in the socket's group and nothing else.</summary>
    private async Task<string> AsViewerAsync(string request)
    {
        const string Script = """exec setpriv --reuid=65534 --regid="$(stat -c %g "$1")" --clear-groups perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new($ARGV[0]) or die "$!"; print $s $ARGV[1]; $s->flush; print while <$s>' "$1" "$2" """;
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script, "viewer", SocketPath, request]) { RedirectStandardOutput = true })!;
        using var late = new CancellationTokenSource(Limit);
        var answer = await process.StandardOutput.ReadToEndAsync(late.Token);
        await process.WaitForExitAsync(late.Token);
        Assert.Equal(0, process.ExitCode);
        return answer;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Timers that end when the test says so.</summary>
    private sealed class PulseTime : TimeProvider
    {
        private readonly Lock _lock = new();
        private readonly List<Kept> _running = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Kept(this, () => callback(state));
            lock (_lock)
                _running.Add(timer);
            return timer;
        }

        public void Fire()
        {
            List<Kept> due;
            lock (_lock)
                due = [.. _running];
            due.ForEach(timer => timer.Act());
        }

        private sealed class Kept(PulseTime time, Action act) : ITimer
        {
            public Action Act { get; } = act;

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                lock (time._lock)
                    time._running.Remove(this);
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
