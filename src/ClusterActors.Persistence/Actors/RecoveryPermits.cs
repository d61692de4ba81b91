namespace ClusterActors.Persistence;

/// <summary>
/// Bounds how many recoveries run at once; the others wait in the order of asking. Completes its waiters on the thread that frees a
/// permit, without a hop over the thread pool, so that a simulation stays deterministic.
/// </summary>
internal sealed class RecoveryPermits(int count)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _free = count;

    public int Free
    {
        get
        {
            lock (_gate)
            {
                return _free;
            }
        }
    }

    /// <summary>Completes with the permit, or is cancelled without one.</summary>
    public async Task TakeAsync(CancellationToken giveUp)
    {
        giveUp.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> place;
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            place = _waiting.AddLast(new TaskCompletionSource());
        }

        using var registration = giveUp.Register(() => Leave(place, giveUp));
        await place.Value.Task;
    }

    public void Return()
    {
        TaskCompletionSource next;
        lock (_gate)
        {
            if (_waiting.First is not { } first)
            {
                _free++;
                return;
            }

            _waiting.RemoveFirst();
            next = first.Value;
        }

        next.SetResult();
    }

    private void Leave(LinkedListNode<TaskCompletionSource> place, CancellationToken giveUp)
    {
        lock (_gate)
        {
            if (place.List is null)
            {
                return; // The permit is already on its way; its receiver gives it back.
            }

            _waiting.Remove(place);
        }

        place.Value.SetCanceled(giveUp);
    }
}
