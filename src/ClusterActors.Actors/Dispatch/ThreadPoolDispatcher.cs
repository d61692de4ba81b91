namespace ClusterActors.Actors;

/// <summary>
/// Runs turns on the runtime's thread pool, and keeps the last mailbox that a turn made ready for the same thread to run
/// next. Waking another thread for every message costs far more than the message; two actors that answer each other
/// thus stay on one core with warm caches, while everything beyond the last mailbox goes to the pool and to other threads.
/// </summary>
/// <remarks>
/// The price: a mailbox kept back waits for the rest of the turn. That turn may be long (a handler that computes or blocks,
/// though it should not), so a watchdog gives kept mailboxes that do not move for about 10 ms to the pool. It runs only
/// while turns run; an idle system has no tick.
/// </remarks>
public sealed class ThreadPoolDispatcher : MessageDispatcher
{
    // Turns in a row on one pool thread before the rest of the pool's queue gets its chance.
    private const int MaxTurnsInRow = 256;

    [ThreadStatic]
    private static Worker? s_worker;

    private readonly KeptMailboxWatchdog _watchdog = new();

    private ThreadPoolDispatcher() { }

    /// <summary>The one instance, shared by all systems of the process.</summary>
    public static ThreadPoolDispatcher Instance { get; } = new();

    /// <inheritdoc />
    public override void Execute(Action action) =>
        ThreadPool.UnsafeQueueUserWorkItem(static run => run(), action, preferLocal: false);

    internal override void Schedule(Mailbox mailbox)
    {
        if (s_worker is not { IsRunning: true } worker)
        {
            ThreadPool.UnsafeQueueUserWorkItem(mailbox, preferLocal: false);
            return;
        }
        var displaced = Interlocked.Exchange(ref worker.Kept, mailbox);
        if (displaced is not null) ThreadPool.UnsafeQueueUserWorkItem(displaced, preferLocal: true);
        _watchdog.Arm();
    }

    internal override void RunFromPool(Mailbox mailbox)
    {
        var worker = s_worker ??= NewWorker();
        worker.IsRunning = true;
        try
        {
            for (var turn = 1; ; turn++)
            {
                mailbox.RunTurn();
                worker.Turns++;
                if (worker.Kept is null) return;
                if (Interlocked.Exchange(ref worker.Kept, null) is not { } next) return;
                if (turn == MaxTurnsInRow)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(next, preferLocal: false);
                    return;
                }
                mailbox = next;
            }
        }
        finally
        {
            worker.IsRunning = false;
            // Only after an exception that ends the process anyway, or nothing at all.
            if (worker.Kept is not null && Interlocked.Exchange(ref worker.Kept, null) is { } left)
                ThreadPool.UnsafeQueueUserWorkItem(left, preferLocal: false);
        }
    }

    private Worker NewWorker()
    {
        var worker = new Worker();
        _watchdog.Add(worker);
        return worker;
    }

    /// <summary>What one pool thread holds.</summary>
    internal sealed class Worker
    {
        public Mailbox? Kept;
        public long Turns;
        public bool IsRunning;
    }
}
