using System.Net;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Heartbeats.Lan;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Bench.Beats;

/// <summary>
/// What beating costs one guardian in clusters of 2, 8 and 32 servers on two networks: real engines, codec and sockets on the loopback, all
/// in this process. Only the work of one server is timed: draining, judging, writing, sending. Time is virtual, so the figures are of
/// busy time; the interval only scales them.
/// </summary>
internal sealed class BeatScaleBench : IBench
{
    private const int Networks = 2;
    private const int Passes = 400;
    private static readonly int[] Sizes = [2, 8, 32];
    private static readonly (string Profile, int IntervalMilliseconds)[] Profiles = [("default", 200), ("fast", 50), ("instant", 10)];

    public string Name => "beats.scale";

    public string Summary => "processor time (ms/s) and bytes/s of one guardian's beats with 2, 8 and 32 servers, by profile";

    public Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var results = new List<BenchResult>();
        foreach (var servers in Sizes)
        {
            cancellation.ThrowIfCancellationRequested();
            using var world = new World(servers);
            world.Run(100);
            var busy = Enumerable.Range(0, options.Runs ?? 5).Select(_ => world.Run(Passes) / (double)Passes).ToArray();
            options.Log($"{servers} servers: {busy.Order().ElementAt(busy.Length / 2) / 1000:F1} us a pass, {world.Accepted} beats accepted, {world.Refused} refused");
            if (world.Refused > 0 || world.Accepted == 0)
                throw new BenchFailedException($"{servers} servers: {world.Refused} beats were refused and {world.Accepted} accepted");
            foreach (var (profile, interval) in Profiles.Where(p => options.Profile is null || options.Profile == p.Profile))
            {
                var perSecond = 1000.0 / interval;
                results.Add(BenchResult.Of($"{Name}.{servers}.{profile}.cpu", "ms/s", busy.Select(nanoseconds => nanoseconds * perSecond / 1_000_000)));
                results.Add(BenchResult.Single($"{Name}.{servers}.{profile}.sent", "B/s", (servers - 1) * Networks * BeatCodec.Size * perSecond));
            }
        }

        return Task.FromResult<IReadOnlyList<BenchResult>>(results);
    }

    private sealed class World : IDisposable
    {
        private static readonly long Interval = 200_000_000;
        private readonly HeartbeatEngine[] _engines;
        private readonly UdpBeatSocket[] _own = new UdpBeatSocket[Networks];
        private readonly UdpBeatSocket[] _others = new UdpBeatSocket[Networks];
        private readonly NativeEndpoint[] _toOwn = new NativeEndpoint[Networks];
        private readonly NativeEndpoint[] _toOthers = new NativeEndpoint[Networks];
        private readonly byte[] _beat = new byte[BeatCodec.Size];
        private readonly byte[] _datagram = new byte[2048];
        private long _now = 1_000_000_000;

        public World(int servers)
        {
            _engines = [.. Enumerable.Range(0, servers).Select(i => new HeartbeatEngine(Settings(i, servers), new Incarnation(7, (uint)(i + 1)), default, TimeSpan.FromSeconds(2), _now))];
            foreach (var engine in _engines)
                engine.SetClean();
            for (var n = 0; n < Networks; n++)
            {
                (_own[n], _others[n]) = (Open(), Open());
                (_toOwn[n], _toOthers[n]) = (_own[n].LocalEndpoint(), _others[n].LocalEndpoint());
            }
        }

        public long Accepted => _engines[0].Counters.Accepted;

        public long Refused => _engines[0].Counters.RefusedForgery + _engines[0].Counters.RefusedReplay;

        /// <summary>Runs passes; returns the nanoseconds that the first server was busy.</summary>
        public long Run(int passes)
        {
            long busy = 0;
            for (var pass = 0; pass < passes; pass++)
            {
                _now += Interval;
                OthersBeat();
                var start = BootClock.NowNanoseconds();
                Drain();
                OwnBeat();
                busy += BootClock.NowNanoseconds() - start;
                OthersListen();
            }

            return busy;
        }

        public void Dispose()
        {
            foreach (var engine in _engines)
                engine.Dispose();
            foreach (var socket in _own.Concat(_others))
                socket.Dispose();
        }

        private static UdpBeatSocket Open() => new(new UdpBeatSocketOptions(new IPEndPoint(IPAddress.Loopback, 0)));

        private static GuardianSettings Settings(int own, int servers) => new()
        {
            ClusterName = "scale",
            ClusterId = new Guid("5ca1e000-0000-4000-8000-000000000001"),
            Key = new byte[32],
            OwnIndex = (byte)own,
            Servers = [.. Enumerable.Range(0, servers).Select(i => new GuardianServer((byte)i, $"server{i}"))],
            Networks =
            [
                .. Enumerable.Range(0, Networks).Select(n => new GuardianNetwork((byte)n, $"lan{n}", IPAddress.Loopback, 29002,
                    [.. Enumerable.Range(0, servers).Where(i => i != own).Select(i => new GuardianPeerAddress((byte)i, IPAddress.Loopback))])),
            ],
            Interval = TimeSpan.FromMilliseconds(200),
            Timeout = TimeSpan.FromSeconds(2),
            Grant = TimeSpan.FromMilliseconds(1970),
            Policy = PartitionPolicy.TakeOver,
        };

        private void OthersBeat()
        {
            for (var i = 1; i < _engines.Length; i++)
            {
                _engines[i].OnTick(_now);
                _engines[i].BeginPass(_now);
                for (var n = 0; n < Networks; n++)
                    _others[n].Send(_beat.AsSpan(0, _engines[i].WriteBeat(0, n, _beat)), in _toOwn[n]);
                _engines[i].EndPass();
            }
        }

        private void Drain()
        {
            for (var n = 0; n < Networks; n++)
            {
                while (_own[n].TryReceive(_datagram, out var received))
                    _engines[0].OnDatagram(_now, _now, n, _datagram.AsSpan(0, received.Length));
            }
        }

        private void OwnBeat()
        {
            var engine = _engines[0];
            engine.OnTick(_now);
            engine.BeginPass(_now);
            for (var n = 0; n < Networks; n++)
            {
                for (var i = 1; i < _engines.Length; i++)
                    engine.CountSend(_own[n].Send(_beat.AsSpan(0, engine.WriteBeat(i, n, _beat)), in _toOthers[n]) == 0);
            }

            engine.EndPass();
        }

        private void OthersListen()
        {
            for (var n = 0; n < Networks; n++)
            {
                while (_others[n].TryReceive(_datagram, out var received))
                    _engines[_datagram[25]].OnDatagram(_now, _now, n, _datagram.AsSpan(0, received.Length));
            }

            foreach (var engine in _engines)
            {
                while (engine.Notes.TryTake(out _))
                {
                    // Nobody acts on them here; the queue must only not fill.
                }
            }
        }
    }
}
