using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using ClusterActors.Actors;
using ClusterActors.Remoting;

namespace ClusterActors.Bench.Remoting;

/// <summary>Two systems in this process, linked by mutual TLS over loopback: one-way JSON messages and round trips.</summary>
internal sealed class LinkBench : IBench
{
    /// <summary>Messages between two acknowledgements of the receiver; keeps the sender from filling the bounded queue.</summary>
    private const int Window = 20_000;

    public string Name => "remoting.link";

    public string Summary => "mutual TLS over loopback: one-way JSON messages (msg/s) and round trips (ms)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var duration = options.Duration ?? TimeSpan.FromSeconds(2);
        using var ca = new BenchAuthority();
        var transport1 = Transport(ca, "server1", null);
        var (system1, links1) = Start(transport1, "server1", "server2");
        var (system2, links2) = Start(Transport(ca, "server2", transport1.Addresses[0]), "server2", "server1");
        await using (system1)
        await using (system2)
        await using (links1)
        await using (links2)
        {
            system1.ActorOf(Props.Create(() => new Echo()), "echo");
            var sink = system1.ActorOf(Props.Create(() => new Sink()), "sink");
            var remoteEcho = await FindAsync(system2, "clp://clp@server1/user/echo");
            var remoteSink = await FindAsync(system2, "clp://clp@server1/user/sink");
            await RoundTripsAsync(system2, remoteEcho, TimeSpan.FromSeconds(0.5));
            var rates = new List<double>();
            var trips = new List<double>();
            for (var run = 0; run < (options.Runs ?? 3); run++)
            {
                rates.Add(await OneWayAsync(remoteSink, duration));
                trips.AddRange(await RoundTripsAsync(system2, remoteEcho, duration));
            }

            var sorted = trips.Order().ToList();
            return
            [
                BenchResult.Of($"{Name}.one-way", "msg/s", rates),
                BenchResult.Of($"{Name}.round-trip", "ms", sorted),
                BenchResult.Single($"{Name}.round-trip.p99", "ms", sorted[(int)(sorted.Count * 0.99)]),
            ];
        }
    }

    private static async Task<IActorRef> FindAsync(ActorSystem system, string path)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await system.ActorSelection(path).ResolveOne(TimeSpan.FromSeconds(1));
            }
            catch (ActorNotFoundException) when (attempt < 100)
            {
                await Task.Delay(20); // The link is still coming up.
            }
        }
    }

    private static async Task<double> OneWayAsync(IActorRef sink, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        long sent = 0;
        var previous = Task.CompletedTask;
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            for (var n = 0; n < Window; n++)
            {
                sink.Tell(new Beat("web", n, "running"), ActorRefs.NoSender);
            }

            sent += Window;
            await previous; // One window may be under way while the next is sent.
            previous = sink.Ask<Beat>(new Beat("ack", -1, ""), TimeSpan.FromSeconds(30));
        }

        await previous;
        return sent / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<List<double>> RoundTripsAsync(ActorSystem system, IActorRef echo, TimeSpan duration)
    {
        var done = new TaskCompletionSource<List<double>>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new Pinger(echo, duration, done)));
        return await done.Task;
    }

    private static (ActorSystem System, RemoteLinks Links) Start(TlsTransport transport, string server, string peer)
    {
        var system = ActorSystem.Create("clp", new ActorSystemOptions { Server = server, MailboxLimit = 1_000_000 });
        var registry = new WireRegistry();
        registry.Register("bench.beat", 1, LinkBenchJson.Default.Beat);
        var links = RemoteLinks.Start(system, transport, registry, new LinkOptions { Server = server, Peers = [peer], Incarnation = server, Cluster = "bench" });
        return (system, links);
    }

    private static TlsTransport Transport(BenchAuthority ca, string server, IPEndPoint? peer) => new(
        new TlsOptions
        {
            Certificate = ca.Issue(server),
            Authorities = ca.Collection,
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Peers = peer is null ? new Dictionary<string, IReadOnlyList<IPEndPoint>>() : new Dictionary<string, IReadOnlyList<IPEndPoint>> { ["server1"] = [peer] },
        },
        TimeProvider.System,
        Console.Error.WriteLine);

    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private sealed class Sink : ReceiveActor
    {
        public Sink()
        {
            Receive<Beat>(beat => Sender.Tell(beat), beat => beat.Number < 0);
            Receive<Beat>(_ => { });
        }
    }

    private sealed class Pinger : ReceiveActor
    {
        private readonly List<double> _trips = [];
        private readonly long _start = Stopwatch.GetTimestamp();
        private long _sent;

        public Pinger(IActorRef echo, TimeSpan duration, TaskCompletionSource<List<double>> done)
        {
            Ping(echo);
            Receive<Beat>(_ =>
            {
                _trips.Add(Stopwatch.GetElapsedTime(_sent).TotalMilliseconds);
                if (Stopwatch.GetElapsedTime(_start) < duration)
                {
                    Ping(echo);
                }
                else
                {
                    done.SetResult(_trips);
                    Context.Stop(Self);
                }
            });
        }

        private void Ping(IActorRef echo)
        {
            _sent = Stopwatch.GetTimestamp();
            echo.Tell(new Beat("web", 1, "running"), Self);
        }
    }

    private sealed class BenchAuthority : IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 _certificate;

        public BenchAuthority()
        {
            var request = new CertificateRequest("CN=bench CA", _key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
            _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        }

        public X509Certificate2Collection Collection => [X509CertificateLoader.LoadCertificate(_certificate.RawData)];

        public X509Certificate2 Issue(string server)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={server}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(server);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
            using var issued = request.Create(_certificate, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(8));
            return issued.CopyWithPrivateKey(key);
        }

        public void Dispose()
        {
            _certificate.Dispose();
            _key.Dispose();
        }
    }
}

internal sealed record Beat(string Group, int Number, string State);

[JsonSerializable(typeof(Beat))]
internal sealed partial class LinkBenchJson : JsonSerializerContext;
