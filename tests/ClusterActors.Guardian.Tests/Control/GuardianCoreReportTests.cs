using ClusterActors.Guardian.Control;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Realtime;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Control;

/// <summary>What the guardian tells its daemon of its own conditions.</summary>
public sealed class GuardianCoreReportTests
{
    private const long Ms = 1_000_000;

    private static readonly RealtimeReport Rights = new(
        [new(RealtimeReport.SchedulingRight, false, "not permitted"), new(RealtimeReport.MemoryRight, true, "pages stay"), new(RealtimeReport.OomRight, false, "refused")]);

    [Fact]
    public void Late_beats_must_be_logged_with_the_planned_instant_and_told_to_the_daemon()
    {
        using var guardian = new CoreBench();
        long due = guardian.Now - (30 * Ms);
        TellLate(guardian, due);
        long monotonic = due / Ms - 500;
        Assert.Contains($"own beats began 12.3 ms late, due at monotonic {monotonic} ms (limit 10 ms)", guardian.Warnings);
        Assert.Equal(
            new BeatsLate(TimeSpan.FromMilliseconds(12.3), TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(monotonic)),
            Assert.Single(guardian.Connection.Notes.OfType<BeatsLate>()));
    }

    [Fact]
    public void Note_that_the_daemon_does_not_know_must_be_kept_from_it()
    {
        using var guardian = new CoreBench();
        guardian.Ask(new Hello(1, "older"), 5);
        TellLate(guardian, guardian.Now);
        Assert.Empty(guardian.Connection.Notes.OfType<BeatsLate>());
        Assert.Contains(guardian.Warnings, w => w.StartsWith("own beats began", StringComparison.Ordinal));
    }

    [Fact]
    public void Notes_without_a_daemon_must_be_told_once_to_the_next_one_in_their_order_and_with_their_age()
    {
        using var guardian = new CoreBench();
        guardian.Core.DropConnection("killed");
        TellLate(guardian, guardian.Now);
        var address = System.Net.IPAddress.Parse("10.0.0.100");
        guardian.Core.Tell(new FenceArmed("web", "ip", address, Model.FenceChoice.Nft));
        guardian.Core.Tell(new FenceMissing("web", "ip", address, "no kernel support"));
        guardian.Advance(500);

        guardian.Reconnect();
        IReadOnlyList<GuardianIncident> told = Incidents(guardian, confirmed: 0);
        Assert.Equal(
            [
                (IncidentKind.BeatsLate, "12.3 ms", "10 ms"),
                (IncidentKind.FenceArmed, "10.0.0.100", "nftables"),
                (IncidentKind.FenceMissing, "10.0.0.100", "no kernel support"),
                (IncidentKind.DaemonRestarted, "0", "5"),
            ],
            told.Select(t => (t.Kind, t.First, t.Second)));
        Assert.All(told.SkipLast(1), t => Assert.InRange(t.Age, TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(510)));
        Assert.Empty(Incidents(guardian, told[^1].Sequence));
        TellLate(guardian, guardian.Now);
        Assert.Single(guardian.Connection.Notes.OfType<BeatsLate>());
        Assert.Empty(Incidents(guardian, confirmed: 0));
    }

    [Fact]
    public void Missing_rights_must_be_told_once_in_a_life()
    {
        using var guardian = new CoreBench(Rights);
        IReadOnlyList<GuardianIncident> told = Incidents(guardian, confirmed: 0);
        Assert.Equal(
            [(IncidentKind.RightsMissing, "real-time scheduling: not permitted"), (IncidentKind.RightsMissing, "out-of-memory protection: refused")],
            told.Select(t => (t.Kind, t.First)));
        Assert.Empty(Incidents(guardian, told[^1].Sequence));
        using var granted = new CoreBench(new RealtimeReport([new(RealtimeReport.SchedulingRight, true, "")]));
        Assert.Empty(Incidents(granted, confirmed: 0));
    }

    [Fact]
    public void Giving_the_daemon_up_must_be_told_to_the_next_as_making_the_server_safe()
    {
        using var guardian = new CoreBench();
        ((IDaemonActions)guardian.Core).GiveUp("the node daemon is not back after 30000 ms");
        GuardianIncident told = Assert.Single(Incidents(guardian, confirmed: 0));
        Assert.Equal((IncidentKind.ServerMadeSafe, "the node daemon is not back after 30000 ms"), (told.Kind, told.First));
    }

    private static void TellLate(CoreBench guardian, long due)
    {
        guardian.Loop.Engine.Notes.Add(new EngineNote
        {
            Kind = EngineNoteKind.BeatLate,
            Nanoseconds = 12_300_000,
            LimitNanoseconds = 10 * Ms,
            DueNanoseconds = due,
            Reason = "",
        });
        guardian.Advance(1);
    }

    private static IReadOnlyList<GuardianIncident> Incidents(CoreBench guardian, ulong confirmed)
    {
        guardian.Ask(new GetIncidents(confirmed), 77);
        return GuardianIncidents.Decode(guardian.Connection.Replies[77].Data);
    }
}
