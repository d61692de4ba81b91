using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Node.Composition;

namespace ClusterActors.Node.Tests;

public sealed class IncidentReaderTests
{
    [Theory]
    [InlineData(IncidentKind.DaemonHung, "ca 1")]
    [InlineData(IncidentKind.DaemonRestarted, "ca 2")]
    [InlineData(IncidentKind.DaemonGivenUp, "ca 4, monp 4")]
    [InlineData(IncidentKind.DaemonDied, "monp 2")]
    [InlineData(IncidentKind.DaemonNotReady, "monp 1")]
    [InlineData(IncidentKind.DaemonStarted, "monp 3")]
    [InlineData(IncidentKind.ServerMadeSafe, "ca 21")]
    [InlineData(IncidentKind.RightsMissing, "ca 28")]
    [InlineData(IncidentKind.BeatsLate, "ca 6")]
    [InlineData(IncidentKind.FenceArmed, "ca 19")]
    [InlineData(IncidentKind.FenceMissing, "ca 20")]
    [InlineData(IncidentKind.Dropped, "")]
    [InlineData((IncidentKind)200, "")]
    public void Incident_must_become_the_events_of_its_kind(IncidentKind kind, string events) => Assert.Equal(
        events, string.Join(", ", IncidentReader.EventsOf(new GuardianIncident(1, kind, TimeSpan.Zero, "a", "b", "c")).Select(e => $"{e.Key.Module} {e.Key.Id}")));

    [Fact]
    public void Incident_must_be_told_with_what_happened_and_how_long_ago()
    {
        var died = new GuardianIncident(1, IncidentKind.DaemonDied, TimeSpan.FromSeconds(7), "ended with exit code 3 (process 12)", "", "");
        EventDraft told = Assert.Single(IncidentReader.EventsOf(died));
        Assert.Equal([new("process", "clpd"), new("status", "ended with exit code 3 (process 12) (7 s ago)")], told.Parameters);
    }

    [Theory]
    [InlineData(IncidentKind.BeatsLate, "12.3 ms", "10 ms", "own beats ran 12.3 ms late (limit 10 ms, 7 s ago)")]
    [InlineData(IncidentKind.FenceArmed, "10.0.0.100", "bpf", "address 10.0.0.100 is fenced by bpf (7 s ago)")]
    [InlineData(IncidentKind.FenceMissing, "10.0.0.100", "no kernel support", "no fence for address 10.0.0.100: no kernel support (7 s ago)")]
    public void Note_that_no_daemon_was_there_for_must_be_told_with_its_age(IncidentKind kind, string first, string second, string text)
    {
        EventDraft told = Assert.Single(IncidentReader.EventsOf(new GuardianIncident(1, kind, TimeSpan.FromSeconds(7), first, second, "")));
        Assert.Equal(text, EventCatalogue.Default.Find(told.Key)!.Render(told.Parameters, EventLanguage.English));
    }
}
