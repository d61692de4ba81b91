using ClusterActors.Persistence;
using ClusterActors.Persistence.InMemory;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Machine;

/// <summary>
/// The journal of a machine: the product's in-memory store behind a disk that takes time, may be full, and loses what was under way when the
/// power goes. Every change is remembered, so that an older copy can be put back.
/// </summary>
internal sealed class JournalDisk(World world, SimMachine machine)
{
    private const int Remembered = 4000;
    private readonly Chance _chance = world.ChanceFor($"journal {machine.Index}");
    private readonly List<Func<InMemoryStore, Task>> _history = [];
    private readonly Queue<Action> _underWay = new();
    private InMemoryStore _store = new();

    /// <summary>Operations that have not been answered.</summary>
    public int UnderWay => _underWay.Count;

    public void Replace()
    {
        _history.Clear();
        _store = new InMemoryStore();
    }

    /// <summary>An older copy is put back: everything from some instant on never happened.</summary>
    public void RollBack()
    {
        int kept = _chance.Next(_history.Count + 1);
        _history.RemoveRange(kept, _history.Count - kept);
        _store = new InMemoryStore();
        foreach (Func<InMemoryStore, Task> change in _history)
            _ = change(_store);
    }

    public void PowerLost() => ProcessEnded();

    /// <summary>What was under way is on the disk up to some operation.</summary>
    public void ProcessEnded()
    {
        while (_underWay.TryDequeue(out Action? operation) && _chance.Happens(0.5))
            operation();
        _underWay.Clear();
    }

    public SimJournal OpenFor(SimProcess daemon) => new(this, daemon);

    internal Task<T> Serve<T>(SimProcess daemon, bool isWrite, Func<InMemoryStore, Task<T>> operate)
    {
        var done = new TaskCompletionSource<T>();
        bool full = isWrite && machine.DiskTroubles.IsFull;
        _underWay.Enqueue(() =>
        {
            if (full)
            {
                done.TrySetException(new JournalException(JournalFault.Storage, "journal.db: no space left on device; free some"));
                return;
            }

            if (isWrite && _history.Count < Remembered)
                _history.Add(store => operate(store));
            Task<T> result = operate(_store);
            if (result.IsFaulted)
                done.TrySetException(result.Exception!.InnerException!);
            else
                done.TrySetResult(result.Result);
        });
        TimeSpan takes = TimeSpan.FromMicroseconds(_chance.Between(100, 4000)) + machine.DiskTroubles.ExtraDelay;
        daemon.PostAfter(takes, () =>
        {
            if (_underWay.TryDequeue(out Action? first))
                first();
        });
        return done.Task;
    }
}

/// <summary>The journal as one life of the daemon uses it.</summary>
internal sealed class SimJournal(JournalDisk disk, SimProcess daemon) : IJournal, ISnapshotStore
{
    public Task<WriterClaim> ClaimAsync(string persistenceId) => disk.Serve(daemon, true, s => s.ClaimAsync(persistenceId));

    public Task WriteAsync(string persistenceId, long epoch, IReadOnlyList<JournalEvent> events) =>
        disk.Serve(daemon, true, s => Done(s.WriteAsync(persistenceId, epoch, events)));

    public Task<EventPage> ReadAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, int max) =>
        disk.Serve(daemon, false, s => s.ReadAsync(persistenceId, fromSequenceNr, toSequenceNr, max));

    public Task DeleteToAsync(string persistenceId, long epoch, long toSequenceNr) =>
        disk.Serve(daemon, true, s => Done(s.DeleteToAsync(persistenceId, epoch, toSequenceNr)));

    public Task SaveAsync(string persistenceId, StoredSnapshot snapshot) => disk.Serve(daemon, true, s => Done(s.SaveAsync(persistenceId, snapshot)));

    public Task<SnapshotSelection> LoadAsync(string persistenceId, SnapshotCriteria criteria) =>
        disk.Serve(daemon, false, s => s.LoadAsync(persistenceId, criteria));

    public Task DeleteAsync(string persistenceId, SnapshotCriteria criteria) => disk.Serve(daemon, true, s => Done(s.DeleteAsync(persistenceId, criteria)));

    private static async Task<bool> Done(Task task)
    {
        await task.ConfigureAwait(false);
        return true;
    }
}
