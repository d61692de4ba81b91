using System.Collections.Concurrent;
using ClusterActors.Linux.Sockets;

namespace ClusterActors.Guardian.Control;

/// <summary>
/// What other threads hand to the control thread. Its length is bounded by what those threads can have under way: one result for each bounded
/// command or job.
/// </summary>
internal sealed class ControlQueue : IDisposable
{
    private readonly ConcurrentQueue<Action> _items = new();
    private readonly EventFd _wake = new();

    public int FileDescriptor => _wake.FileDescriptor;

    public void Post(Action action)
    {
        _items.Enqueue(action);
        _wake.Signal();
    }

    /// <summary>Wakes the control thread without work; allocates nothing.</summary>
    public void Wake() => _wake.Signal();

    /// <summary>On the control thread: runs what has come.</summary>
    /// <param name="woken"><see cref="FileDescriptor"/> was found readable.</param>
    public void Run(bool woken = true)
    {
        if (woken)
            _wake.Take();
        while (_items.TryDequeue(out Action? action))
            action();
    }

    public void Dispose() => _wake.Dispose();
}
