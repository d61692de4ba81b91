using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterActors.Actors;
using ClusterActors.TestKit;

namespace ClusterActors.Remoting.Tests.Tls;

/// <summary>The real transport over loopback.</summary>
public sealed class TlsTransportTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly TestAuthority _authority = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentQueue<(string Server, string Detail)> _problems = new();

    [Fact]
    public async Task Two_systems_must_talk_over_mutual_tls()
    {
        await using var one = Start("server1", _authority.Issue("server1"), "server2", out var address1);
        await using var two = Start("server2", _authority.Issue("server2"), "server1", out _, address1);

        two.Events.ExpectMsg<LinkUp>(Soon);
        one.Events.ExpectMsg<LinkUp>(Soon);
        var echo = two.Kit.Sys.Provider.ResolveActorRef("clp://clp@server1/user/echo");
        for (var n = 0; n < 200; n++)
        {
            two.Probe.Send(echo, new Report("web", n));
        }

        for (var n = 0; n < 200; n++)
        {
            Assert.Equal(n, two.Probe.ExpectMsg<Report>(Soon).State);
        }

        Assert.Equal(200, one.Links.Statistics[0].Received);
    }

    [Fact]
    public async Task Link_must_come_back_when_a_process_ends_and_starts_again()
    {
        await using var one = Start("server1", _authority.Issue("server1"), "server2", out var address1);
        await using (var two = Start("server2", _authority.Issue("server2"), "server1", out _, address1))
        {
            one.Events.ExpectMsg<LinkUp>(Soon);
        }

        one.Events.ExpectMsg<LinkDown>(Soon);
        await using var again = Start("server2", _authority.Issue("server2"), "server1", out _, address1);
        one.Events.FishForMessage<LinkUp>(timeout: Soon);
    }

    [Fact]
    public async Task Certificate_of_another_authority_must_be_refused_by_the_listening_side()
    {
        using var stranger = new TestAuthority();
        await using var server = Listen("server1", _authority.Issue("server1"), out var address);
        var accepted = false;
        server.Listen(_ => accepted = true);

        await RequireRefusedAsync(address, stranger.Issue("server2"));

        Assert.False(accepted);
        Assert.True(new RealDriver().WaitUntil(() => !_log.IsEmpty, Soon), "the refusal is logged");
    }

    [Fact]
    public async Task Missing_and_expired_certificates_must_be_refused_by_the_listening_side()
    {
        await using var server = Listen("server1", _authority.Issue("server1"), out var address);
        var accepted = false;
        server.Listen(_ => accepted = true);

        await RequireRefusedAsync(address, null);
        await RequireRefusedAsync(address, _authority.Issue("server2", TimeSpan.FromMinutes(-5)));

        Assert.False(accepted);
    }

    [Fact]
    public async Task Connecting_side_must_refuse_a_server_with_another_name()
    {
        await using var server = Listen("server3", _authority.Issue("server3"), out var address);
        server.Listen(_ => { });
        await using var client = Listen("server2", _authority.Issue("server2"), out _, ("server1", address));

        await Assert.ThrowsAsync<AuthenticationException>(() => client.ConnectAsync("server1", CancellationToken.None));
    }

    [Fact]
    public async Task Bad_certificate_of_a_peer_must_be_told_once_by_the_connecting_side()
    {
        await using var server = Listen("server3", _authority.Issue("server3"), out var address);
        server.Listen(_ => { });
        await using var client = Listen("server2", _authority.Issue("server2"), out _, ("server1", address));

        for (var n = 0; n < 3; n++)
        {
            await Assert.ThrowsAsync<AuthenticationException>(() => client.ConnectAsync("server1", CancellationToken.None));
        }

        Assert.Equal([("server1", "it is the one of server3")], _problems);
    }

    [Fact]
    public async Task Bad_certificate_must_be_told_by_the_listening_side_only_of_a_server_that_is_configured()
    {
        await using var server = Listen("server1", _authority.Issue("server1"), out var address, ("server2", new IPEndPoint(IPAddress.Loopback, 1)));
        server.Listen(_ => { });

        await RequireRefusedAsync(address, _authority.Issue("server2", TimeSpan.FromMinutes(-5)));
        await RequireRefusedAsync(address, _authority.Issue("server2", TimeSpan.FromMinutes(-5)));
        await RequireRefusedAsync(address, _authority.Issue("stranger", TimeSpan.FromMinutes(-5)));

        Assert.Equal("server2", Assert.Single(_problems).Server);
    }

    [Fact]
    public async Task Bad_certificate_must_be_told_again_when_the_server_had_a_good_one_meanwhile()
    {
        await using var server = Listen("server1", _authority.Issue("server1"), out var address, ("server2", new IPEndPoint(IPAddress.Loopback, 1)));
        var connected = 0;
        server.Listen(_ => Interlocked.Increment(ref connected));
        await using var client = Listen("server2", _authority.Issue("server2"), out _, ("server1", address));

        await RequireRefusedAsync(address, _authority.Issue("server2", TimeSpan.FromMinutes(-5)));
        await client.ConnectAsync("server1", CancellationToken.None);
        Assert.True(new RealDriver().WaitUntil(() => Volatile.Read(ref connected) > 0, Soon), "the good certificate was seen");
        await RequireRefusedAsync(address, _authority.Issue("server2", TimeSpan.FromMinutes(-5)));

        Assert.Equal(2, _problems.Count);
    }

    [Fact]
    public async Task Oversize_frame_must_be_passed_over_and_the_next_one_arrive()
    {
        await using var server = Listen("server1", _authority.Issue("server1"), out var address);
        await using var client = Listen("server2", _authority.Issue("server2"), out _, new NothingRunsOut(), ("server1", address));
        var frames = new ConcurrentQueue<string>();
        var closed = new TaskCompletionSource<string>();
        server.Listen(connection => connection.Start(f => frames.Enqueue($"frame {f.Length} {f.Span[0]}"), (n, start) => frames.Enqueue($"oversize {n} {start.Span[0]}"), closed.SetResult));
        var connection = await client.ConnectAsync("server1", CancellationToken.None);
        connection.Start(_ => { }, (_, _) => { }, _ => { });

        Assert.True(connection.TrySend(Frame(1, 10)));
        Assert.True(connection.TrySend(Frame(2, 3_000_000)));
        Assert.True(connection.TrySend(Frame(3, 1_000_000)));
        Assert.True(connection.TrySend(Frame(4, 1)));
        connection.Close("done");

        await closed.Task.WaitAsync(Soon);
        Assert.Equal(["frame 10 1", "oversize 3000000 2", "frame 1000000 3", "frame 1 4"], frames);
    }

    [Fact]
    public async Task What_was_sent_before_the_close_must_arrive_though_the_closing_side_has_not_read_everything()
    {
        await using var server = Listen("server1", _authority.Issue("server1"), out var address);
        await using var client = Listen("server2", _authority.Issue("server2"), out _, new NothingRunsOut(), ("server1", address));
        var closed = new TaskCompletionSource<string>();
        var received = 0;
        server.Listen(connection =>
        {
            connection.Start(f => Volatile.Write(ref received, received + f.Length), (_, _) => { }, closed.SetResult);
            connection.TrySend(Frame(1, 100_000));
            connection.TrySend(Frame(2, 100_000));
        });
        var connection = await client.ConnectAsync("server1", CancellationToken.None);
        var reading = new TaskCompletionSource();
        using var readsOn = new ManualResetEventSlim();
        var ended = new TaskCompletionSource<string>();
        connection.Start(
            _ =>
            {
                reading.TrySetResult();
                readsOn.Wait(Soon);
            },
            (_, _) => { },
            ended.SetResult);
        await reading.Task.WaitAsync(Soon);

        for (var n = 0; n < 4; n++)
        {
            Assert.True(connection.TrySend(Frame(3, 1_000_000)));
        }

        connection.Close("done");

        Assert.Equal("the peer closed the connection", await closed.Task.WaitAsync(Soon));
        Assert.Equal(4_000_000, Volatile.Read(ref received));
        Assert.Equal("done", await ended.Task.WaitAsync(Soon));
        readsOn.Set();
    }

    [Fact]
    public async Task Full_queue_must_refuse_further_frames_without_waiting()
    {
        await using var server = Listen("server1", _authority.Issue("server1"), out var address);
        await using var client = Listen("server2", _authority.Issue("server2"), out _, ("server1", address));
        var unread = new ConcurrentQueue<ILinkConnection>(); // Never started, so nothing is read; held, since a collected one would be closed.
        server.Listen(unread.Enqueue);
        var connection = await client.ConnectAsync("server1", CancellationToken.None);
        connection.Start(_ => { }, (_, _) => { }, _ => { });
        var frame = Frame(1, 900_000);

        var sent = 0;
        while (sent < 1000 && connection.TrySend(frame))
        {
            sent++;
        }

        Assert.InRange(sent, 10, 100);
        Assert.InRange(unread.Count, 0, 1);
    }

    [Fact]
    public async Task Address_that_accepts_and_never_answers_must_cost_a_pause_and_not_the_whole_limit()
    {
        using var dark = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        dark.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        dark.Listen();
        await using var server = Listen("server1", _authority.Issue("server1"), out var address);
        var accepted = new ConcurrentQueue<ILinkConnection>();
        server.Listen(accepted.Enqueue);
        // Without the second dial this would take the limit of a minute and fail.
        await using var client = Listen(
            "server2", _authority.Issue("server2"), out _, o => o with { HandshakeTimeout = TimeSpan.FromMinutes(1) },
            ("server1", [(IPEndPoint)dark.LocalEndPoint!, address]));

        var connection = await client.ConnectAsync("server1", CancellationToken.None).WaitAsync(Soon);

        Assert.Equal("server1", connection.Peer);
        using var loser = await dark.AcceptAsync();
        await EndsAsync(loser);
        Assert.True(new RealDriver().WaitUntil(() => accepted.Count == 1, Soon), "the other side has the connection");
    }

    [Fact]
    public async Task Preferred_address_must_be_the_only_one_dialled_when_it_answers()
    {
        using var second = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        second.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        second.Listen();
        await using var server = Listen("server1", _authority.Issue("server1"), out var address);
        server.Listen(_ => { });
        await using var client = Listen(
            "server2", _authority.Issue("server2"), out _, o => o with { DialPause = TimeSpan.FromMinutes(1) },
            ("server1", [address, (IPEndPoint)second.LocalEndPoint!]));

        await client.ConnectAsync("server1", CancellationToken.None).WaitAsync(Soon);

        Assert.False(second.Poll(0, SelectMode.SelectRead), "nobody came to the second address");
    }

    [Fact]
    public async Task Failure_must_name_every_address_that_was_tried()
    {
        await using var client = Listen(
            "server2", _authority.Issue("server2"), out _, o => o, ("server1", [new(IPAddress.Parse("127.0.0.2"), 1), new(IPAddress.Parse("127.0.0.3"), 1)]));

        var failure = await Assert.ThrowsAsync<IOException>(() => client.ConnectAsync("server1", CancellationToken.None));

        Assert.Contains("127.0.0.2", failure.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.3", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Caller_that_goes_without_a_byte_must_be_no_news()
    {
        await using var server = Listen("server1", _authority.Issue("server1"), out var address);
        server.Listen(_ => { });

        for (var n = 0; n < 40; n++)
        {
            using var visitor = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await visitor.ConnectAsync(address);
            if (n % 2 == 0)
            {
                visitor.LingerState = new LingerOption(true, 0); // Ends with a reset.
            }
        }

        using var talker = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await talker.ConnectAsync(address);
        await talker.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        await EndsAsync(talker);
        Assert.True(new RealDriver().WaitUntil(() => !_log.IsEmpty, Soon), "the refusal is logged");

        Assert.Contains($"{talker.LocalEndPoint}", Assert.Single(_log), StringComparison.Ordinal);
    }

    public void Dispose() => _authority.Dispose();

    /// <summary>Reads until the other side has closed or reset the connection.</summary>
    private static async Task EndsAsync(Socket socket)
    {
        try
        {
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer).WaitAsync(Soon) > 0)
            {
                // What it said before does not matter.
            }
        }
        catch (SocketException)
        {
            // A reset is an end as well.
        }
    }

    private static byte[] Frame(byte first, int length)
    {
        var frame = new byte[4 + length];
        BitConverter.TryWriteBytes(frame, length);
        frame[4] = first;
        return frame;
    }

    private static async Task RequireRefusedAsync(IPEndPoint address, X509Certificate2? certificate)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address);
        await using var tls = new SslStream(new NetworkStream(socket));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "server1",
            EnabledSslProtocols = SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=server1",
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
        };

        // With TLS 1.3 the client learns of the refusal only when it reads.
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await tls.AuthenticateAsClientAsync(options);
            var read = await tls.ReadAsync(new byte[1]).AsTask().WaitAsync(Soon);
            throw read == 0 ? new IOException("closed") : new InvalidOperationException("something was sent to a stranger");
        });
    }

    private TlsTransport Listen(string server, X509Certificate2 certificate, out IPEndPoint address, params (string Peer, IPEndPoint Address)[] peers) =>
        Listen(server, certificate, out address, TimeProvider.System, peers);

    private TlsTransport Listen(string server, X509Certificate2 certificate, out IPEndPoint address, TimeProvider time, params (string Peer, IPEndPoint Address)[] peers) =>
        Listen(server, certificate, out address, o => o, time, [.. peers.Select(p => (p.Peer, (IReadOnlyList<IPEndPoint>)[p.Address]))]);

    private TlsTransport Listen(
        string server, X509Certificate2 certificate, out IPEndPoint address, Func<TlsOptions, TlsOptions> change, params (string Peer, IReadOnlyList<IPEndPoint> Addresses)[] peers) =>
        Listen(server, certificate, out address, change, TimeProvider.System, peers);

    private TlsTransport Listen(
        string server, X509Certificate2 certificate, out IPEndPoint address, Func<TlsOptions, TlsOptions> change, TimeProvider time,
        params (string Peer, IReadOnlyList<IPEndPoint> Addresses)[] peers)
    {
        var transport = new TlsTransport(
            change(new TlsOptions
            {
                Certificate = certificate,
                Authorities = _authority.Collection,
                Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                Peers = peers.ToDictionary(p => p.Peer, p => p.Addresses),
                OnCertificateProblem = (of, detail) => _problems.Enqueue((of, detail)),
            }),
            time,
            _log.Enqueue);
        address = transport.Addresses[0];
        return transport;
    }

    private RealNode Start(string server, X509Certificate2 certificate, string peer, out IPEndPoint address, IPEndPoint? peerAddress = null) =>
        new(Listen(server, certificate, out address, peerAddress is null ? [] : [(peer, peerAddress)]), server, peer);

    /// <summary>Tells the time and lets no limit pass, so that a slow machine is not taken for a peer that does not read.</summary>
    private sealed class NothingRunsOut : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private sealed class RealNode : IAsyncDisposable
    {
        public RealNode(TlsTransport transport, string server, string peer)
        {
            Kit = new TestKitBase(new RealDriver(), "clp", o => o with { Server = server });
            Events = Kit.CreateTestProbe("events");
            Kit.Sys.EventStream.Subscribe<LinkUp>(Events.Ref);
            Kit.Sys.EventStream.Subscribe<LinkDown>(Events.Ref);
            Probe = Kit.CreateTestProbe("probe");
            Kit.ActorOf(() => new Echo(), "echo");
            Links = RemoteLinks.Start(Kit.Sys, transport, TestWire.Current(), new LinkOptions
            {
                Server = server,
                Peers = [peer],
                Incarnation = Guid.NewGuid().ToString(),
                Cluster = "cluster-a",
            });
        }

        public TestKitBase Kit { get; }

        public TestProbe Events { get; }

        public TestProbe Probe { get; }

        public RemoteLinks Links { get; }

        public async ValueTask DisposeAsync()
        {
            await Links.DisposeAsync();
            Kit.Dispose();
        }
    }
}
