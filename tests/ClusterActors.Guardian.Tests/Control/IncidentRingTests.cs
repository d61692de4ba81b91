using ClusterActors.Guardian.Control;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Control;

public sealed class IncidentRingTests
{
    private const long Second = 1_000_000_000;
    private readonly IncidentRing _ring = new();

    [Fact]
    public void Incidents_must_be_told_until_they_are_confirmed()
    {
        _ring.Add(1 * Second, IncidentKind.DaemonHung, "1000 ms");
        _ring.Add(2 * Second, IncidentKind.DaemonRestarted, "1", "5", "away for 300 ms");

        IReadOnlyList<GuardianIncident> told = GuardianIncidents.Decode(GuardianIncidents.Encode(_ring.Take(5 * Second, 0)));
        Assert.Equal(
            [
                new GuardianIncident(1, IncidentKind.DaemonHung, TimeSpan.FromSeconds(4), "1000 ms", "", ""),
                new GuardianIncident(2, IncidentKind.DaemonRestarted, TimeSpan.FromSeconds(3), "1", "5", "away for 300 ms"),
            ],
            told);
        Assert.Equal(2, _ring.Take(5 * Second, 0).Count);
        Assert.Equal(2ul, Assert.Single(_ring.Take(5 * Second, 1)).Sequence);
        Assert.Empty(_ring.Take(5 * Second, 2));
    }

    [Fact]
    public void What_an_older_daemon_does_not_know_must_not_be_told_to_it()
    {
        _ring.Add(1, IncidentKind.DaemonDied, "exit code 3");
        _ring.Add(2, IncidentKind.DaemonRestarted, "1", "5", "away");
        Assert.Equal(IncidentKind.DaemonRestarted, Assert.Single(_ring.Take(Second, 0, NoteEdition.First)).Kind);
        Assert.Equal(2, _ring.Take(Second, 0, NoteEditions.Newest).Count);
    }

    [Fact]
    public void Question_must_cross_the_link_unchanged()
    {
        GuardianFrame back = GuardianCodec.Decode(GuardianCodec.Encode(new GetIncidents(7), 42), out ulong id);
        Assert.Equal((new GetIncidents(7), 42ul), (back, id));
    }

    [Fact]
    public void Full_ring_must_drop_the_oldest_and_still_fit_a_frame()
    {
        for (int i = 0; i < IncidentRing.Capacity + 3; i++)
            _ring.Add(i, IncidentKind.DaemonRestarted, "1", "5", new string('x', 5000));

        IReadOnlyList<GuardianIncident> told = GuardianIncidents.Decode(GuardianIncidents.Encode(_ring.Take(Second, 0)));
        Assert.Equal((IncidentRing.Capacity + 1, IncidentKind.Dropped, "3", 4ul), (told.Count, told[0].Kind, told[0].First, told[1].Sequence));
        Assert.Equal(1, _ring.Take(Second, told[0].Sequence).Count(i => i.Sequence == 4));
        Assert.DoesNotContain(_ring.Take(Second, told[0].Sequence), i => i.Kind == IncidentKind.Dropped);
    }

    [Fact]
    public void Notes_must_not_push_out_what_came_of_the_daemon()
    {
        _ring.Add(1, IncidentKind.DaemonDied, "exit code 3");
        for (int i = 0; i < 2 * IncidentRing.Capacity; i++)
            _ring.Add(i, new BeatsLate(TimeSpan.FromMilliseconds(i), TimeSpan.FromMilliseconds(10), TimeSpan.Zero));

        IReadOnlyList<GuardianIncident> told = _ring.Take(Second, 0);
        Assert.Equal([IncidentKind.DaemonDied, IncidentKind.Dropped, IncidentKind.BeatsLate], told.Select(i => i.Kind).Distinct());
        Assert.Equal((IncidentRing.Capacity + 1, $"{IncidentRing.Capacity + 1}", "65 ms"), (told.Count, told[1].First, told[2].First));
    }
}
