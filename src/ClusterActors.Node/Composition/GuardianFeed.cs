using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Membership;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Node.Guardian;
using ClusterActors.Node.Status;

namespace ClusterActors.Node.Composition;

/// <summary>
/// Hands the guardian's notes to the actors. At each greeting the settings go first: only when the guardian has them does the rest of
/// the daemon hear of it. Runs on the link's thread and never blocks it.
/// </summary>
internal sealed class GuardianFeed(GuardianSocketLink link, GuardianSettings settings, ClusterConfig config, ClusterSystem cluster, ProgramExits exits, AddressLosses losses, OfferedSettings stretched, Notices notices, Action<string> log)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    private Incarnation _greeted;

    public void Attach()
    {
        stretched.Answered = OnSettings;
        link.OnNote(Handle);
        link.OnLost = () => cluster.NodeManager.Tell(new GuardianGone());
    }

    private void Handle(GuardianNote note)
    {
        switch (note)
        {
            case Welcome welcome:
                _ = IntroduceAsync(welcome);
                break;
            case ProgramExited exited:
                exits.On(exited);
                break;
            case AddressLost lost:
                losses.On(lost);
                break;
            case StopRequested stop:
                cluster.ProcessManager.Tell(stop);
                break;
            default:
                cluster.NodeManager.Tell(note);
                break;
        }
    }

    /// <summary>The same refusal may come again and again: one event tells of it, the status for as long as it lasts.</summary>
    private void OnSettings(Reply answer)
    {
        var isNews = notices.Set(Notices.Settings, answer.Succeeded ? null : $"the guardian refused the settings of this configuration: {answer.Sentence}");
        if (isNews && !answer.Succeeded)
            cluster.Events.Tell(CaEvents.SettingsRefused(answer.Sentence));
    }

    private async Task IntroduceAsync(Welcome welcome)
    {
        try
        {
            await stretched.ApplyAsync(link, settings, log).ConfigureAwait(false);
            await StopOrder.HandOverAsync(link, config, log).ConfigureAwait(false);
            await IncidentReader.ReadAsync(link, cluster.Events, log).ConfigureAwait(false);
            var waiting = exits.Waiting;
            var watched = losses.Waiting;
            var table = await link.AskAsync(new GetTable(), AnswerLimit).ConfigureAwait(false);
            exits.On(table.Table, waiting);

            // With an earlier guardian everything has ended; what comes of the groups then is decided as a whole.
            if (welcome.Incarnation == _greeted)
                losses.On(table.Table, watched);
            _greeted = welcome.Incarnation;
            cluster.NodeManager.Tell(welcome);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            log($"guardian: greeting not finished: {e.Message}; it is greeted again after the next connect");
        }
    }
}
