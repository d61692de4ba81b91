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
        await using var client = Listen("server2", _authority.Issue("server2"), out _, ("server1", address));
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
    public async Task Full_queue_must_refuse_further_frames_without_waiting()
    {
        await using var server = Listen("server1", _authority.Issue("server1"), out var address);
        await using var client = Listen("server2", _authority.Issue("server2"), out _, ("server1", address));
        server.Listen(_ => { }); // Never started, so nothing is read.
        var connection = await client.ConnectAsync("server1", CancellationToken.None);
        connection.Start(_ => { }, (_, _) => { }, _ => { });
        var frame = Frame(1, 900_000);

        var sent = 0;
        while (sent < 1000 && connection.TrySend(frame))
        {
            sent++;
        }

        Assert.InRange(sent, 10, 100);
    }

    public void Dispose() => _authority.Dispose();

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

    private TlsTransport Listen(string server, X509Certificate2 certificate, out IPEndPoint address, params (string Peer, IPEndPoint Address)[] peers)
    {
        var transport = new TlsTransport(
            new TlsOptions
            {
                Certificate = certificate,
                Authorities = _authority.Collection,
                Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                Peers = peers.ToDictionary(p => p.Peer, p => (IReadOnlyList<IPEndPoint>)[p.Address]),
                OnCertificateProblem = (of, detail) => _problems.Enqueue((of, detail)),
            },
            TimeProvider.System,
            _log.Enqueue);
        address = transport.Addresses[0];
        return transport;
    }

    private RealNode Start(string server, X509Certificate2 certificate, string peer, out IPEndPoint address, IPEndPoint? peerAddress = null) =>
        new(Listen(server, certificate, out address, peerAddress is null ? [] : [(peer, peerAddress)]), server, peer);

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
