using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Events;

namespace ClusterActors.Cluster.Events;

/// <summary>Where finished events go: file, syslog. Called on the actor's thread; must not block for long and must not throw.</summary>
public interface IEventSink
{
    void Write(ClusterEvent raised, EventDefinition definition);

    /// <summary>Events of earlier lives of the daemon, oldest first, at most <paramref name="max"/>.</summary>
    IReadOnlyList<ClusterEvent> ReadTail(int max);
}

/// <summary>The term that new events carry.</summary>
public sealed record TermKnown(Term Term);

/// <summary>Answered with <see cref="EventsRead"/>.</summary>
public sealed record ReadEvents(long After, int Max);

public sealed record NumberedEvent(long Sequence, ClusterEvent Event);

public sealed record EventsRead(IReadOnlyList<NumberedEvent> Events, long Last);

/// <summary>
/// Answered with <see cref="EventsRead"/> as soon as there is an event behind <paramref name="After"/>, and perhaps never: the asker needs a limit
/// after which it asks again.
/// </summary>
public sealed record AwaitEvent(long After);

/// <summary>
/// evt: turns drafts into events with id, time and term, gives them to the sinks and keeps the newest for readers. It never refuses
/// and never makes its callers wait.
/// </summary>
public sealed class EventJournal : ReceiveActor
{
    private const int Kept = 2_000;
    private const int WaitersKept = 256;
    private readonly ServerName _self;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<IEventSink> _sinks;
    private readonly EventIds _ids;
    private readonly Queue<NumberedEvent> _newest = new();
    private readonly Queue<IActorRef> _waiters = new();
    private readonly EventCauses _causes = new();
    private Term _term = Term.Zero;
    private long _last = -1;

    private EventJournal(ServerName self, EventIds ids, TimeProvider time, IReadOnlyList<IEventSink> sinks)
    {
        (_self, _ids, _time, _sinks) = (self, ids, time, sinks);
        Receive<EventDraft>(OnDraft);
        Receive<TermKnown>(known => _term = known.Term);
        Receive<ReadEvents>(read => Sender.Tell(Read(read.After, read.Max)));
        Receive<AwaitEvent>(OnAwait);
    }

    /// <param name="ids">Of this life of the daemon; those who raise events take theirs from it too.</param>
    public static Props Props(ServerName self, EventIds ids, TimeProvider time, IReadOnlyList<IEventSink> sinks) =>
        Actors.Props.Create(() => new EventJournal(self, ids, time, sinks));

    protected override void PreStart()
    {
        foreach (var old in _sinks.SelectMany(s => s.ReadTail(Kept)))
            Keep(old);
    }

    private void OnDraft(EventDraft draft)
    {
        var raised = ClusterEvent.From(
            draft, EventCatalogue.Default, draft.EventId ?? _ids.Next(), draft.CauseId ?? _causes.Of(draft), _time.GetUtcNow(), _self, _term);
        Keep(raised);
        var definition = EventCatalogue.Default.Find(draft.Key)!;
        foreach (var sink in _sinks)
            sink.Write(raised, definition);
        foreach (var waiter in _waiters)
            waiter.Tell(Read(_last - 1, 1));
        _waiters.Clear();
    }

    private void Keep(ClusterEvent raised)
    {
        _causes.Remember(raised);
        _newest.Enqueue(new(++_last, raised));
        if (_newest.Count > Kept)
            _newest.Dequeue();
    }

    /// <summary>
    /// Askers that have given up stay in the queue, so the one that has waited longest makes room: one that still waits asks again after its own limit.
    /// To answer anybody without an event would let it ask again at once, without end.
    /// </summary>
    private void OnAwait(AwaitEvent wait)
    {
        if (_last > wait.After)
        {
            Sender.Tell(Read(wait.After, 1));
            return;
        }

        if (_waiters.Count == WaitersKept)
            _waiters.Dequeue();
        _waiters.Enqueue(Sender);
    }

    private EventsRead Read(long after, int max) => after < 0
        ? new([.. _newest.TakeLast(max)], _last)
        : new([.. _newest.Where(e => e.Sequence > after).Take(max)], _last);
}
