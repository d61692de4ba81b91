using ClusterActors.Persistence.InMemory;

namespace ClusterActors.Persistence.Tests.Actors;

/// <summary>A journal whose answers to writes and reads a test can hold back and let go one by one.</summary>
internal sealed class ControlledJournal(InMemoryStore inner) : IJournal
{
    private readonly Queue<Action> _held = new();

    public bool HoldWrites { get; set; }

    public bool HoldClaims { get; set; }

    public int HeldCount => _held.Count;

    /// <summary>Sizes of all writes handed in, in order.</summary>
    public List<int> Writes { get; } = [];

    public void ReleaseOne() => _held.Dequeue()();

    public Task<WriterClaim> ClaimAsync(string persistenceId) => HoldClaims ? Hold(() => inner.ClaimAsync(persistenceId)) : inner.ClaimAsync(persistenceId);

    public Task WriteAsync(string persistenceId, long epoch, IReadOnlyList<JournalEvent> events)
    {
        Writes.Add(events.Count);
        return HoldWrites
            ? Hold(async () =>
            {
                await inner.WriteAsync(persistenceId, epoch, events);
                return true;
            })
            : inner.WriteAsync(persistenceId, epoch, events);
    }

    public Task<EventPage> ReadAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, int max) =>
        inner.ReadAsync(persistenceId, fromSequenceNr, toSequenceNr, max);

    public Task DeleteToAsync(string persistenceId, long epoch, long toSequenceNr) => inner.DeleteToAsync(persistenceId, epoch, toSequenceNr);

    private Task<T> Hold<T>(Func<Task<T>> action)
    {
        var done = new TaskCompletionSource<T>();
        _held.Enqueue(() =>
        {
            var task = action();
            if (task.IsCompletedSuccessfully)
            {
                done.SetResult(task.Result);
            }
            else
            {
                done.SetException(task.Exception!.InnerExceptions);
            }
        });
        return done.Task;
    }
}
