using System.Globalization;
using System.Net;
using ClusterActors.Guardian.Control;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats;

/// <summary>Beats between two processes without anything else of a guardian, to measure lateness and loss of a network or a machine.</summary>
internal sealed record BeatTest(IPAddress Self, IPAddress Peer, byte Index, ushort Port, TimeSpan Interval, TimeSpan Length, bool RealTime)
{
    public static BeatTest Parse(IReadOnlyDictionary<string, string> values, bool realTime) => new(
        Address(values, "--self"), Address(values, "--peer"), checked((byte)Number(values, "--index", 0)), checked((ushort)Number(values, "--port", 29002)),
        TimeSpan.FromMilliseconds(Number(values, "--interval", 10)), TimeSpan.FromSeconds(Number(values, "--seconds", 10)), realTime);

    /// <summary>Runs for the given time and writes one line of JSON. Returns the exit code.</summary>
    public int Run(TextWriter output)
    {
        RealtimeReport? rights = RealTime ? RealtimeReport.Acquire(new RealtimeWish(GuardianOptions.Priority)) : null;
        bool granted = rights is { HasRealtimeScheduling: true };
        GuardianSettings settings = Settings();
        var incarnation = new Incarnation(BootIdentity.Fold(BootIdentity.Read()), (uint)(BootClock.RealtimeNanoseconds() / 1_000_000_000));
        var engine = new HeartbeatEngine(settings, incarnation, default, settings.Timeout, BootClock.NowNanoseconds());
        engine.SetClean();
        using var loop = new BeatLoop(settings, engine, BeatChannels.Open(settings), new NoLeases(), granted ? GuardianOptions.BeatPriority : 0, () => { });
        loop.Start();
        AbsoluteSleep.Until(BootClock.NowNanoseconds() + (Length.Ticks * 100));
        LatenessFigures late = loop.Lateness.Figures();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"passes":{{late.Count}},"sent":{{loop.Counters.Sent}},"accepted":{{loop.Counters.Accepted}},"missed":{{loop.Counters.Missed}},"realTime":{{(granted ? "true" : "false")}},"lateMs":{"p50":{{late.P50.TotalMilliseconds:0.####}},"p99":{{late.P99.TotalMilliseconds:0.####}},"p999":{{late.P999.TotalMilliseconds:0.####}},"max":{{late.Max.TotalMilliseconds:0.####}}},"collections":{{GC.CollectionCount(0)}}}"""));
        return 0;
    }

    private static IPAddress Address(IReadOnlyDictionary<string, string> values, string name) =>
        values.TryGetValue(name, out string? text) && IPAddress.TryParse(text, out IPAddress? address)
            ? address
            : throw new ArgumentException($"clpmonp beat-test: {name} needs an IP address, found '{values.GetValueOrDefault(name)}'");

    private static int Number(IReadOnlyDictionary<string, string> values, string name, int otherwise) =>
        !values.TryGetValue(name, out string? text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new ArgumentException($"clpmonp beat-test: {name} needs a whole number, found '{text}'");

    private GuardianSettings Settings()
    {
        TimeSpan timeout = Interval * 40;
        return new GuardianSettings
        {
            ClusterName = "beat-test",
            ClusterId = new Guid("c1057e57-0000-4000-8000-000000000001"),
            Key = new byte[32],
            OwnIndex = Index,
            Servers = [new GuardianServer(0, "first"), new GuardianServer(1, "second")],
            Networks = [new GuardianNetwork(0, "test", Self, Port, [new GuardianPeerAddress((byte)(1 - Index), Peer)])],
            Interval = Interval,
            Timeout = timeout,
            Grant = timeout * 0.9,
            KillDelay = TimeSpan.Zero,
            Policy = PartitionPolicy.TakeOver,
        };
    }

    private sealed class NoLeases : ILeases
    {
        public bool Renew(long passTime, long deadline) => true;
    }
}
