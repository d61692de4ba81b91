using System.Collections.Concurrent;
using ClusterActors.Linux.Realtime;

namespace ClusterActors.Guardian.Storage;

/// <summary>
/// One thread that does what may block (disk), in order, out of the way of the control thread. The queue is bounded: a full one means the
/// disk has hung, and the caller must treat the work as failed.
/// </summary>
internal sealed class Worker : IDisposable
{
    private const int Capacity = 64;
    private readonly BlockingCollection<Action> _work = new(Capacity);
    private readonly RealtimeThread _thread;

    public Worker(string name, SchedulingPolicy policy, int priority)
    {
        _thread = new RealtimeThread(name, policy, priority, Run);
        _thread.Start();
    }

    /// <summary>False when too much waits already.</summary>
    public bool TryPost(Action work) => _work.TryAdd(work);

    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        foreach (Action work in _work.GetConsumingEnumerable())
            work();
    }
}
