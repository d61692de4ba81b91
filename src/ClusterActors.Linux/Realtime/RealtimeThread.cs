namespace ClusterActors.Linux.Realtime;

/// <summary>
/// A dedicated thread with a small stack and a scheduling class of its own. <see cref="Start"/> returns when the class has been set or
/// refused, so that the owner can report it before the first beat.
/// </summary>
public sealed class RealtimeThread
{
    /// <summary>With all memory locked each touched page of stack counts; beat loops need a few kilobytes.</summary>
    public const int StackBytes = 256 * 1024;

    private readonly Thread _thread;
    private readonly object _gate = new();
    private bool _prepared;
    private int _kernelThreadId;
    private int _error;

    /// <param name="name">At most 15 characters are shown by ps -L.</param>
    /// <param name="body">Runs on the thread; an exception that leaves it ends the process.</param>
    public RealtimeThread(string name, SchedulingPolicy policy, int priority, Action body)
    {
        ArgumentNullException.ThrowIfNull(body);
        _thread = new Thread(
            () =>
            {
                _kernelThreadId = Scheduling.CurrentThreadId();
                _error = Scheduling.TrySetThread(0, policy, priority);
                lock (_gate)
                {
                    _prepared = true;
                    Monitor.PulseAll(_gate);
                }

                body();
            },
            StackBytes)
        {
            Name = name,
            IsBackground = true,
        };
    }

    public int KernelThreadId => _kernelThreadId;

    /// <summary>0, or the errno with which the class was refused; the thread runs all the same, in the class of its maker.</summary>
    public int SchedulingError => _error;

    /// <summary>Starts the thread and waits until its class has been set or refused. Returns <see cref="SchedulingError"/>.</summary>
    public int Start()
    {
        _thread.Start();
        lock (_gate)
        {
            // Bounded by the start of a thread: nothing but two system calls comes before the pulse.
            while (!_prepared)
                Monitor.Wait(_gate);
        }

        return _error;
    }

    /// <summary>False when the thread still ran after the time.</summary>
    public bool Join(TimeSpan limit) => _thread.Join(limit);
}
