using ClusterActors.Cluster.Events;
using ClusterActors.Model;
using ClusterActors.Model.Events;

namespace ClusterActors.Node.Events;

/// <summary>
/// Events while no actor keeps the journal of them: before the actors are there, and after they have ended. The guardian starts a daemon
/// that cannot run again and again, so what the newest events say already is not said once more.
/// </summary>
internal sealed class DirectEvents(ServerName self, TimeProvider time, IReadOnlyList<IEventSink> sinks)
{
    public void Tell(params IReadOnlyList<EventDraft> drafts)
    {
        if (AreNewest(drafts))
            return;
        var life = $"{time.GetUtcNow().ToUnixTimeMilliseconds():x}";
        for (var i = 0; i < drafts.Count; i++)
        {
            var raised = ClusterEvent.From(drafts[i], EventCatalogue.Default, $"{self}-{life}-direct-{i}", null, time.GetUtcNow(), self, Term.Zero);
            var definition = EventCatalogue.Default.Find(drafts[i].Key)!;
            foreach (var sink in sinks)
                sink.Write(raised, definition);
        }
    }

    private bool AreNewest(IReadOnlyList<EventDraft> drafts) =>
        sinks.SelectMany(s => s.ReadTail(drafts.Count)).Select(e => new EventDraft(e.Key, e.Parameters)).SequenceEqual(drafts);
}
