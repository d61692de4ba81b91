using System.Net;
using System.Net.Sockets;
using ClusterActors.Guardian.Beats;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Beats;

/// <summary>The beat thread with real sockets on the loopback.</summary>
public sealed class BeatLoopTests
{
    [Fact]
    public void Planned_beats_must_not_be_put_off_when_extra_passes_are_asked_for()
    {
        using var listener = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.1"), 0));
        var port = (ushort)((IPEndPoint)listener.Client.LocalEndPoint!).Port;
        GuardianSettings settings = TestSettings.Pair() with
        {
            Interval = TimeSpan.FromMilliseconds(500),
            Networks = [new GuardianNetwork(0, "lan1", IPAddress.Parse("127.0.0.2"), port, [new GuardianPeerAddress(1, IPAddress.Parse("127.0.0.1"))])],
        };
        var engine = new HeartbeatEngine(settings, new Incarnation(1, 1), default, settings.Timeout, BootClock.NowNanoseconds());
        using var loop = new BeatLoop(settings, engine, BeatChannels.Open(settings), new OpenLeases(), 0, () => { });
        loop.Start();
        Pair.GuardianPair.Until("the first beat", () => loop.Counters.Sent == 1);

        const int extra = 60;
        for (int i = 1; i <= extra; i++)
        {
            Assert.True(loop.TryPost((_, _) => loop.RequestPass()));
            Pair.GuardianPair.Until($"extra pass {i}", () => loop.Counters.Sent > i);
        }

        // Put off by an interval each, the next planned beat would come half a minute from here.
        long planned = loop.Lateness.Figures().Count;
        // Its lateness is noted before it is sent.
        Pair.GuardianPair.Until("the next planned beat", () => loop.Lateness.Figures().Count > planned && loop.Counters.Sent >= extra + 2);
    }

    private sealed class OpenLeases : ILeases
    {
        public bool Renew(long passTime, long deadline) => true;
    }
}
