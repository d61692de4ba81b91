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
}
