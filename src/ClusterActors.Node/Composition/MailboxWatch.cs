using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ClusterActors.Actors;
using ClusterActors.Model.Events;
using ClusterActors.Node.Status;

namespace ClusterActors.Node.Composition;

/// <summary>
/// Tells an administrator of an actor that does not keep up: an event once, and a notice for as long as it lasts. Looks into the mailboxes from
/// outside, so the actors pay nothing. An actor counts as behind until it has kept up for a while, else one that is now behind and now not would be told
/// over and over.
/// </summary>
internal sealed class MailboxWatch : IDisposable
{
    internal static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>The guardian kills a daemon whose nm takes nearly as long; others may take longer, and then somebody waits for them.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>A tenth of what a mailbox takes before it refuses.</summary>
    internal const long MostWaiting = 10_000;

    internal static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    /// <summary>A look that comes so late says that the whole process stood still; what waits then is no actor's fault.</summary>
    private static readonly TimeSpan StoodStill = 2 * LookEvery;

    private const int MostNamed = 3;

    private readonly Dictionary<string, long> _behind = new(StringComparer.Ordinal);
    private readonly ActorSystem _system;
    private readonly Notices _notices;
    private readonly IActorRef _events;
    private readonly TimeProvider _time;
    private ICancelable _next;
    private long _looked;
    private volatile bool _ended;

    public MailboxWatch(ActorSystem system, Notices notices, IActorRef events, TimeProvider time)
    {
        (_system, _notices, _events, _time) = (system, notices, events, time);
        _looked = time.GetTimestamp();
        LookLater();
    }

    public void Dispose()
    {
        _ended = true;
        _next.Cancel();
    }

    internal static bool IsBehind(MailboxSample sample) => sample.OldestAtLeast >= LongestWait || sample.Length > MostWaiting;

    /// <summary><c>/user/rc: 12 messages wait, the oldest for at least 3.0 s</c></summary>
    internal static string Sentence(MailboxSample sample) => string.Create(
        CultureInfo.InvariantCulture, $"{Name(sample)}: {sample.Length} messages wait, the oldest for at least {sample.OldestAtLeast.TotalSeconds:0.0} s");

    // On the scheduler's own thread: a pool whose threads are all busy is one of the things to be told of, and an idle one is not woken.
    [MemberNotNull(nameof(_next))]
    private void LookLater() => _next = _system.Scheduler.ScheduleOnceCancelable(LookEvery, Look);

    private void Look()
    {
        if (_ended)
            return;
        LookLater();
        var behind = _system.SampleMailboxes().Where(IsBehind).ToList();
        var now = _time.GetTimestamp();
        var isLate = _time.GetElapsedTime(_looked, now) > StoodStill;
        _looked = now;
        if (!isLate)
            Judge(behind, now);
    }

    private void Judge(List<MailboxSample> behind, long now)
    {
        foreach (var sample in behind)
        {
            if (_behind.TryAdd(Name(sample), now))
                _events.Tell(CaEvents.ActorBehind(Name(sample), Sentence(sample)));
            _behind[Name(sample)] = now;
        }

        foreach (var (name, seen) in _behind.Where(entry => _time.GetElapsedTime(entry.Value, now) >= Quiet).ToList())
        {
            _behind.Remove(name);
            _events.Tell(CaEvents.ActorKeepsUp(name));
        }

        _notices.Set(Notices.Mailboxes, Notice(behind));
    }

    private static string? Notice(List<MailboxSample> behind) => behind.Count == 0
        ? null
        : "the daemon does not keep up: " + string.Join("; ", behind.Take(MostNamed).Select(Sentence)) + (behind.Count > MostNamed ? $"; and {behind.Count - MostNamed} more actors" : "");

    private static string Name(MailboxSample sample) => sample.Path.ToStringWithoutAddress();
}
