using System.Globalization;
using ClusterActors.Actors;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Composition;

/// <summary>Brings what the guardian did while no daemon was connected into the event journal.</summary>
internal static class IncidentReader
{
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
        foreach (var incident in incidents)
            events.Tell(EventOf(incident));
        if (incidents.Count > 0)
            _ = await link.AskAsync(new GetIncidents(incidents[^1].Sequence), AnswerLimit).ConfigureAwait(false);
    }

    internal static EventDraft EventOf(GuardianIncident incident)
    {
        var ago = incident.Age < TimeSpan.FromSeconds(1) ? "" : string.Create(CultureInfo.InvariantCulture, $" ({incident.Age.TotalSeconds:0} s ago)");
        return incident.Kind switch
        {
            IncidentKind.DaemonHung => CaEvents.DaemonHung(incident.First + ago),
            IncidentKind.DaemonGivenUp => CaEvents.DaemonGivenUp(incident.First, incident.Second + ago),
            _ => CaEvents.DaemonRestarted(incident.First, incident.Second, incident.Third + ago),
        };
    }
}
