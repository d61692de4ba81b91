using System.Globalization;

namespace ClusterActors.Model.Events;

/// <summary>
/// Ids for the events that one life of a daemon raises, unique in the cluster: server, start of that life, number. Who raises an event that
/// another one is to follow from takes its id here, before the journal has seen it: nothing waits for the journal. Thread-safe.
/// </summary>
public sealed class EventIds(ServerName server, DateTimeOffset began)
{
    private readonly string _life = $"{server}-{began.ToUnixTimeMilliseconds():x}-";
    private long _last;

    public string Next() => _life + Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);

    /// <summary>The draft with an id of its own.</summary>
    public EventDraft Sign(EventDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return draft with { EventId = Next() };
    }
}
