namespace ClusterActors.Actors;

/// <summary>
/// Frees mailboxes kept by a pool thread that is stuck in a long turn. One background thread; it sleeps without a tick
/// while no turn keeps anything, and looks every 5 ms while some do. A real clock by nature: it watches threads, not
/// actors, and does not exist under the deterministic dispatcher.
/// </summary>
internal sealed class KeptMailboxWatchdog
{
    private const int LookEveryMilliseconds = 5;

    // Looks without anything kept before it goes back to sleep; spares wake-ups when messages trickle.
    private const int QuietLooks = 4;

    private readonly object _lock = new();
    private readonly List<(WeakReference<ThreadPoolDispatcher.Worker> Worker, long SeenTurns)> _workers = [];
    private volatile bool _armed;
    private bool _started;

    public void Add(ThreadPoolDispatcher.Worker worker)
    {
        lock (_lock) _workers.Add((new WeakReference<ThreadPoolDispatcher.Worker>(worker), -1));
    }

    /// <summary>Something is kept: look from now on. Costs one read when it already looks.</summary>
    public void Arm()
    {
        if (_armed) return;
        lock (_lock)
        {
            if (_armed) return;
            _armed = true;
            if (!_started)
            {
                _started = true;
                new Thread(Run) { IsBackground = true, Name = "kept-mailboxes" }.Start();
            }
            Monitor.Pulse(_lock);
        }
    }

    private void Run()
    {
        var quiet = 0;
        while (true)
        {
            lock (_lock)
            {
                Monitor.Wait(_lock, LookEveryMilliseconds);
                quiet = FreeStuckOnes() ? 0 : quiet + 1;
                if (quiet < QuietLooks) continue;
                quiet = 0;
                _armed = false;
                // What was kept while the mark still stood is seen here: the keeper puts the mailbox in before it reads
                // the mark, without a barrier, so this side's barrier reaches into the keeper's thread too.
                Interlocked.MemoryBarrierProcessWide();
                if (FreeStuckOnes())
                {
                    _armed = true;
                    continue;
                }
                while (!_armed) Monitor.Wait(_lock);
            }
        }
    }

    /// <summary>True when something is kept anywhere.</summary>
    private bool FreeStuckOnes()
    {
        var anyKept = false;
        for (var i = _workers.Count - 1; i >= 0; i--)
        {
            var (reference, seenTurns) = _workers[i];
            if (!reference.TryGetTarget(out var worker))
            {
                _workers.RemoveAt(i);
                continue;
            }
            var turns = Volatile.Read(ref worker.Turns);
            if (!worker.Keeps)
            {
                _workers[i] = (reference, -1);
                continue;
            }
            anyKept = true;
            if (turns == seenTurns && worker.Rob() is { } stuck)
                ThreadPool.UnsafeQueueUserWorkItem(stuck, preferLocal: false);
            _workers[i] = (reference, turns);
        }
        return anyKept;
    }
}
