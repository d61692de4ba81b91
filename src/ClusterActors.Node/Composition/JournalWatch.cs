using ClusterActors.Actors;
using ClusterActors.Model.Events;
using ClusterActors.Node.Status;
using ClusterActors.Persistence;
using ClusterActors.Persistence.Storage;

namespace ClusterActors.Node.Composition;

/// <summary>
/// Tells an administrator of a journal that takes no writes: no order can be carried out on this server until it does. A journal that now
/// fails and now works counts as failing until it has worked for a while.
/// </summary>
internal sealed class JournalWatch : IDisposable
{
    /// <summary>Group actors try again each second, so a quiet time of this length is no accident.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly Notices _notices;
    private readonly IActorRef _events;
    private readonly TimeProvider _time;
    private readonly ITimer _quiet;
    private bool _failing;
    private long? _worksSince;

    public JournalWatch(Notices notices, IActorRef events, TimeProvider time)
    {
        (_notices, _events, _time) = (notices, events, time);
        _quiet = time.CreateTimer(_ => OnQuiet(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Follow(StoreHealth health)
    {
        health.Failed += OnFailed;
        health.Recovered += OnRecovered;
    }

    public void Dispose() => _quiet.Dispose();

    internal void OnRecovered()
    {
        lock (_gate)
        {
            _worksSince = _time.GetTimestamp();
            _quiet.Change(Quiet, Timeout.InfiniteTimeSpan);
        }
    }

    internal void OnFailed(JournalException reason)
    {
        lock (_gate)
        {
            _worksSince = null;
            _quiet.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _notices.Set(Notices.Journal, $"the journal of this server takes no writes, so nothing can be started, stopped or moved here: {reason.Message}");
            if (_failing)
                return;
            _failing = true;
            _events.Tell(CaEvents.JournalFails(reason.Message));
        }
    }

    /// <summary>A timer that is changed may have fired already and wait for the lock: what it was set for is judged anew.</summary>
    private void OnQuiet()
    {
        lock (_gate)
        {
            if (!_failing || _worksSince is not { } since)
                return;
            var left = Quiet - _time.GetElapsedTime(since);
            if (left > TimeSpan.Zero)
            {
                _quiet.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            _failing = false;
            _notices.Set(Notices.Journal, null);
            _events.Tell(CaEvents.JournalWorks());
        }
    }
}
