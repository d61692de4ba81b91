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
    // Turns in a row on one pool thread before the rest of the pool's queue, if there is any, gets its chance.
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
        if (worker.Swap(mailbox) is { } displaced) ThreadPool.UnsafeQueueUserWorkItem(displaced, preferLocal: true);
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
                if (!worker.Keeps || worker.Swap(null) is not { } next) return;
                if (turn == MaxTurnsInRow)
                {
                    // Giving way to nobody is not free: the pool wakes a second thread for what this one would take up again itself.
                    if (ThreadPool.PendingWorkItemCount > 0)
                    {
                        ThreadPool.UnsafeQueueUserWorkItem(next, preferLocal: false);
                        return;
                    }
                    turn = 0;
                }
                mailbox = next;
            }
        }
        finally
        {
            worker.IsRunning = false;
            // Only after an exception that ends the process anyway, or nothing at all.
            if (worker.Keeps && worker.Swap(null) is { } left)
                ThreadPool.UnsafeQueueUserWorkItem(left, preferLocal: false);
        }
    }

    private Worker NewWorker()
    {
        var worker = new Worker();
        _watchdog.Add(worker);
        return worker;
    }

    /// <summary>
    /// What one pool thread holds. The thread swaps at every message and the watchdog robs next to never, so the lock
    /// between the two is lopsided: the thread's side is plain reads and writes, and the watchdog pays with a barrier
    /// that reaches into all threads of the process.
    /// </summary>
    internal sealed class Worker
    {
        private Mailbox? _kept;
        private bool _swapping;
        private bool _robbing;

        public long Turns;
        public bool IsRunning;

        public bool Keeps => Volatile.Read(ref _kept) is not null;

        /// <summary>The thread itself only: keeps <paramref name="mailbox"/> and gives what was kept so far.</summary>
        public Mailbox? Swap(Mailbox? mailbox)
        {
            Volatile.Write(ref _swapping, true);
            if (Volatile.Read(ref _robbing)) WaitForRobber();
            var before = _kept;
            _kept = mailbox;
            Volatile.Write(ref _swapping, false);
            return before;
        }

        // A few instructions long, as the watchdog never waits for this thread.
        private void WaitForRobber()
        {
            var spin = default(SpinWait);
            while (Volatile.Read(ref _robbing)) spin.SpinOnce();
        }

        /// <summary>The watchdog only: takes what is kept, unless the thread is just swapping and thus not stuck.</summary>
        public Mailbox? Rob()
        {
            Volatile.Write(ref _robbing, true);
            // After it the thread either sees this mark before it touches anything, or is seen swapping.
            Interlocked.MemoryBarrierProcessWide();
            Mailbox? robbed = null;
            if (!Volatile.Read(ref _swapping)) (robbed, _kept) = (_kept, null);
            Volatile.Write(ref _robbing, false);
            return robbed;
        }
    }
}
