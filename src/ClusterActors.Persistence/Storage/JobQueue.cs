namespace ClusterActors.Persistence.Storage;

/// <summary>
/// Bounded hand-over from many callers to one thread that takes everything waiting at once: what gathers while the disk is busy
/// with one commit becomes the next commit. This is the place where the store's threads wait.
/// </summary>
internal sealed class JobQueue<T> : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _arrived = new(false);
    private readonly int _capacity;
    private List<T> _waiting = [];
    private bool _closed;

    public JobQueue(int capacity) => _capacity = capacity;

    /// <summary>Adds without blocking; says why when it cannot.</summary>
    public AddResult TryAdd(T job)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return AddResult.Closed;
            }

            if (_waiting.Count >= _capacity)
            {
                return AddResult.Full;
            }

            _waiting.Add(job);
            if (_waiting.Count == 1)
            {
                _arrived.Set();
            }

            return AddResult.Added;
        }
    }

    /// <summary>Waits until something is there and exchanges it for the caller's empty list; false when closed and drained.</summary>
    public bool TakeAll(ref List<T> taken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count > 0)
                {
                    (taken, _waiting) = (_waiting, taken);
                    return true;
                }

                if (_closed)
                {
                    return false;
                }
            }

            _arrived.WaitOne();
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _arrived.Set();
        }
    }

    public void Dispose() => _arrived.Dispose();
}

internal enum AddResult
{
    Added,
    Full,
    Closed,
}
