using System.Globalization;
using ClusterActors.Actors;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Composition;

/// <summary>Brings what happened on this server while no daemon was connected into the event journal.</summary>
internal static class IncidentReader
{
    private const string Daemon = "clpd";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <summary>Told first, confirmed afterwards: a daemon that ends in between tells them twice rather than never.</summary>
    public static async Task ReadAsync(IGuardianLink link, IActorRef events, Action<string> log)
    {
        var answer = await link.AskAsync(new GetIncidents(0), AnswerLimit).ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            log($"the guardian did not tell its incidents: {answer.Sentence}");
            return;
        }

        var incidents = GuardianIncidents.Decode(answer.Data);
        foreach (var told in incidents.SelectMany(EventsOf))
            events.Tell(told);
        foreach (var gap in incidents.Where(i => i.Kind == IncidentKind.Dropped))
            log($"the guardian kept only the newest of what happened without a daemon; {gap.First} more are in its own log alone");
        if (incidents.Count > 0)
            _ = await link.AskAsync(new GetIncidents(incidents[^1].Sequence), AnswerLimit).ConfigureAwait(false);
    }

    internal static IReadOnlyList<EventDraft> EventsOf(GuardianIncident incident)
    {
        var age = incident.Age < TimeSpan.FromSeconds(1) ? "" : string.Create(CultureInfo.InvariantCulture, $"{incident.Age.TotalSeconds:0} s ago");
        var ago = age.Length == 0 ? "" : $" ({age})";
        return incident.Kind switch
        {
            IncidentKind.DaemonHung => [CaEvents.DaemonHung(incident.First + ago)],
            IncidentKind.DaemonRestarted => [CaEvents.DaemonRestarted(incident.First, incident.Second, incident.Third + ago)],
            IncidentKind.DaemonGivenUp => [CaEvents.DaemonGivenUp(incident.First, incident.Second + ago), MonpEvents.ClusterStop(Daemon)],
            IncidentKind.DaemonDied => [MonpEvents.ProcessDied(Daemon, incident.First + ago)],
            IncidentKind.DaemonNotReady => [MonpEvents.ProcessInitFailed(Daemon, incident.First + ago)],
            IncidentKind.DaemonStarted => [MonpEvents.ProcessRestart(Daemon)],
            IncidentKind.ServerMadeSafe => [CaEvents.ServerMadeSafe(incident.First + ago)],
            IncidentKind.RightsMissing => [CaEvents.RightsMissing(incident.First)],
            // The sentence has the limit in brackets already.
            IncidentKind.BeatsLate => [CaEvents.BeatsLate(incident.First, age.Length == 0 ? incident.Second : $"{incident.Second}, {age}")],
            IncidentKind.FenceArmed => [CaEvents.FenceArmed(incident.First, incident.Second + ago)],
            IncidentKind.FenceMissing => [CaEvents.FenceMissing(incident.First, incident.Second + ago)],
            _ => [],
        };
    }
}
